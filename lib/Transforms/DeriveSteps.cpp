//===- DeriveSteps.cpp - Make prefill and step from every forward ---------===//

#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "seq/Transforms/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQDERIVESTEPS
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;

namespace {

/// A state that a stateful clone takes: its type, and where in the callee it is used.
struct StateSlot {
  Type type;
  std::string name;
};

struct Variant {
  func::FuncOp function;
  SmallVector<StateSlot> states; ///< in the order of the trailing arguments
};

/// Ops of upstream dialects that are pointwise along every dimension that they keep.
bool isPointwise(Operation *op) {
  if (isa<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    return true;
  return isa<tensor::DimOp, tensor::CastOp, tensor::EmptyOp, tensor::ExtractSliceOp, tensor::ExpandShapeOp,
             tensor::CollapseShapeOp, func::ReturnOp, mlir::seqm::LoadOp, linalg::BroadcastOp, linalg::YieldOp>(op);
}

/// Clones functions into their stateful form, each once.
class Deriver {
public:
  explicit Deriver(ModuleOp module) : module(module), rewriter(module.getContext()) {}

  FailureOr<Variant> stateful(func::FuncOp function, StringRef suffix) {
    auto known = variants.find(function);
    if (known != variants.end())
      return known->second;
    rewriter.setInsertionPointAfter(function);
    auto clone = cast<func::FuncOp>(rewriter.clone(*function));
    clone.setName((function.getSymName() + suffix).str());
    Variant variant{clone, {}};
    SmallVector<Value> results;
    unsigned calls = 0;
    SmallVector<Operation *> ops;
    clone.walk([&](Operation *op) { ops.push_back(op); });
    for (Operation *op : ops)
      if (failed(threadThrough(op, suffix, variant, results, calls)))
        return failure();
    auto ret = cast<func::ReturnOp>(clone.getBody().back().getTerminator());
    ret.getOperandsMutable().append(results);
    clone.setType(FunctionType::get(module.getContext(), clone.getBody().getArgumentTypes(), ret.getOperandTypes()));
    return variants[function] = variant;
  }

private:
  LogicalResult threadThrough(Operation *op, StringRef suffix, Variant &variant, SmallVector<Value> &results,
                              unsigned &calls) {
    if (auto call = dyn_cast<func::CallOp>(op))
      return threadCall(call, suffix, variant, results, calls++);
    if (auto carrying = dyn_cast<TimeInterface>(op)) {
      SmallVector<Type> types = carrying.getCarriedStates();
      if (types.empty())
        return success();
      if (!carrying.getGivenStates().empty())
        return op->emitOpError("is given states already: derivation starts from functions over whole sequences");
      std::string base = op->getName().stripDialect().str();
      SmallVector<Value> states;
      for (auto [i, type] : llvm::enumerate(types))
        states.push_back(addState(variant, type, nameOf(variant, base)));
      llvm::append_range(results, carrying.threadStates(rewriter, states));
      return success();
    }
    if (isa<func::FuncOp>(op) || isPointwise(op) || op->getParentOfType<linalg::LinalgOp>())
      return success();
    if (auto generic = dyn_cast<linalg::LinalgOp>(op); generic && generic.getNumParallelLoops() == generic.getNumLoops())
      return success();
    return op->emitOpError("can not be stepped: it does not say what it carries along time (TimeInterface)");
  }

  /// "attention", then "attention.1", … within one function.
  static std::string nameOf(Variant &variant, const std::string &base) {
    auto taken = [&](const std::string &name) {
      return llvm::any_of(variant.states, [&](StateSlot &slot) { return slot.name == name; });
    };
    std::string name = base;
    for (unsigned i = 1; taken(name); ++i)
      name = base + "." + std::to_string(i);
    return name;
  }

  Value addState(Variant &variant, Type type, std::string name) {
    func::FuncOp function = variant.function;
    BlockArgument argument = function.getBody().front().addArgument(type, function.getLoc());
    variant.states.push_back({type, std::move(name)});
    return argument;
  }

  LogicalResult threadCall(func::CallOp call, StringRef suffix, Variant &variant, SmallVector<Value> &results,
                           unsigned number) {
    auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
    if (!callee || callee.isExternal())
      return call.emitOpError("calls a function without a body");
    FailureOr<Variant> inner = stateful(callee, suffix);
    if (failed(inner))
      return failure();
    SmallVector<Value> operands(call.getOperands());
    for (const StateSlot &slot : inner->states)
      operands.push_back(addState(variant, slot.type, "layers." + std::to_string(number) + "." + slot.name));
    rewriter.setInsertionPoint(call);
    auto stepped = func::CallOp::create(rewriter, call.getLoc(), inner->function, operands);
    unsigned plain = call.getNumResults();
    rewriter.replaceOp(call, stepped.getResults().take_front(plain));
    llvm::append_range(results, stepped.getResults().drop_front(plain));
    return success();
  }

  ModuleOp module;
  IRRewriter rewriter;
  llvm::DenseMap<func::FuncOp, Variant> variants;
};

bool runsOverTime(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() >= 2 && tensor.isDynamicDim(1);
}

/// Reduces results that run over time to their last position, without that dimension.
void returnLastPosition(func::FuncOp function) {
  auto ret = cast<func::ReturnOp>(function.getBody().back().getTerminator());
  OpBuilder builder(ret);
  for (OpOperand &operand : ret->getOpOperands()) {
    if (!runsOverTime(operand.get().getType()))
      continue;
    Value last = LastOp::create(builder, ret.getLoc(), operand.get());
    auto type = cast<RankedTensorType>(last.getType());
    SmallVector<ReassociationIndices> groups{{0, 1}};
    for (int64_t d = 2; d < type.getRank(); ++d)
      groups.push_back({d});
    operand.set(tensor::CollapseShapeOp::create(builder, ret.getLoc(), last, groups));
  }
  function.setType(FunctionType::get(function.getContext(), function.getArgumentTypes(), ret.getOperandTypes()));
}

/// Makes time 1 in every type of a function.
void setTimeToOne(func::FuncOp function) {
  auto one = [](Type type) -> Type {
    if (!runsOverTime(type))
      return type;
    auto tensor = cast<RankedTensorType>(type);
    SmallVector<int64_t> shape(tensor.getShape());
    shape[1] = 1;
    return RankedTensorType::get(shape, tensor.getElementType());
  };
  function.walk([&](Operation *op) {
    for (Value result : op->getResults())
      result.setType(one(result.getType()));
  });
  for (BlockArgument argument : function.getArguments())
    argument.setType(one(argument.getType()));
  auto ret = cast<func::ReturnOp>(function.getBody().back().getTerminator());
  function.setType(
      FunctionType::get(function.getContext(), function.getBody().getArgumentTypes(), ret.getOperandTypes()));
}

struct SeqDeriveSteps : seqc::impl::SeqDeriveStepsBase<SeqDeriveSteps> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<mlir::seqm::ExportOp> forwards;
    for (auto exported : module.getOps<mlir::seqm::ExportOp>())
      if (exported.getKind() == "forward")
        forwards.push_back(exported);
    for (auto exported : forwards)
      if (failed(derive(module, exported, "prefill", "_prefill", false)) ||
          failed(derive(module, exported, "step", "_step", true)))
        return signalPassFailure();
  }

  static LogicalResult derive(ModuleOp module, mlir::seqm::ExportOp exported, StringRef kind, StringRef suffix,
                              bool oneToken) {
    auto forward = module.lookupSymbol<func::FuncOp>(exported.getFunction());
    if (llvm::none_of(forward.getArgumentTypes(), runsOverTime))
      return success(); // no sequences, no steps
    Deriver deriver(module);
    llvm::DenseSet<Operation *> before;
    for (auto function : module.getOps<func::FuncOp>())
      before.insert(function);
    FailureOr<Variant> variant = deriver.stateful(forward, suffix);
    if (failed(variant))
      return failure();
    func::FuncOp function = variant->function;
    unsigned firstState = function.getNumArguments() - variant->states.size();
    for (auto [i, slot] : llvm::enumerate(variant->states))
      function.setArgAttr(firstState + i, "seqm.name", StringAttr::get(module.getContext(), slot.name));
    returnLastPosition(function);
    if (oneToken)
      for (auto clone : module.getOps<func::FuncOp>())
        if (!before.contains(clone))
          setTimeToOne(clone);
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    builder.setInsertionPointAfter(exported);
    std::string name = exported.getName() == "forward" ? kind.str() : (exported.getName() + "_" + kind).str();
    mlir::seqm::ExportOp::create(builder, exported.getLoc(), name, function.getSymName(), kind,
                                 exported.getArgumentNames(), exported.getResultNames());
    return success();
  }
};

} // namespace
