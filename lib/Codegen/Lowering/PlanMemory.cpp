//===- PlanMemory.cpp - Put all buffers of a call into one arena ----------===//
//
// A function is straight-line code at its top level (loops are ops in it), so a buffer
// lives from the first top-level op that uses it to the last. Buffers are given slots
// by a linear scan: a buffer takes over the free slot whose last user had the nearest
// size. A call counts as a buffer too: it holds the callee's arena while it runs.
// Extents are dynamic, so a slot's size is the maximum of its users' sizes, computed
// at the entry of the function, and once more in its twin that computes sizes only.
//
//===----------------------------------------------------------------------===//

#include "CallOrder.h"
#include "EntryValues.h"
#include "dialects/Seq/Seq.h"
#include "mlir/IR/SymbolTable.h"
#include "seq/Codegen/Lowering/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQPLANMEMORY
#include "lib/Codegen/Lowering/Passes.h.inc"
} // namespace seqc

using namespace mlir;

namespace {

constexpr int64_t kAlignment = 64;

/// Something that holds memory for a while: an alloc, or a call whose callee has an arena.
struct Tenant {
  Operation *op;
  int64_t first = 0, last = 0; ///< top-level ops that use it, inclusive
  unsigned slot = 0;
};

struct Plan {
  SmallVector<Tenant> tenants;
  unsigned slots = 0;
};

/// Extends a tenant's life by all uses of `value` and of what may alias it.
void extendLife(Value value, Region &body, const llvm::DenseMap<Operation *, int64_t> &position, Tenant &tenant,
                llvm::SmallPtrSetImpl<Operation *> &seen) {
  for (Operation *user : value.getUsers()) {
    int64_t at = position.lookup(body.findAncestorOpInRegion(*user));
    tenant.first = std::min(tenant.first, at);
    tenant.last = std::max(tenant.last, at);
    Operation *alias = isa<scf::YieldOp>(user) ? user->getParentOp() : user;
    if (!seen.insert(alias).second)
      continue;
    for (Value result : alias->getResults())
      if (isa<MemRefType>(result.getType()) || mlir::seq::isState(result.getType()))
        extendLife(result, body, position, tenant, seen);
  }
}

/// How large a buffer is apart from its dynamic extents.
int64_t staticSize(Operation *op) {
  auto alloc = dyn_cast<memref::AllocOp>(op);
  if (!alloc)
    return 0;
  int64_t size = 1;
  for (int64_t extent : alloc.getType().getShape())
    size *= ShapedType::isDynamic(extent) ? 64 : extent;
  return size;
}

void assignSlots(Plan &plan) {
  struct Slot {
    int64_t freeFrom, size;
    bool forCalls;
  };
  SmallVector<Slot> slots;
  // Ties are broken by the order of the ops, so that the plan is always the same.
  for (unsigned i = 0; i < plan.tenants.size(); ++i)
    plan.tenants[i].slot = i;
  llvm::sort(plan.tenants,
             [](const Tenant &a, const Tenant &b) { return std::tie(a.first, a.slot) < std::tie(b.first, b.slot); });
  for (Tenant &tenant : plan.tenants) {
    bool call = isa<func::CallOp>(tenant.op);
    int64_t size = staticSize(tenant.op);
    Slot *best = nullptr;
    for (Slot &slot : slots)
      if (slot.freeFrom < tenant.first && slot.forCalls == call &&
          (!best || std::abs(slot.size - size) < std::abs(best->size - size)))
        best = &slot;
    if (!best)
      best = &slots.emplace_back(Slot{0, size, call});
    best->freeFrom = tenant.last;
    best->size = std::max(best->size, size);
    tenant.slot = best - slots.begin();
  }
  plan.slots = slots.size();
}

struct SeqPlanMemory : seqc::impl::SeqPlanMemoryBase<SeqPlanMemory> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto order = seqc::calleesFirst(module);
    if (failed(order))
      return signalPassFailure();
    for (func::FuncOp function : *order)
      if (failed(plan(function)))
        return signalPassFailure();
  }

  LogicalResult plan(func::FuncOp function) {
    function.walk([](memref::DeallocOp dealloc) { dealloc.erase(); });
    FailureOr<Plan> plan = findTenants(function);
    if (failed(plan))
      return failure();
    if (plan->tenants.empty())
      return success();
    assignSlots(*plan);
    if (failed(writeSizeFunction(function, *plan)))
      return failure();
    return cutUp(function, *plan);
  }

  FailureOr<Plan> findTenants(func::FuncOp function) {
    Plan plan;
    Region &body = function.getBody();
    llvm::DenseMap<Operation *, int64_t> position;
    for (auto [i, op] : llvm::enumerate(body.front()))
      position[&op] = i;
    auto walked = function.walk([&](Operation *op) {
      auto call = dyn_cast<func::CallOp>(op);
      if (!isa<memref::AllocOp>(op) && !(call && sizeFunctions.contains(call.getCallee())))
        return WalkResult::advance();
      if (op->getParentOfType<mlir::seq::ParallelOp>()) {
        op->emitOpError("needs memory inside a parallel loop: take it outside, one slice a worker");
        return WalkResult::interrupt();
      }
      int64_t at = position.lookup(body.findAncestorOpInRegion(*op));
      Tenant tenant{op, at, at};
      llvm::SmallPtrSet<Operation *, 8> seen;
      if (!call)
        extendLife(op->getResult(0), body, position, tenant, seen);
      plan.tenants.push_back(tenant);
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      return failure();
    return plan;
  }

  /// The bytes that a tenant needs, computed at the builder's place.
  Value bytesOf(Tenant &tenant, OpBuilder &builder, seqc::EntryValues &values, Value workers) {
    if (auto alloc = dyn_cast<memref::AllocOp>(tenant.op))
      return values.bytesOf(alloc);
    auto call = cast<func::CallOp>(tenant.op);
    SmallVector<Value> extents{workers};
    for (Value operand : call.getOperands()) {
      if (auto type = dyn_cast<MemRefType>(operand.getType())) {
        for (int64_t d = 0; d < type.getRank(); ++d)
          if (type.isDynamicDim(d))
            extents.push_back(values.extentOf(operand, d));
      } else if (operand.getType().isIndex()) {
        extents.push_back(values.compute(operand));
      }
    }
    if (llvm::is_contained(extents, Value()))
      return {};
    return func::CallOp::create(builder, call.getLoc(), sizeFunctions[call.getCallee()], extents).getResult(0);
  }

  /// The offset of each slot, and the total at the end.
  FailureOr<SmallVector<Value>> offsets(Plan &plan, OpBuilder &builder, Location loc, seqc::EntryValues &values,
                                        Value workers) {
    SmallVector<Value> sizes(plan.slots);
    for (Tenant &tenant : plan.tenants) {
      Value bytes = bytesOf(tenant, builder, values, workers);
      if (!bytes)
        return tenant.op->emitOpError("needs memory whose size does not follow from the extents of "
                                      "the function's arguments"),
               failure();
      Value &size = sizes[tenant.slot];
      size = size ? arith::MaxUIOp::create(builder, loc, size, bytes).getResult() : bytes;
    }
    SmallVector<Value> result{arith::ConstantIndexOp::create(builder, loc, 0)};
    Value mask = arith::ConstantIndexOp::create(builder, loc, -kAlignment);
    Value slack = arith::ConstantIndexOp::create(builder, loc, kAlignment - 1);
    for (Value size : sizes) {
      Value end = arith::AddIOp::create(builder, loc, result.back(), size);
      end = arith::AddIOp::create(builder, loc, end, slack);
      result.push_back(arith::AndIOp::create(builder, loc, end, mask));
    }
    return result;
  }

  LogicalResult writeSizeFunction(func::FuncOp function, Plan &plan) {
    OpBuilder builder(function);
    Location loc = function.getLoc();
    llvm::DenseMap<std::pair<unsigned, int64_t>, unsigned> place;
    unsigned count = 1; // the number of workers comes first
    for (BlockArgument argument : function.getArguments()) {
      if (auto type = dyn_cast<MemRefType>(argument.getType())) {
        for (int64_t d = 0; d < type.getRank(); ++d)
          if (type.isDynamicDim(d))
            place[{argument.getArgNumber(), d}] = count++;
      } else if (argument.getType().isIndex()) {
        place[{argument.getArgNumber(), 0}] = count++;
      }
    }
    SmallVector<Type> types(count, builder.getIndexType());
    auto sizes = func::FuncOp::create(builder, loc, (function.getSymName() + ".arena").str(),
                                      builder.getFunctionType(types, builder.getIndexType()));
    sizes.setPrivate();
    sizes->setAttr("seq.sizes", builder.getUnitAttr());
    Block *entry = sizes.addEntryBlock();
    builder.setInsertionPointToStart(entry);
    auto argument = [&](BlockArgument old, int64_t d) -> Value {
      auto it = place.find({old.getArgNumber(), d});
      return it == place.end() ? Value() : Value(entry->getArgument(it->second));
    };
    seqc::EntryValues values(builder, loc, argument, [&](BlockArgument old) { return argument(old, 0); });
    auto ends = offsets(plan, builder, loc, values, entry->getArgument(0));
    if (failed(ends))
      return failure();
    func::ReturnOp::create(builder, loc, ends->back());
    sizes.walk([&](mlir::seq::WorkersOp workers) {
      workers.getResult().replaceAllUsesWith(entry->getArgument(0));
      workers.erase();
    });
    sizeFunctions[function.getSymName()] = sizes;
    return success();
  }

  LogicalResult cutUp(func::FuncOp function, Plan &plan) {
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    unsigned index = function.getNumArguments();
    Location loc = function.getLoc();
    if (failed(function.insertArgument(index, pointer, {}, loc)))
      return failure();
    function.setArgAttr(index, "seq.arena", UnitAttr::get(&getContext()));
    Value arena = function.getArgument(index);
    OpBuilder builder = OpBuilder::atBlockBegin(&function.getBody().front());
    seqc::EntryValues values(
        builder, loc,
        [&](BlockArgument argument, int64_t d) -> Value { return memref::DimOp::create(builder, loc, argument, d); },
        [](BlockArgument argument) -> Value { return argument; });
    Value workers = mlir::seq::WorkersOp::create(builder, loc, builder.getIndexType());
    auto starts = offsets(plan, builder, loc, values, workers);
    if (failed(starts))
      return failure();
    for (Tenant &tenant : plan.tenants)
      place(tenant, (*starts)[tenant.slot], arena, builder, values);
    // Only now: the builder may stand in front of the first of them.
    for (Tenant &tenant : plan.tenants)
      if (isa<memref::AllocOp>(tenant.op))
        tenant.op->erase();
    return success();
  }

  static void place(Tenant &tenant, Value offset, Value arena, OpBuilder &builder, seqc::EntryValues &values) {
    Location loc = tenant.op->getLoc();
    if (auto call = dyn_cast<func::CallOp>(tenant.op)) {
      Type i8 = builder.getI8Type();
      Value bytes = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), offset);
      Value start = LLVM::GEPOp::create(builder, loc, arena.getType(), i8, arena, ArrayRef<LLVM::GEPArg>{bytes});
      call->insertOperands(call->getNumOperands(), start);
      return;
    }
    auto alloc = cast<memref::AllocOp>(tenant.op);
    SmallVector<Value> extents;
    for (int64_t d = 0; d < alloc.getType().getRank(); ++d)
      if (alloc.getType().isDynamicDim(d))
        extents.push_back(values.extentOf(alloc, d));
    Value view = mlir::seq::ViewOp::create(builder, loc, alloc.getType(), arena, offset, extents);
    alloc.replaceAllUsesWith(view);
  }

  llvm::StringMap<func::FuncOp> sizeFunctions;
};

} // namespace
