//===- Mutation.cpp - Programs that break rules ---------------------------===//

#include "Mutation.h"
#include "dialects/Module/Module.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "seq/Support/Random.h"
#include "llvm/ADT/TypeSwitch.h"
#include <limits>

using namespace mlir;

namespace {

/// The numbers that decide, one after the other.
struct Numbers {
  uint64_t seed;
  uint64_t next = 0;

  uint32_t below(size_t count) {
    return static_cast<uint32_t>(seqc::splitMix64(seed, next++) % std::max<size_t>(count, 1));
  }
  template <typename Range> auto oneOf(const Range &values) { return *(values.begin() + below(values.size())); }
  template <typename T> T oneOf(std::initializer_list<T> values) { return values.begin()[below(values.size())]; }
};

class Mutator {
public:
  Mutator(ModuleOp module, uint64_t seed, std::string &what)
      : module(module), function(module.lookupSymbol<func::FuncOp>("forward")), numbers{seed}, what(what) {}

  LogicalResult run() {
    SmallVector<Operation *> ops;
    for (Operation &op : function.getBody().front())
      if (isa<seq::SeqDialect>(op.getDialect()))
        ops.push_back(&op);
    Operation *op = ops.empty() ? &function.getBody().front().front() : numbers.oneOf(ops);
    switch (ops.empty() ? 4 : numbers.below(6)) {
    case 0:
    case 1:
      changeAttribute(op);
      break;
    case 2:
      replaceOperand(op);
      break;
    case 3:
      dropOperand(op);
      break;
    case 4:
      changeArgument();
      break;
    default:
      changeParameter();
    }
    return inferTypes();
  }

private:
  //--- Attributes

  void changeAttribute(Operation *op) {
    SmallVector<StringAttr> names;
    for (StringAttr name : op->getRegisteredInfo()->getAttributeNames())
      if (name != "operandSegmentSizes" && name != "resultSegmentSizes")
        names.push_back(name);
    if (names.empty())
      return changeArgument();
    StringAttr name = numbers.oneOf(names);
    Attribute old = op->getInherentAttr(name).value_or(Attribute()), changed = changedAttribute(old);
    what = ("attribute " + name.getValue() + " of " + op->getName().getStringRef()).str();
    op->setAttr(name, changed ? changed : UnitAttr::get(op->getContext()));
    if (old && !changed)
      op->removeAttr(name);
  }

  /// Null: remove it (a parser gives default values to all others).
  Attribute changedAttribute(Attribute old) {
    if (!old || isa<UnitAttr>(old))
      return {};
    constexpr int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    MLIRContext *context = old.getContext();
    auto reals = {0.0, -1.0, 1e-30, 1e300, infinity, -infinity, std::numeric_limits<double>::quiet_NaN()};
    return llvm::TypeSwitch<Attribute, Attribute>(old)
        .Case([&](IntegerAttr integer) -> Attribute {
          int64_t value = integer.getInt();
          return IntegerAttr::get(integer.getType(), numbers.oneOf({int64_t{-1}, int64_t{0}, int64_t{1}, value + 1,
                                                                    value - 1, 2 * value, least, most, most / 4}));
        })
        .Case([&](FloatAttr real) -> Attribute { return FloatAttr::get(real.getType(), numbers.oneOf(reals)); })
        .Case([&](DenseF64ArrayAttr array) -> Attribute {
          SmallVector<double> values(array.asArrayRef());
          if (numbers.below(2) == 0)
            values.push_back(1);
          else if (!values.empty())
            values.back() = numbers.oneOf(reals);
          return DenseF64ArrayAttr::get(context, values);
        })
        .Case([&](seq::FormAttr) { return seq::FormAttr::get(context, static_cast<seq::Form>(numbers.below(4))); })
        .Case([&](seq::DecayAttr) { return seq::DecayAttr::get(context, static_cast<seq::Decay>(numbers.below(5))); })
        .Case(
            [&](seq::UpdateAttr) { return seq::UpdateAttr::get(context, static_cast<seq::Update>(numbers.below(3))); })
        .Case([&](seq::ReadAttr) { return seq::ReadAttr::get(context, static_cast<seq::Read>(numbers.below(2))); })
        .Case([&](seq::NormaliserAttr) {
          return seq::NormaliserAttr::get(context, static_cast<seq::Normaliser>(numbers.below(3)));
        })
        .Case([&](seq::ActivationAttr) {
          return seq::ActivationAttr::get(context, static_cast<seq::Activation>(numbers.below(9)));
        })
        .Case([&](seq::EpsModeAttr) {
          return seq::EpsModeAttr::get(context, static_cast<seq::EpsMode>(numbers.below(2)));
        })
        .Case([&](seq::RotaryLayoutAttr) {
          return seq::RotaryLayoutAttr::get(context, static_cast<seq::RotaryLayout>(numbers.below(2)));
        })
        .Default(old);
  }

  //--- Operands

  void replaceOperand(Operation *op) {
    if (op->getNumOperands() == 0)
      return;
    SmallVector<Value> values(function.getArguments());
    for (Operation &other : function.getBody().front()) {
      if (&other == op)
        break;
      llvm::append_range(values, other.getResults());
    }
    uint32_t at = numbers.below(op->getNumOperands());
    what = "operand " + std::to_string(at) + " of " + op->getName().getStringRef().str();
    op->setOperand(at, numbers.oneOf(values));
  }

  /// Operands that every op of this kind has. The verifiers that MLIR generates do not count these beside optional
  /// ones: no text in the op's own syntax is without them.
  static uint32_t requiredOperands(Operation *op) {
    return llvm::TypeSwitch<Operation *, uint32_t>(op)
        .Case<seq::StateMixOp, seq::RetentionOp>([](Operation *) { return 3; })
        .Case([](seq::SelectiveScanOp) { return 5; })
        .Case<seq::ScanOp, seq::ConvOp>([](Operation *) { return 2; })
        .Default(1u);
  }

  void dropOperand(Operation *op) {
    auto sizes = dyn_cast_or_null<DenseI32ArrayAttr>(op->getInherentAttr("operandSegmentSizes").value_or(Attribute()));
    uint32_t required = requiredOperands(op);
    if (!sizes || op->getNumOperands() <= required)
      return replaceOperand(op);
    uint32_t at = required + numbers.below(op->getNumOperands() - required);
    what = "no operand " + std::to_string(at) + " of " + op->getName().getStringRef().str();
    SmallVector<int32_t> changed(sizes.asArrayRef());
    int32_t end = 0;
    for (int32_t &size : changed) {
      end += size;
      if (end > static_cast<int32_t>(at)) {
        --size;
        break;
      }
    }
    op->eraseOperand(at);
    op->setAttr("operandSegmentSizes", DenseI32ArrayAttr::get(op->getContext(), changed));
  }

  //--- Types

  RankedTensorType changedType(RankedTensorType type) {
    SmallVector<int64_t> shape(type.getShape());
    Type element = type.getElementType();
    MLIRContext *context = type.getContext();
    size_t at = numbers.below(shape.size());
    switch (shape.empty() ? 4 : numbers.below(6)) {
    case 0:
      shape[at] += ShapedType::isDynamic(shape[at]) ? 0 : 1;
      break;
    case 1:
      shape[at] = numbers.oneOf<int64_t>({ShapedType::kDynamic, 0, 1, 2});
      break;
    case 2:
      shape.erase(shape.begin() + at);
      break;
    case 3:
      shape.insert(shape.begin() + at, 2);
      break;
    default:
      element = numbers.oneOf<Type>({Float64Type::get(context), Float16Type::get(context), BFloat16Type::get(context),
                                     Float32Type::get(context), IntegerType::get(context, 32),
                                     IntegerType::get(context, 64), IntegerType::get(context, 1)});
    }
    return RankedTensorType::get(shape, element);
  }

  void changeArgument() {
    if (function.getNumArguments() == 0)
      return;
    BlockArgument argument = numbers.oneOf(function.getArguments());
    auto type = changedType(cast<RankedTensorType>(argument.getType()));
    llvm::raw_string_ostream(what) << "argument " << argument.getArgNumber() << " of type " << type;
    argument.setType(type);
  }

  void changeParameter() {
    SmallVector<seqm::LoadOp> loads(function.getOps<seqm::LoadOp>());
    if (loads.empty())
      return changeArgument();
    seqm::LoadOp load = numbers.oneOf(loads);
    auto parameter = module.lookupSymbol<seqm::ParameterOp>(load.getParameter());
    auto type = changedType(parameter.getTensorType());
    llvm::raw_string_ostream(what) << "parameter @" << parameter.getSymName() << " of type " << type;
    MLIRContext *context = module.getContext();
    parameter.setType(type);
    parameter.setSourceAttr(
        seqm::NormalAttr::get(context, numbers.below(1000), FloatAttr::get(Float64Type::get(context), 0.5)));
    load.getValue().setType(type);
  }

  LogicalResult inferTypes() {
    Block &block = function.getBody().front();
    for (Operation &op : block) {
      auto inferring = dyn_cast<InferTypeOpInterface>(op);
      if (!inferring)
        continue;
      SmallVector<Type> types;
      if (failed(inferring.inferReturnTypes(op.getContext(), op.getLoc(), op.getOperands(), op.getAttrDictionary(),
                                            op.getPropertiesStorage(), op.getRegions(), types)))
        return failure();
      if (types.size() != op.getNumResults())
        continue;
      for (auto [result, type] : llvm::zip_equal(op.getResults(), types))
        result.setType(type);
    }
    function.setType(
        FunctionType::get(module.getContext(), block.getArgumentTypes(), block.getTerminator()->getOperandTypes()));
    return success();
  }

  ModuleOp module;
  func::FuncOp function;
  Numbers numbers;
  std::string &what;
};

} // namespace

LogicalResult seqc::fuzz::mutate(ModuleOp module, uint64_t seed, std::string &what) {
  return Mutator(module, seed, what).run();
}

/// Twice the result of an op.
static void doubleResult(Operation *op) {
  Value result = op->getResult(0);
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  Value other = isa<FloatType>(getElementTypeOrSelf(result.getType()))
                    ? arith::AddFOp::create(builder, op->getLoc(), result, result).getResult()
                    : arith::AddIOp::create(builder, op->getLoc(), result, result).getResult();
  result.replaceAllUsesExcept(other, other.getDefiningOp());
}

void seqc::fuzz::breakMeaning(ModuleOp module, double factor) {
  for (auto function : module.getOps<func::FuncOp>()) {
    Operation *last = nullptr;
    for (Operation &op : function.getBody().front())
      if (isa<seq::SeqDialect>(op.getDialect()))
        last = &op;
    if (!last)
      continue;
    auto scale = dyn_cast_or_null<FloatAttr>(last->getInherentAttr("scale").value_or(Attribute()));
    if (scale && scale.getValueAsDouble() != 0)
      last->setAttr("scale", FloatAttr::get(scale.getType(), scale.getValueAsDouble() * factor));
    else
      doubleResult(last);
  }
}
