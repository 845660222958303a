//===- Oracle.cpp - What a program should give, and how exactly -----------===//

#include "Oracle.h"
#include "dialects/Module/Module.h"
#include "dialects/Seq/Seq.h"
#include "seq/Reference/Interpreter.h"
#include "seq/Support/Random.h"
#include "llvm/Support/xxhash.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace seqc::fuzz;
using namespace seqc::reference;

std::optional<Element> seqc::fuzz::elementOf(Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << getElementTypeOrSelf(type);
  for (Element element :
       {Element::F32, Element::F16, Element::BF16, Element::F64, Element::I1, Element::I32, Element::I64})
    if (name == elementName(element))
      return element;
  return std::nullopt;
}

namespace {

constexpr int kSamples = 6;

class Consultation {
public:
  Consultation(ModuleOp module, const Program &program, ArrayRef<Tensor> arguments)
      : module(module), program(program), arguments(arguments) {}

  std::optional<std::vector<Expected>> run() {
    auto exact = call(0);
    if (!exact)
      return std::nullopt;
    std::vector<Expected> results;
    for (const Tensor &tensor : *exact)
      results.push_back({tensor, std::vector<double>(tensor.isReal() ? tensor.size() : 0)});
    for (int sample = 1; sample <= kSamples; ++sample) {
      auto noisy = call(sample);
      for (auto [i, result] : llvm::enumerate(results))
        addSpread(result, noisy ? &(*noisy)[i] : nullptr);
    }
    for (auto [result, type] : llvm::zip_equal(results, forward().getResultTypes()))
      finish(result, elementOf(type).value_or(Element::F32));
    return results;
  }

private:
  func::FuncOp forward() { return module.lookupSymbol<func::FuncOp>("forward"); }

  /// Sample 0 is exact.
  std::optional<std::vector<Tensor>> call(int sample) {
    OwningOpRef<ModuleOp> copy;
    ModuleOp called = module;
    if (sample) {
      copy = module.clone();
      called = *copy;
      perturbDecays(called, sample);
    }
    Interpreter interpreter(called);
    std::vector<Datum> data;
    constexpr double size = 0x1p-24;
    for (auto [i, argument] : llvm::enumerate(arguments))
      data.push_back(
          asDatum(sample ? perturbed(argument, program.arguments[i].values, size, seedOf(sample) + i) : argument));
    for (const auto &[name, value] : parameters)
      interpreter.parameters[called.lookupSymbol(name)] =
          asDatum(perturbed(*std::get<std::shared_ptr<const Tensor>>(value), valuesOf(name), size,
                            seedOf(sample) ^ llvm::xxh3_64bits(name)));
    if (sample)
      perturbIntermediates(called, sample, data);
    auto results = interpreter.call(called.lookupSymbol<func::FuncOp>("forward"), data);
    if (failed(results))
      return std::nullopt;
    if (sample == 0)
      for (auto &[parameter, value] : interpreter.parameters)
        parameters.push_back({cast<seqm::ParameterOp>(parameter).getSymName().str(), value});
    std::vector<Tensor> tensors;
    for (const Datum &datum : *results)
      tensors.push_back(*std::get<std::shared_ptr<const Tensor>>(datum));
    return tensors;
  }

  uint64_t seedOf(int sample) const { return seqc::splitMix64(program.seed, 1000 * sample); }

  /// Results of ops between others are rounded to their types: multiplies each by an argument of its own that is
  /// about 1.
  void perturbIntermediates(ModuleOp copy, int sample, std::vector<Datum> &data) {
    auto function = copy.lookupSymbol<func::FuncOp>("forward");
    Block &block = function.getBody().front();
    SmallVector<Value> values;
    for (Operation &op : block)
      if (!isa<seqm::LoadOp, mlir::seq::SplitHeadsOp, mlir::seq::MergeHeadsOp, mlir::seq::LastOp>(op))
        llvm::append_range(values, op.getResults());
    for (Value value : values) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      auto element = type ? elementOf(type) : std::nullopt;
      if (!element || !isReal(*element))
        continue;
      Tensor::Shape shape(type.getShape());
      for (auto [d, extent] : llvm::enumerate(shape))
        if (ShapedType::isDynamic(extent))
          extent = d == 0 ? program.batch : program.time;
      OpBuilder builder(copy.getContext());
      builder.setInsertionPointAfterValue(value);
      BlockArgument factor = block.addArgument(type, value.getLoc());
      auto product = arith::MulFOp::create(builder, value.getLoc(), value, factor);
      value.replaceUsesWithIf(
          product, [&](OpOperand &use) { return use.getOwner() != product && !isa<func::ReturnOp>(use.getOwner()); });
      data.push_back(asDatum(perturbed(Tensor::reals(shape, 1), {}, std::max(unitRoundoff(*element), 0x1p-24),
                                       seedOf(sample) + 1000 + data.size())));
    }
    function.setType(
        FunctionType::get(copy.getContext(), block.getArgumentTypes(), block.getTerminator()->getOperandTypes()));
  }

  /// Decays that are attributes are rounded too.
  void perturbDecays(ModuleOp copy, int sample) {
    copy.walk([&](mlir::seq::RetentionOp retention) {
      Tensor decays = Tensor::reals({static_cast<int64_t>(retention.getLogDecays().size())});
      llvm::copy(retention.getLogDecays(), decays.reals().begin());
      constexpr double lowest = -std::numeric_limits<double>::infinity();
      decays = perturbed(decays, {Values::Decay, lowest}, 0x1p-24, seedOf(sample) + 100);
      retention.setLogDecay(decays.reals());
    });
  }

  Values valuesOf(StringRef name) const {
    for (const Parameter &parameter : program.parameters)
      if (parameter.name == name)
        return parameter.values;
    return {};
  }

  /// Widens tolerances by what a sample (null: one that failed) differs by.
  static void addSpread(Expected &result, const Tensor *noisy) {
    for (auto [i, tolerance] : llvm::enumerate(result.tolerance)) {
      double exact = result.value.reals()[i], other = noisy ? noisy->reals()[i] : exact;
      double spread = exact == other || (std::isnan(exact) && std::isnan(other)) ? 0 : std::abs(exact - other);
      tolerance = !noisy || std::isnan(spread) ? std::numeric_limits<double>::infinity() : std::max(tolerance, spread);
    }
  }

  /// Above this a result, or what is computed on the way to it, may be infinite.
  static double largest(Element element) { return element == Element::F16 ? 6e4 : 1e30; }

  void finish(Expected &result, Element element) {
    if (!result.value.isReal())
      return;
    int64_t width = result.value.rank() > 2 ? result.value.shape().back() : 1;
    double depth = 4 + 0.25 * static_cast<double>(program.time) + program.relativeSlack;
    double smallest = element == Element::F16 ? 0x1p-24 : element == Element::F64 ? 1e-300 : 0x1p-126;
    for (int64_t begin = 0; begin < result.value.size(); begin += width) {
      double spread = 0, magnitude = 0;
      for (int64_t i = begin; i < begin + width; ++i) {
        spread = std::max(spread, result.tolerance[i]);
        double size = std::abs(result.value.reals()[i]);
        magnitude = std::isfinite(size) ? std::max(magnitude, size) : magnitude;
      }
      for (int64_t i = begin; i < begin + width; ++i) {
        double own = std::abs(result.value.reals()[i]);
        double tolerance = 8 * spread + 0x1p-24 * (depth * magnitude + program.absoluteSlack) + smallest;
        if (std::isfinite(own))
          tolerance += unitRoundoff(element) * own;
        bool isVague = tolerance > std::max(0.02, 64 * unitRoundoff(element)) * magnitude + smallest ||
                       magnitude > largest(element);
        result.tolerance[i] = isVague ? std::numeric_limits<double>::infinity() : tolerance;
      }
    }
  }

  ModuleOp module;
  const Program &program;
  ArrayRef<Tensor> arguments;
  std::vector<std::pair<std::string, Datum>> parameters; ///< as the exact run loaded them
};

} // namespace

std::optional<std::vector<Expected>> seqc::fuzz::consultOracle(ModuleOp module, const Program &program,
                                                               ArrayRef<Tensor> arguments) {
  return Consultation(module, program, arguments).run();
}
