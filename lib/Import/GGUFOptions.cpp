#include "GGUFOptions.h"

#include "seq/Import/Error.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace llvm;

namespace seqc::importer {

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

template <typename T> T GGUFOptions::take(Expected<T> value, T standIn) {
  if (value)
    return *value;
  fail(value.takeError());
  return standIn;
}

int64_t GGUFOptions::getInt(StringRef key, int64_t min, int64_t max) {
  used.insert(key);
  return take<int64_t>(file.getInt(prefix + key.str(), min, max), min);
}

int64_t GGUFOptions::getInt(StringRef key, int64_t min, int64_t max, int64_t absent) {
  return has(key) ? getInt(key, min, max) : absent;
}

double GGUFOptions::getFloat(StringRef key, double absent) {
  if (!has(key))
    return absent;
  used.insert(key);
  double value = take<double>(file.getFloat(prefix + key.str()), absent);
  if (std::isfinite(value))
    return value;
  fail(key, "it must be a finite number");
  return absent;
}

double GGUFOptions::getEps(StringRef key, double absent) {
  double eps = getFloat(key, absent);
  if (eps >= 0)
    return eps;
  fail(key, "it must be 0 or more");
  return absent;
}

std::string GGUFOptions::getString(StringRef key, StringRef absent) {
  if (!has(key))
    return absent.str();
  used.insert(key);
  return take<StringRef>(file.getString(prefix + key.str()), absent).str();
}

void GGUFOptions::ignore(ArrayRef<StringRef> keys) {
  for (StringRef key : keys)
    used.insert(key);
}

void GGUFOptions::fail(StringRef key, const Twine &message) {
  fail(makeError(file.path(), "key " + quoted(prefix + key.str()) + ": " + message));
}

void GGUFOptions::fail(Error error) {
  std::string message = toString(std::move(error));
  if (firstError.empty())
    firstError = std::move(message);
}

void GGUFOptions::checkAllUsed() {
  for (StringRef key : file.keys()) {
    StringRef name = key;
    if (name.consume_front(prefix) && !used.contains(name))
      fail(name, "an option that is not supported for this architecture");
  }
}

Error GGUFOptions::takeError() { return firstError.empty() ? Error::success() : createStringError(firstError); }

//===----------------------------------------------------------------------===//
// Rotary positions
//===----------------------------------------------------------------------===//

static void readYarn(GGUFOptions &options, Rotary &rotary, double factor) {
  Yarn yarn;
  yarn.factor = factor;
  int64_t context = options.getInt("context_length", 1, INT32_MAX);
  yarn.originalPositions = options.getInt("rope.scaling.original_context_length", 1, INT32_MAX, context);
  yarn.betaFast = options.getFloat("rope.scaling.yarn_beta_fast", 32.0);
  yarn.betaSlow = options.getFloat("rope.scaling.yarn_beta_slow", 1.0);
  if (yarn.betaSlow <= 0 || yarn.betaFast < yarn.betaSlow)
    options.fail("rope.scaling.yarn_beta_fast", "it must be at least yarn_beta_slow, and both positive");
  if (options.getFloat("rope.scaling.yarn_ext_factor", 1.0) != 1.0)
    options.fail("rope.scaling.yarn_ext_factor", "only 1 is supported");
  rotary.frequencies = yarnFrequencies(rotary, yarn);
  rotary.magnitude = yarnMagnitude(factor) * options.getFloat("rope.scaling.yarn_attn_factor", 1.0);
}

static void readScaling(GGUFOptions &options, Rotary &rotary) {
  // Files from before there were types of scaling have only a factor.
  double older = options.getFloat("rope.scale_linear", 1.0);
  double factor = options.getFloat("rope.scaling.factor", older);
  std::string type = options.getString("rope.scaling.type", factor == 1.0 ? "none" : "linear");
  // Whether the model was trained further after the scaling.
  options.ignore({"rope.scaling.finetuned"});
  // A factor of 0 is how some converters say that there is none.
  if (type == "none" || factor == 0)
    return;
  if (factor < 1)
    return options.fail("rope.scaling.factor", "it must be at least 1");
  rotary.magnitude = options.getFloat("rope.scaling.attn_factor", 1.0);
  if (type == "linear") {
    rotary.frequencies = plainFrequencies(rotary);
    for (double &frequency : rotary.frequencies)
      frequency /= factor;
    return;
  }
  if (type == "yarn") {
    double magnitude = rotary.magnitude;
    readYarn(options, rotary, factor);
    rotary.magnitude *= magnitude;
    return;
  }
  options.fail("rope.scaling.type", quoted(type) + " is not supported; none, linear and yarn are");
}

/// Llama 3 files hold what the frequencies are divided by.
static void readFactors(GGUFOptions &options, WeightSource &weights, Rotary &rotary) {
  if (!weights.find("rope_freqs.weight"))
    return;
  auto factors = weights.readValues("rope_freqs.weight", rotary.dims / 2);
  if (!factors)
    return options.fail(factors.takeError());
  if (llvm::any_of(*factors, [](double factor) { return !(factor > 0); }))
    return options.fail(makeError(weights.description(), "tensor 'rope_freqs.weight' must hold "
                                                         "positive numbers"));
  if (rotary.frequencies.empty())
    rotary.frequencies = plainFrequencies(rotary);
  for (auto [frequency, factor] : llvm::zip_equal(rotary.frequencies, *factors))
    frequency /= factor;
}

Rotary readRotary(GGUFOptions &options, WeightSource &weights, int64_t headDim) {
  Rotary rotary;
  rotary.base = options.getFloat("rope.freq_base", 10000.0);
  if (rotary.base <= 1) {
    options.fail("rope.freq_base", "it must be above 1");
    rotary.base = 10000.0;
  }
  rotary.dims = options.getInt("rope.dimension_count", 2, headDim, headDim);
  if (rotary.dims % 2 != 0) {
    options.fail("rope.dimension_count", "it must be even");
    rotary.dims = 2;
  }
  readScaling(options, rotary);
  readFactors(options, weights, rotary);
  return rotary;
}

} // namespace seqc::importer
