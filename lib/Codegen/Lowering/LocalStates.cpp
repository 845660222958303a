//===- LocalStates.cpp - States that a call makes for itself --------------===//

#include "LocalStates.h"
#include "CallOrder.h"
#include "KernelFunctions.h"
#include "dialects/Module/Module.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::seq;

static func::FuncOp calleeOf(func::CallOp call) {
  return call->getParentOfType<ModuleOp>().lookupSymbol<func::FuncOp>(call.getCallee());
}

//===----------------------------------------------------------------------===//
// States are updated in place
//===----------------------------------------------------------------------===//

static bool isUpdated(Value state);

/// Whether a call changes the memory of a state, or returns it to where it is changed.
static bool callUpdates(func::CallOp call, unsigned operand) {
  func::FuncOp callee = calleeOf(call);
  if (callee.isExternal())
    return true;
  Value argument = callee.getArgument(operand);
  for (auto [returned, result] :
       llvm::zip_equal(callee.getBody().back().getTerminator()->getOperands(), call.getResults()))
    if (returned == argument && isUpdated(result))
      return true;
  return isUpdated(argument);
}

/// Whether a use changes the memory of its state, or leads to where it is changed.
static bool updates(OpOperand &use) {
  Operation *op = use.getOwner();
  if (auto call = dyn_cast<func::CallOp>(op))
    return callUpdates(call, use.getOperandNumber());
  if (isa<scf::YieldOp>(op) && isa<scf::IfOp>(op->getParentOp()))
    return isUpdated(op->getParentOp()->getResult(use.getOperandNumber()));
  return !op->hasTrait<OpTrait::IsTerminator>() && llvm::any_of(op->getResultTypes(), isState);
}

static bool isUpdated(Value state) { return llvm::any_of(state.getUses(), updates); }

/// An error where `other` may see what `update` has done to the state that both use.
static LogicalResult checkOrder(OpOperand &update, OpOperand &other) {
  Block *home = update.get().getParentBlock();
  Operation *first = home->findAncestorOpInBlock(*update.getOwner());
  Operation *second = home->findAncestorOpInBlock(*other.getOwner());
  bool isBefore = second->isBeforeInBlock(first);
  if (first == second && isa<scf::IfOp>(first)) { // its branches exclude each other
    auto isInFirst = [&](OpOperand &use) { return first->getRegion(0).isAncestor(use.getOwner()->getParentRegion()); };
    isBefore = isInFirst(update) != isInFirst(other);
  }
  if (isBefore)
    return success();
  InFlightDiagnostic error =
      other.getOwner()->emitOpError("uses a state that another op has updated: states are updated in place, so take "
                                    "the state that it returns, or make two states");
  error.attachNote(update.getOwner()->getLoc()) << "it is updated here";
  return error;
}

static LogicalResult checkUpdates(Value state) {
  for (OpOperand &update : state.getUses()) {
    if (!updates(update))
      continue;
    Operation *home = state.getParentBlock()->findAncestorOpInBlock(*update.getOwner());
    if (home != update.getOwner() && isa<LoopLikeOpInterface>(home))
      return update.getOwner()->emitOpError("updates a state from outside of its loop: states are updated in place, so "
                                            "let the loop carry it");
    for (OpOperand &other : state.getUses())
      if (&other != &update && failed(checkOrder(update, other)))
        return failure();
  }
  return success();
}

LogicalResult seqc::checkUpdates(ModuleOp module) {
  if (failed(calleesFirst(module))) // which functions update is followed into those that they call
    return failure();
  auto check = [](ValueRange values) {
    for (Value value : values)
      if (isState(value.getType()) && failed(::checkUpdates(value)))
        return failure();
    return success();
  };
  WalkResult result = module.walk([&](Operation *op) {
    for (Region &region : op->getRegions())
      for (Block &block : region)
        if (failed(check(block.getArguments())))
          return WalkResult::interrupt();
    return WalkResult(check(op->getResults()));
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// The components of a state, as seq.state_component describes them.
static SmallVector<Value> makeComponents(StateInitOp init, ImplicitLocOpBuilder &b) {
  constexpr int64_t dynamic = ShapedType::kDynamic, panel = KVType::kPanel;
  Type type = init.getState().getType();
  auto buffer = [&](ArrayRef<int64_t> shape, Type element, ValueRange extents) -> Value {
    return memref::AllocOp::create(b, MemRefType::get(shape, element), extents, b.getI64IntegerAttr(64));
  };
  Value batch = init.getBatch(), capacity = init.getCapacity();
  if (auto kv = dyn_cast<KVType>(type)) {
    Value slack = arith::ConstantIndexOp::create(b, panel - 1), tokens = arith::ConstantIndexOp::create(b, panel);
    Value panels = arith::DivUIOp::create(b, arith::AddIOp::create(b, capacity, slack), tokens);
    Type element = kv.getElementType();
    return {buffer({dynamic, kv.getHeads(), dynamic, kv.getKeyDim(), panel}, element, {batch, panels}),
            buffer({dynamic, kv.getHeads(), dynamic, kv.getValueDim()}, element, {batch, capacity})};
  }
  auto state = cast<StateType>(type);
  SmallVector<int64_t> shape{dynamic};
  llvm::append_range(shape, state.getShape());
  return {buffer(shape, state.getElementType(), batch)};
}

static LogicalResult makeLocalState(StateInitOp init) {
  Value state = init.getState();
  ImplicitLocOpBuilder b(init.getLoc(), init);
  SmallVector<Value> components = makeComponents(init, b);
  auto tokensType = MemRefType::get({ShapedType::kDynamic}, b.getI64Type());
  Value tokens = memref::AllocOp::create(b, tokensType, init.getBatch(), b.getI64IntegerAttr(64));
  Value local = LocalStateOp::create(b, state.getType(), tokens, components);
  FailureOr<func::FuncOp> kernel = seqc::getKernel(init, local.getType());
  if (failed(kernel))
    return failure();
  func::CallOp::create(b, *kernel, local);
  state.replaceAllUsesWith(local);
  init.erase();
  return success();
}

LogicalResult seqc::makeLocalStates(ModuleOp module) {
  SmallVector<StateInitOp> inits;
  module.walk([&](StateInitOp init) { inits.push_back(init); });
  for (StateInitOp init : inits)
    if (failed(makeLocalState(init)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

namespace {

/// How large something is: a constant, dimension `dim` of a buffer, or an index.
struct Extent {
  Value value;     ///< null: a constant
  int64_t dim = 0; ///< or the constant

  bool operator==(const Extent &) const = default;
  static Extent constant(int64_t number) { return {Value(), number}; }
  static Extent of(Value index);
  static Extent of(Value memref, int64_t dim);
  static Extent of(OpFoldResult size) {
    if (auto number = getConstantIntValue(size))
      return constant(*number);
    return of(cast<Value>(size));
  }

  /// The same in the caller of the function that it is an argument of.
  Extent seenFrom(func::CallOp call) const {
    auto argument = dyn_cast_or_null<BlockArgument>(value);
    if (!argument)
      return *this;
    Value operand = call.getOperand(argument.getArgNumber());
    return operand.getType().isIndex() ? of(operand) : of(operand, dim);
  }
};

Extent Extent::of(Value index) {
  if (auto number = getConstantIntValue(index))
    return constant(*number);
  if (auto dim = index.getDefiningOp<memref::DimOp>())
    if (auto dimension = dim.getConstantIndex())
      return of(dim.getSource(), *dimension);
  return {index, 0};
}

Extent Extent::of(Value memref, int64_t dim) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(dim))
    return constant(type.getDimSize(dim));
  Operation *op = memref.getDefiningOp();
  if (auto alloc = dyn_cast_or_null<memref::AllocOp>(op))
    return of(alloc.getDynamicSizes()[type.getDynamicDimIndex(dim)]);
  if (auto cast = dyn_cast_or_null<memref::CastOp>(op))
    return of(cast.getSource(), dim);
  if (auto view = dyn_cast_or_null<memref::ExpandShapeOp>(op))
    return of(view.getMixedOutputShape()[dim]);
  if (auto view = dyn_cast_or_null<memref::ReinterpretCastOp>(op))
    return of(view.getMixedSizes()[dim]);
  if (auto view = dyn_cast_or_null<memref::CollapseShapeOp>(op))
    if (ReassociationIndices group = view.getReassociationIndices()[dim]; group.size() == 1)
      return of(view.getSrc(), group[0]);
  return {memref, dim};
}

/// Follows states to the kernels that use them.
class RowCheck {
public:
  explicit RowCheck(ModuleOp module) {
    for (auto exported : module.getOps<mlir::seqm::ExportOp>())
      exports.insert(module.lookupSymbol(exported.getFunction()));
    module.walk([&](func::CallOp call) { calls[calleeOf(call)].push_back(call); });
  }

  /// Checks all uses of a state that has `rows` rows.
  LogicalResult check(LocalStateOp local) {
    rows = Extent::of(local.getTokens(), 0);
    origin = local;
    path.clear();
    seen.clear();
    return checkUses(local.getState());
  }

private:
  LogicalResult checkUses(Value state) {
    Operation *call = path.empty() ? nullptr : path.back().getOperation();
    if (!seen.insert({state, call}).second)
      return success();
    for (OpOperand &use : state.getUses())
      if (failed(checkUse(use)))
        return failure();
    return success();
  }

  LogicalResult checkUse(OpOperand &use) {
    Operation *op = use.getOwner(), *parent = op->getParentOp();
    if (auto call = dyn_cast<func::CallOp>(op))
      return checkCall(call, use.getOperandNumber());
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return checkUses({loop.getTiedLoopRegionIterArg(&use), loop.getTiedLoopResult(&use)});
    if (!isa<scf::YieldOp>(op) || !isa<scf::IfOp, scf::ForOp>(parent))
      return op->emitOpError("uses a state in a way that can not be compiled");
    // Its memory is taken again when the loop or branch runs the next time.
    if (parent->isAncestor(origin))
      return emitError(origin.getLoc(), "a state leaves the loop or branch that makes it: make it outside");
    unsigned number = use.getOperandNumber();
    if (auto loop = dyn_cast<scf::ForOp>(parent))
      return checkUses({loop.getRegionIterArg(number), loop.getResult(number)});
    return checkUses(parent->getResult(number));
  }

  LogicalResult checkUses(ArrayRef<Value> states) {
    for (Value state : states)
      if (failed(checkUses(state)))
        return failure();
    return success();
  }

  LogicalResult checkCall(func::CallOp call, unsigned operand) {
    func::FuncOp callee = calleeOf(call);
    if (!seqc::isKernel(callee.getSymName())) {
      path.push_back(call);
      LogicalResult result = checkUses(callee.getArgument(operand));
      path.pop_back();
      return result;
    }
    // The first tensor of an op with states has a row of each.
    auto tensor = llvm::find_if(call.getOperands(), [](Value value) { return isa<MemRefType>(value.getType()); });
    if (tensor == call.operand_end())
      return success();
    Extent batch = Extent::of(*tensor, 0);
    for (func::CallOp caller : llvm::reverse(path))
      batch = batch.seenFrom(caller);
    if (areSame(rows, batch))
      return success();
    InFlightDiagnostic error =
        emitError(origin.getLoc(), "a state is made with other rows than the sequences that it is used with, or "
                                   "they can not be compared: take its batch from dimension 0 of these");
    error.attachNote(call.getLoc()) << "it is used here";
    return error;
  }

  /// Whether two extents, seen from one function, are equal whoever calls it.
  bool areSame(Extent a, Extent b) {
    if (a == b)
      return true;
    func::FuncOp function = ownerOf(a);
    if (!function)
      function = ownerOf(b);
    if (!function)
      return false;
    // Arguments of an export have one batch.
    if (exports.contains(function) && !(ownerOf(a) && ownerOf(b) && a.dim == b.dim))
      return false;
    return llvm::all_of(calls[function],
                        [&](func::CallOp call) { return areSame(a.seenFrom(call), b.seenFrom(call)); });
  }

  /// The function that an extent is an argument of.
  static func::FuncOp ownerOf(const Extent &extent) {
    auto argument = dyn_cast_or_null<BlockArgument>(extent.value);
    return argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp();
  }

  llvm::SmallPtrSet<Operation *, 8> exports;
  llvm::DenseMap<func::FuncOp, SmallVector<func::CallOp>> calls;
  Extent rows;
  LocalStateOp origin;
  llvm::DenseSet<std::pair<Value, Operation *>> seen; ///< states, and by which call
  SmallVector<func::CallOp> path;                     ///< from the function that makes the state to where it is used
};

} // namespace

LogicalResult seqc::checkRows(ModuleOp module) {
  RowCheck check(module);
  WalkResult result = module.walk([&](LocalStateOp local) { return WalkResult(check.check(local)); });
  return failure(result.wasInterrupted());
}
