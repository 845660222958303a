//===- DeriveSteps.cpp - Make prefill and step from every forward ---------===//
//
// The stateful form of a function is a clone in which every op that carries something
// along time starts from a state that arrives as an argument and leaves as a result. A
// layer that is called 30 times has one clone and 30 sets of states.
//
//===----------------------------------------------------------------------===//

#include "OnePosition.h"
#include "dialects/Module/Module.h"
#include "seq/Transforms/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQDERIVESTEPS
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;
using seqc::TimeAxes;

namespace {

/// A state among the trailing arguments of a stateful function.
struct StateSlot {
  Type type;
  std::string name;
};

/// The stateful form of a function.
struct Variant {
  func::FuncOp function;
  SmallVector<StateSlot> states;
  SmallVector<Value> newStates; ///< in the same order
  unsigned statefulCalls = 0;

  Value addState(Type type, const std::string &name) {
    MLIRContext *context = function.getContext();
    NamedAttribute attribute(StringAttr::get(context, "seqm.name"), StringAttr::get(context, name));
    unsigned position = function.getNumArguments();
    (void)function.insertArgument(position, type, DictionaryAttr::get(context, attribute), function.getLoc());
    states.push_back({type, name});
    return function.getArgument(position);
  }

  /// "kv", then "kv.1", … within one function.
  std::string uniqueName(const std::string &base) const {
    std::string name = base;
    for (unsigned i = 1; llvm::any_of(states, [&](const StateSlot &slot) { return slot.name == name; }); ++i)
      name = base + "." + std::to_string(i);
    return name;
  }
};

std::string stateName(Operation *op, Type state) {
  return isa<KVType>(state) ? "kv" : op->getName().stripDialect().str();
}

/// Makes the stateful forms of functions, for any number of positions or for one.
class Deriver {
public:
  Deriver(ModuleOp module, const TimeAxes &axes, bool onePosition)
      : module(module), symbols(module), axes(axes), rewriter(module.getContext()), onePosition(onePosition) {}

  /// The stateful form of an exported function, with its results at the last position or
  /// at all of them. Its states' names start with `prefix`.
  FailureOr<func::FuncOp> deriveEntry(func::FuncOp forward, StringRef kind, bool onlyLast, const std::string &prefix) {
    FailureOr<Variant> variant = makeVariant(forward, kind);
    if (failed(variant) || (onlyLast && failed(returnLastPositions(forward, variant->function))))
      return failure();
    MLIRContext *context = forward.getContext();
    for (auto [i, state] : llvm::enumerate(variant->states))
      variant->function.setArgAttr(forward.getNumArguments() + i, "seqm.name",
                                   StringAttr::get(context, prefix + state.name));
    return variant->function;
  }

private:
  FailureOr<Variant> getVariant(func::FuncOp function) {
    if (auto known = variants.find(function); known != variants.end())
      return known->second;
    FailureOr<Variant> variant = makeVariant(function, onePosition ? "step" : "prefill");
    if (succeeded(variant)) {
      variant->function.setPrivate();
      variants[function] = *variant;
    }
    return variant;
  }

  FailureOr<Variant> makeVariant(func::FuncOp function, StringRef kind) {
    IRMapping mapping;
    auto clone = cast<func::FuncOp>(function->clone(mapping));
    clone.setName((function.getSymName() + "_" + kind).str());
    symbols.insert(clone, std::next(Block::iterator(function)));
    if (onePosition)
      takeOnePosition(function, clone, mapping);
    Variant variant{clone, {}, {}};
    for (Operation &op : function.getBody().front())
      if (failed(threadStates(&op, mapping.lookup(&op), variant)))
        return failure();
    auto terminator = cast<func::ReturnOp>(clone.getBody().front().getTerminator());
    terminator.getOperandsMutable().append(variant.newStates);
    updateType(clone);
    return variant;
  }

  static void updateType(func::FuncOp function) {
    Block &body = function.getBody().front();
    function.setType(
        FunctionType::get(function.getContext(), body.getArgumentTypes(), body.getTerminator()->getOperandTypes()));
  }

  void takeOnePosition(func::FuncOp function, func::FuncOp clone, IRMapping &mapping) {
    for (auto [from, to] : llvm::zip_equal(function.getArguments(), clone.getArguments()))
      to.setType(seqc::withOnePosition(from.getType(), axes[from]));
    for (Operation &op : function.getBody().front())
      seqc::setOnePosition(&op, mapping.lookup(&op), axes);
    updateType(clone);
  }

  LogicalResult threadStates(Operation *original, Operation *op, Variant &variant) {
    if (auto call = dyn_cast<func::CallOp>(op))
      return threadCall(call, variant);
    auto carrying = dyn_cast<TimeInterface>(op);
    if (!carrying)
      return success();
    SmallVector<Type> types = carrying.getCarriedStates();
    if (types.empty())
      return success();
    if (failed(checkSteppable(original)))
      return failure();
    SmallVector<Value> states;
    for (Type type : types)
      states.push_back(variant.addState(type, variant.uniqueName(stateName(op, type))));
    llvm::append_range(variant.newStates, carrying.threadStates(rewriter, states));
    return success();
  }

  LogicalResult checkSteppable(Operation *op) {
    if (!cast<TimeInterface>(op).getGivenStates().empty())
      return op->emitOpError("is given states already: write the function over whole sequences, without states");
    if (llvm::none_of(op->getOperands(), [&](Value value) { return axes.hasTime(value); }))
      return op->emitOpError("carries states along time, but none of its operands runs along time");
    auto attention = dyn_cast<AttentionOp>(op);
    if (!attention)
      return success();
    if (!attention.getCausal())
      return op->emitOpError("is not causal, so no position is finished before the last one is known: add `causal`, "
                             "or export the function with kind \"other\", for which no steps are derived");
    if (!llvm::all_of(attention->getOperands().take_front(3), [&](Value value) { return axes.hasTime(value); }))
      return op->emitOpError("can be stepped only if queries, keys and values all run along time");
    return success();
  }

  LogicalResult threadCall(func::CallOp call, Variant &variant) {
    auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
    FailureOr<Variant> inner = getVariant(callee);
    if (failed(inner))
      return failure();
    SmallVector<Value> operands(call.getOperands());
    if (!inner->states.empty()) {
      std::string prefix = "layers." + std::to_string(variant.statefulCalls++) + ".";
      for (const StateSlot &slot : inner->states)
        operands.push_back(variant.addState(slot.type, prefix + slot.name));
    }
    rewriter.setInsertionPoint(call);
    auto stateful = func::CallOp::create(rewriter, call.getLoc(), inner->function, operands);
    auto results = stateful.getResults();
    llvm::append_range(variant.newStates, results.drop_front(call.getNumResults()));
    rewriter.replaceOp(call, results.take_front(call.getNumResults()));
    return success();
  }

  /// Results that run over time become those of the last position, without time.
  LogicalResult returnLastPositions(func::FuncOp forward, func::FuncOp function) {
    Operation *terminator = function.getBody().front().getTerminator();
    rewriter.setInsertionPoint(terminator);
    for (auto [i, returned] : llvm::enumerate(forward.getBody().front().getTerminator()->getOperands())) {
      std::optional<seqc::TimeAxis> axis = axes[returned];
      if (!axis)
        continue;
      if (axis->dim != 1)
        return forward.emitOpError("returns time in dimension ")
               << axis->dim << " of result " << i << ": return [batch, time, ...]";
      if (axis->rows != 1)
        return forward.emitOpError("returns ")
               << axis->rows << " rows a position in result " << i << ": give them a dimension of their own";
      Value last = rewriter.createOrFold<LastOp>(terminator->getLoc(), terminator->getOperand(i));
      SmallVector<ReassociationIndices> groups{{0, 1}};
      for (int64_t d = 2, rank = cast<RankedTensorType>(last.getType()).getRank(); d < rank; ++d)
        groups.push_back({d});
      terminator->setOperand(i, tensor::CollapseShapeOp::create(rewriter, terminator->getLoc(), last, groups));
    }
    updateType(function);
    return success();
  }

  ModuleOp module;
  SymbolTable symbols;
  const TimeAxes &axes;
  IRRewriter rewriter;
  bool onePosition;
  llvm::DenseMap<func::FuncOp, Variant> variants;
};

/// What a forward function must be, apart from what its ops must.
LogicalResult checkForward(mlir::seqm::ExportOp exported, func::FuncOp forward) {
  if (forward.isExternal())
    return exported.emitOpError("exports @") << forward.getSymName() << ", which has no body";
  for (auto [i, type] : llvm::enumerate(forward.getArgumentTypes()))
    if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && tensor.getRank() >= 2 && !tensor.isDynamicDim(1))
      return exported.emitOpError("is a forward function, but argument ")
             << i << " has constant time: make dimension 1 of " << type
             << " dynamic ('?'), or export the function with kind \"other\", for which no steps are derived";
  return success();
}

struct SeqDeriveSteps : seqc::impl::SeqDeriveStepsBase<SeqDeriveSteps> {
  using SeqDeriveStepsBase::SeqDeriveStepsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<std::pair<mlir::seqm::ExportOp, func::FuncOp>> forwards;
    TimeAxes axes(module);
    for (auto exported : module.getOps<mlir::seqm::ExportOp>()) {
      auto function = module.lookupSymbol<func::FuncOp>(exported.getFunction());
      if (exported.getKind() != "forward" || !runsOverTime(function))
        continue;
      if (failed(checkForward(exported, function)) || failed(axes.addEntry(function)))
        return signalPassFailure();
      forwards.push_back({exported, function});
    }
    Deriver prefill(module, axes, /*onePosition=*/false), step(module, axes, /*onePosition=*/true);
    for (auto [exported, function] : forwards)
      if (failed(derive(exported, function, "step", "step", step)) ||
          failed(derive(exported, function, "prefill", "prefill", prefill)) ||
          (extend && failed(derive(exported, function, "extend", "other", prefill))))
        return signalPassFailure();
  }

  static bool runsOverTime(func::FuncOp function) {
    return llvm::any_of(function.getArgumentTypes(), [](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor && tensor.getRank() >= 2;
    });
  }

  /// `what` is the name of what is derived; all but prefill and step is of the kind other.
  static LogicalResult derive(mlir::seqm::ExportOp exported, func::FuncOp forward, StringRef what, StringRef kind,
                              Deriver &deriver) {
    bool isMain = exported.getName() == "forward";
    std::string prefix = isMain ? "" : exported.getName().str() + ".";
    FailureOr<func::FuncOp> function = deriver.deriveEntry(forward, what, /*onlyLast=*/kind != "other", prefix);
    if (failed(function))
      return failure();
    std::string name = isMain ? what.str() : (exported.getName() + "_" + what).str();
    OpBuilder builder(exported);
    builder.setInsertionPointAfter(exported);
    mlir::seqm::ExportOp::create(builder, exported.getLoc(), name, function->getSymName(), kind,
                                 exported.getArgumentNames(), exported.getResultNames());
    return success();
  }
};

} // namespace
