#include "seq/Import/Rotary.h"

#include "seq/Import/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace llvm;

namespace seqc::importer {

std::vector<double> plainFrequencies(const Rotary &rotary) {
  std::vector<double> result((rotary.dims + 1) / 2);
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = std::pow(rotary.base, -2.0 * i / rotary.dims);
  return result;
}

/// The pair (a real number) that turns `rotations` times over the trained
/// length.
static double pairOfRotations(double rotations, const Rotary &rotary, const Yarn &yarn) {
  double length = yarn.originalPositions / (rotations * 2 * std::numbers::pi);
  return rotary.dims * std::log(length) / (2 * std::log(rotary.base));
}

std::vector<double> yarnFrequencies(const Rotary &rotary, const Yarn &yarn) {
  double low = pairOfRotations(yarn.betaFast, rotary, yarn);
  double high = pairOfRotations(yarn.betaSlow, rotary, yarn);
  if (yarn.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(rotary.dims - 1));
  if (low == high)
    high += 0.001; // a step instead of a division by zero

  std::vector<double> result = plainFrequencies(rotary);
  for (size_t i = 0; i < result.size(); ++i) {
    double scaled = std::clamp((i - low) / (high - low), 0.0, 1.0);
    result[i] *= scaled / yarn.factor + (1 - scaled);
  }
  return result;
}

double yarnMagnitude(double factor, double mscale) { return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0; }

namespace {
/// Reads one kind of scaling after the other.
class RotaryReader {
public:
  RotaryReader(Config &config, int64_t headDim, int64_t context, double part)
      : config(config), headDim(headDim), context(context), part(part) {}

  Rotary run();

private:
  void readBase();
  void readDims();
  void roundDims();
  void readScaling(StringRef type);
  void readLinear();
  void readDynamic();
  void readYarn();
  void readLongRope();
  void readLlama3();
  int64_t readOriginalPositions();
  double readFactor(double least);

  Config &config;
  Config *options = nullptr; ///< the nested object; null if there is none
  int64_t headDim;
  int64_t context;
  double part; ///< of a head that rotates
  int64_t maxPositions = 0;
  Rotary rotary;
};
} // namespace

Rotary RotaryReader::run() {
  maxPositions = config.getInt("max_position_embeddings", 1, INT32_MAX);
  options = config.getObject(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  readBase();
  readDims();
  if (options) {
    // Some files have the older spelling beside the newer one.
    std::string older = options->getString("type", "default");
    std::string type = options->getString("rope_type", older);
    readScaling(type);
  }
  roundDims();
  return rotary;
}

/// The angles of an odd number of channels are those of that number; then one channel
/// more turns, which completes the last pair.
void RotaryReader::roundDims() {
  if (rotary.dims % 2 == 0)
    return;
  if (rotary.frequencies.empty())
    rotary.frequencies = plainFrequencies(rotary);
  ++rotary.dims;
}

void RotaryReader::readBase() {
  double outer = config.getFloat("rope_theta", 10000.0);
  rotary.base = options ? options->getFloat("rope_theta", outer) : outer;
  if (rotary.base <= 1) {
    (options && options->has("rope_theta") ? *options : config).fail("rope_theta", "but must be above 1");
    rotary.base = 10000.0;
  }
}

void RotaryReader::readDims() {
  part = config.getFloat("partial_rotary_factor", part);
  if (options)
    part = options->getFloat("partial_rotary_factor", part);
  rotary.dims = part > 0 && part <= 1 ? static_cast<int64_t>(headDim * part) : 0;
  if (rotary.dims >= 1 && llvm::alignTo(rotary.dims, 2) <= static_cast<uint64_t>(headDim))
    return;
  Config &where = options && options->has("partial_rotary_factor") ? *options : config;
  where.fail("partial_rotary_factor",
             "but the rotated part of heads of " + Twine(headDim) + " channels must be a positive number of pairs");
  rotary.dims = 2;
}

void RotaryReader::readScaling(StringRef type) {
  if (type == "default")
    return;
  if (type == "linear")
    return readLinear();
  if (type == "dynamic")
    return readDynamic();
  if (type == "yarn")
    return readYarn();
  if (type == "longrope" || type == "su")
    return readLongRope();
  if (type == "llama3")
    return readLlama3();
  options->fail(options->has("rope_type") ? "rope_type" : "type",
                "which is not supported; default, linear, dynamic, yarn, "
                "longrope and llama3 are");
}

double RotaryReader::readFactor(double least) {
  double factor = options->getFloat("factor");
  if (factor >= least)
    return factor;
  options->fail("factor", "but must be at least " + formatv("{0}", least).str());
  return least;
}

int64_t RotaryReader::readOriginalPositions() {
  constexpr StringLiteral key = "original_max_position_embeddings";
  int64_t outer = config.getInt(key, 2, INT32_MAX, maxPositions);
  return options->getInt(key, 2, INT32_MAX, outer);
}

void RotaryReader::readLinear() {
  double factor = readFactor(1);
  rotary.frequencies = plainFrequencies(rotary);
  for (double &frequency : rotary.frequencies)
    frequency /= factor;
}

void RotaryReader::readDynamic() {
  readFactor(1);
  int64_t original = readOriginalPositions();
  if (context > original)
    config.fail("max_position_embeddings", "but dynamic rotary scaling is only supported up to the "
                                           "trained length of " +
                                               Twine(original) + "; compile with --max-context=" + Twine(original));
}

void RotaryReader::readYarn() {
  Yarn yarn;
  yarn.originalPositions = readOriginalPositions();
  yarn.factor = options->has("factor") ? readFactor(1) : static_cast<double>(maxPositions) / yarn.originalPositions;
  yarn.betaFast = options->getFloat("beta_fast", 32.0);
  yarn.betaSlow = options->getFloat("beta_slow", 1.0);
  yarn.truncate = options->getBool("truncate", true);
  if (yarn.betaSlow <= 0 || yarn.betaFast < yarn.betaSlow)
    options->fail("beta_fast", "but must be at least beta_slow, and both "
                               "positive");
  rotary.frequencies = yarnFrequencies(rotary, yarn);

  double mscale = options->getFloat("mscale", 0.0);
  double allDim = options->getFloat("mscale_all_dim", 0.0);
  double magnitude = mscale != 0 && allDim != 0
                         ? yarnMagnitude(yarn.factor, mscale) / yarnMagnitude(yarn.factor, allDim)
                         : yarnMagnitude(yarn.factor);
  rotary.magnitude = options->getFloat("attention_factor", magnitude);
}

void RotaryReader::readLongRope() {
  int64_t original = readOriginalPositions();
  double factor = options->getFloat("factor", static_cast<double>(maxPositions) / original);
  double magnitude = factor <= 1 ? 1.0 : std::sqrt(1 + std::log(factor) / std::log(static_cast<double>(original)));
  rotary.magnitude = options->getFloat("attention_factor", magnitude);

  std::vector<double> shortFactors = options->getFloats("short_factor");
  std::vector<double> longFactors = options->getFloats("long_factor");
  bool isLong = context > original;
  const std::vector<double> &factors = isLong ? longFactors : shortFactors;
  rotary.frequencies = plainFrequencies(rotary);
  if (factors.size() != rotary.frequencies.size() || llvm::any_of(factors, [](double f) { return f <= 0; })) {
    options->fail(isLong ? "long_factor" : "short_factor", "but must hold a positive number for each of the " +
                                                               Twine(rotary.frequencies.size()) + " rotated pairs");
    return;
  }
  for (size_t i = 0; i < factors.size(); ++i)
    rotary.frequencies[i] /= factors[i];
}

void RotaryReader::readLlama3() {
  double factor = readFactor(1);
  double lowFactor = options->getFloat("low_freq_factor");
  double highFactor = options->getFloat("high_freq_factor");
  int64_t original = readOriginalPositions();
  if (lowFactor <= 0 || highFactor <= lowFactor) {
    options->fail("high_freq_factor", "but must be above low_freq_factor, and both positive");
    return;
  }
  rotary.frequencies = plainFrequencies(rotary);
  for (double &frequency : rotary.frequencies) {
    // How often the pair turns over the trained length decides.
    double turns = original * frequency / (2 * std::numbers::pi);
    double kept = std::clamp((turns - lowFactor) / (highFactor - lowFactor), 0.0, 1.0);
    frequency *= (1 - kept) / factor + kept;
  }
}

Rotary readRotary(Config &config, int64_t headDim, int64_t context, double part) {
  return RotaryReader(config, headDim, context, part).run();
}

} // namespace seqc::importer
