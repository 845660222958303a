//===- HoistLast.cpp - Compute only the last position ---------------------===//
//
// Walks functions backwards: an op whose results are read by seq.last alone computes one
// position, from the last ones of its operands, and these are asked for in turn. Users
// stand behind an op, so all that is known about it is known when it is reached.
//
//===----------------------------------------------------------------------===//

#include "Calls.h"
#include "OnePosition.h"
#include "dialects/Module/Module.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "seq/Transforms/Passes.h"
#include "llvm/ADT/MapVector.h"

namespace seqc {
#define GEN_PASS_DEF_SEQHOISTLAST
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;
using seqc::TimeAxes;

namespace {

/// Where seq.last takes its position from.
constexpr int64_t kTimeDim = 1;

/// Whether position t of the results depends on position t of the operands that run along
/// time, and on nothing else that does. Attention reads all keys, but those are given or
/// in a state, and the last query is aligned with the last key.
bool needsOnlyLastPosition(Operation *op) {
  if (isa<AttentionOp>(op))
    return true;
  // A convolution of one tap carries nothing, but its lengths count positions.
  if (auto conv = dyn_cast<ConvOp>(op); conv && conv.getLengths())
    return false;
  if (auto time = dyn_cast<TimeInterface>(op))
    return time.getCarriedStates().empty();
  return OpTrait::hasElementwiseMappableTraits(op) ||
         isa<linalg::LinalgOp, tensor::EmptyOp, tensor::SplatOp, tensor::ExtractSliceOp, tensor::InsertSliceOp,
             tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op);
}

/// Whether a use of a value would be as well with one position: seq.last, or an extent
/// that is not time's.
bool isContentWithLast(OpOperand &use) {
  if (isa<LastOp>(use.getOwner()))
    return true;
  auto dim = dyn_cast<tensor::DimOp>(use.getOwner());
  std::optional<int64_t> index = dim ? dim.getConstantIndex() : std::nullopt;
  return index && *index != kTimeDim;
}

/// Whether seq.last reads a value, and everything else is content with what it reads.
bool isReadAtLast(Value value) {
  return llvm::any_of(value.getUsers(), llvm::IsaPred<LastOp>) && llvm::all_of(value.getUses(), isContentWithLast);
}

class LastHoister {
public:
  LastHoister(ModuleOp module, TimeAxes &axes) : module(module), symbols(module), axes(axes) {}
  ~LastHoister() {
    for (Operation *op : retired)
      op->destroy();
  }
  LastHoister(const LastHoister &) = delete;
  LastHoister &operator=(const LastHoister &) = delete;

  void hoist(func::FuncOp function) {
    if (!hoisted.insert(function).second)
      return;
    SmallVector<Operation *> ops;
    for (Operation &op : llvm::reverse(function.getBody().front().without_terminator()))
      ops.push_back(&op);
    for (Operation *op : ops) {
      if (isOpTriviallyDead(op))
        retire(op);
      else if (auto call = dyn_cast<func::CallOp>(op))
        visitCall(call);
      else if (canMove(op))
        move(op);
    }
  }

private:
  /// Takes an op out of the function. It is kept as long as `axes` is in use, so that no
  /// new value has the address of an old one there.
  void retire(Operation *op) {
    op->dropAllReferences();
    op->remove();
    retired.push_back(op);
  }

  //--- Ops

  bool hasTime(Value value) const { return axes[value] == seqc::TimeAxis{kTimeDim, /*isLast=*/false}; }

  /// Results must all be read at the last position or not at all.
  bool canMove(Operation *op) const {
    if (!needsOnlyLastPosition(op) || llvm::none_of(op->getResults(), isReadAtLast))
      return false;
    for (Value result : op->getResults())
      if (!hasTime(result) || !(result.use_empty() || isReadAtLast(result)))
        return false;
    return llvm::all_of(op->getOperands(), [&](Value operand) { return hasTime(operand) || !axes.hasTime(operand); });
  }

  /// Which operands of an op the last position is taken of: all that run along time, of
  /// attention only queries and their positions.
  bool takesLastOf(OpOperand &operand) const {
    bool isMemory = false;
    if (auto attention = dyn_cast<AttentionOp>(operand.getOwner())) {
      auto [first, count] = attention.getODSOperandIndexAndLength(1);
      isMemory = operand.getOperandNumber() - first < count;
    }
    return !isMemory && hasTime(operand.get());
  }

  void move(Operation *op) {
    OpBuilder builder(op);
    Operation *moved = op->clone();
    for (auto [from, to] : llvm::zip_equal(op->getOpOperands(), moved->getOpOperands()))
      if (takesLastOf(from))
        to.set(LastOp::create(builder, op->getLoc(), from.get()));
    builder.insert(moved);
    seqc::setOnePosition(op, moved, axes);
    for (auto [from, to] : llvm::zip_equal(op->getResults(), moved->getResults()))
      replaceLast(from, to);
    retire(op);
  }

  /// Gives `last` to those that read the last position of `value`, or its other extents.
  void replaceLast(Value value, Value last) {
    for (Operation *user : llvm::make_early_inc_range(value.getUsers()))
      if (auto taken = dyn_cast<LastOp>(user)) {
        taken.getY().replaceAllUsesWith(last);
        retire(taken);
      }
    value.replaceAllUsesWith(last);
  }

  //--- Calls

  /// A callee of whose results only the last positions are read becomes a function that
  /// returns those.
  void visitCall(func::CallOp call) {
    auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
    if (!callee || callee.isExternal())
      return;
    llvm::SmallBitVector last(call.getNumResults());
    for (OpResult result : call.getResults())
      last[result.getResultNumber()] = hasTime(result) && isReadAtLast(result);
    if (last.none()) {
      hoist(callee);
      return;
    }
    func::FuncOp specialised = returningLast(callee, last);
    OpBuilder builder(call);
    auto changed = func::CallOp::create(builder, call.getLoc(), specialised, call.getOperands());
    for (OpResult result : call.getResults()) {
      Value replacement = changed.getResult(result.getResultNumber());
      last[result.getResultNumber()] ? replaceLast(result, replacement) : result.replaceAllUsesWith(replacement);
    }
    retire(call);
  }

  func::FuncOp returningLast(func::FuncOp function, const llvm::SmallBitVector &last) {
    std::string key;
    for (unsigned i = 0; i < last.size(); ++i)
      key += last[i] ? '1' : '0';
    func::FuncOp &known = specialised[{function, StringAttr::get(function.getContext(), key)}];
    if (known)
      return known;
    IRMapping mapping;
    func::FuncOp clone = cast<func::FuncOp>(function->clone(mapping));
    clone.setName((function.getSymName() + "_last").str());
    clone.setPrivate();
    symbols.insert(clone, std::next(Block::iterator(function))); // makes the name unique
    for (auto [from, to] : mapping.getValueMap())
      axes.copy(from, to);
    Operation *terminator = clone.getBody().front().getTerminator();
    OpBuilder builder(terminator);
    for (int i : last.set_bits())
      terminator->setOperand(i, LastOp::create(builder, terminator->getLoc(), terminator->getOperand(i)));
    clone.setType(FunctionType::get(clone.getContext(), clone.getArgumentTypes(), terminator->getOperandTypes()));
    known = clone;
    hoist(clone);
    return clone;
  }

  ModuleOp module;
  SymbolTable symbols;
  TimeAxes &axes;
  SmallVector<Operation *> retired;
  llvm::DenseSet<func::FuncOp> hoisted;
  llvm::DenseMap<std::pair<func::FuncOp, StringAttr>, func::FuncOp> specialised;
};

/// Whether a function or one that it calls asks for a last position.
bool reachesLast(func::FuncOp function, ModuleOp module, llvm::DenseSet<func::FuncOp> &seen) {
  if (!seen.insert(function).second)
    return false;
  return function
      .walk([&](Operation *op) {
        auto call = dyn_cast<func::CallOp>(op);
        auto callee = call ? module.lookupSymbol<func::FuncOp>(call.getCallee()) : func::FuncOp();
        return isa<LastOp>(op) || (callee && reachesLast(callee, module, seen)) ? WalkResult::interrupt()
                                                                                : WalkResult::advance();
      })
      .wasInterrupted();
}

struct SeqHoistLast : seqc::impl::SeqHoistLastBase<SeqHoistLast> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto exported : llvm::to_vector(module.getOps<mlir::seqm::ExportOp>())) {
      auto function = module.lookupSymbol<func::FuncOp>(exported.getFunction());
      llvm::DenseSet<func::FuncOp> seen;
      if (function.isExternal() || !reachesLast(function, module, seen))
        continue;
      TimeAxes axes(module);
      if (std::string why = analyse(axes, function); !why.empty()) {
        function.emitRemark("all positions are computed, though seq.last reads one: ") << why;
        continue;
      }
      LastHoister(module, axes).hoist(function);
    }
  }

  /// Why time can not be followed through a function; empty if it can.
  static std::string analyse(TimeAxes &axes, func::FuncOp function) {
    std::string why;
    ScopedDiagnosticHandler handler(function.getContext(), [&](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error && why.empty())
        why = diagnostic.str();
      return success();
    });
    return succeeded(axes.addEntry(function)) ? "" : why;
  }
};

} // namespace
