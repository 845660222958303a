//===- ResultsToArguments.cpp - Return buffers through arguments ----------===//

#include "CallOrder.h"
#include "EntryValues.h"
#include "LocalStates.h"
#include "dialects/Module/Module.h"
#include "dialects/Seq/Seq.h"
#include "seq/Codegen/Lowering/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQRESULTSTOARGUMENTS
#include "lib/Codegen/Lowering/Passes.h.inc"
} // namespace seqc

using namespace mlir;

namespace {

using CallSites = llvm::DenseMap<func::FuncOp, SmallVector<func::CallOp>>;

/// In the caller, a buffer for each memref result; null where an extent does not
/// follow from the arguments.
Value allocateForCall(func::CallOp call, Value returned) {
  OpBuilder builder(call);
  auto type = cast<MemRefType>(returned.getType());
  seqc::EntryValues values(
      builder, call.getLoc(),
      [&](BlockArgument argument, int64_t d) -> Value {
        return memref::DimOp::create(builder, call.getLoc(), call.getOperand(argument.getArgNumber()), d);
      },
      [&](BlockArgument argument) { return call.getOperand(argument.getArgNumber()); });
  SmallVector<Value> extents;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    if (!type.isDynamicDim(d))
      continue;
    extents.push_back(values.extentOf(returned, d));
    if (!extents.back())
      return {};
  }
  return memref::AllocOp::create(builder, call.getLoc(), type, extents, builder.getI64IntegerAttr(64));
}

/// In the caller, the memory of a state that the function makes and returns; null where an extent does not follow from
/// the arguments.
Value allocateForCall(func::CallOp call, mlir::seq::LocalStateOp returned) {
  SmallVector<Value> memory;
  for (Value part : returned->getOperands()) {
    memory.push_back(allocateForCall(call, part));
    if (!memory.back())
      return {};
  }
  OpBuilder builder(call);
  return mlir::seq::LocalStateOp::create(builder, returned.getLoc(), returned.getState().getType(), memory.front(),
                                         ArrayRef(memory).drop_front());
}

/// Makes `argument` the buffer that the function returned.
void writeTo(BlockArgument argument, Value returned, func::ReturnOp ret) {
  auto alloc = returned.getDefiningOp<memref::AllocOp>();
  bool returnedOnce = llvm::count(ret.getOperands(), returned) == 1;
  if (alloc && returnedOnce && alloc->getBlock() == ret->getBlock()) {
    returned.replaceAllUsesWith(argument);
    alloc.erase();
    return;
  }
  OpBuilder builder(ret);
  memref::CopyOp::create(builder, ret.getLoc(), returned, argument);
}

struct SeqResultsToArguments : seqc::impl::SeqResultsToArgumentsBase<SeqResultsToArguments> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto order = seqc::calleesFirst(module);
    if (failed(order))
      return signalPassFailure();
    CallSites calls;
    module.walk([&](func::CallOp call) { calls[module.lookupSymbol<func::FuncOp>(call.getCallee())].push_back(call); });
    for (func::FuncOp function : *order)
      if (failed(convert(function, calls[function])))
        return signalPassFailure();
    if (failed(seqc::checkRows(module)))
      signalPassFailure();
  }

  LogicalResult convert(func::FuncOp function, SmallVector<func::CallOp> &calls) {
    auto ret = cast<func::ReturnOp>(function.getBody().back().getTerminator());
    if (failed(checkStates(function, ret)))
      return failure();
    for (func::CallOp &call : calls)
      if (failed(convertCall(function, ret, call)))
        return failure();
    SmallVector<Value> returned(ret.getOperands());
    for (Value value : returned) {
      if (isa<MemRefType>(value.getType())) {
        unsigned index = function.getNumArguments();
        if (failed(function.insertArgument(index, value.getType(), {}, value.getLoc())))
          return failure();
        function.setArgAttr(index, "seq.result", UnitAttr::get(&getContext()));
        writeTo(function.getArgument(index), value, ret);
      } else if (auto local = value.getDefiningOp<mlir::seq::LocalStateOp>()) {
        unsigned index = function.getNumArguments();
        if (failed(function.insertArgument(index, value.getType(), {}, value.getLoc())))
          return failure();
        value.replaceAllUsesWith(function.getArgument(index));
        local.erase();
      }
    }
    ret.getOperandsMutable().clear();
    function.setType(FunctionType::get(&getContext(), function.getArgumentTypes(), {}));
    function.removeResAttrsAttr();
    return success();
  }

  /// Returned states are arguments of the function, or made by it for its caller.
  LogicalResult checkStates(func::FuncOp function, func::ReturnOp ret) {
    auto exports = getOperation().getOps<mlir::seqm::ExportOp>();
    bool isExported = llvm::any_of(
        exports, [&](mlir::seqm::ExportOp exported) { return exported.getFunction() == function.getSymName(); });
    for (Value value : ret.getOperands()) {
      if (isa<MemRefType>(value.getType()) || isa<BlockArgument>(value))
        continue;
      if (!value.getDefiningOp<mlir::seq::LocalStateOp>())
        return ret.emitOpError("returns a state that is neither one of the function's arguments nor made by "
                               "seq.state_init in it");
      if (llvm::count(ret.getOperands(), value) > 1)
        return ret.emitOpError("returns one state twice");
      if (isExported)
        return ret.emitOpError("returns a state that an export makes: the states that an export returns live in the "
                               "caller's context, so take the state as an argument");
    }
    return success();
  }

  LogicalResult convertCall(func::FuncOp function, func::ReturnOp ret, func::CallOp &call) {
    SmallVector<Value> operands(call.getOperands());
    for (auto [result, returned] : llvm::zip_equal(call.getResults(), ret.getOperands())) {
      if (!isa<MemRefType>(returned.getType())) {
        if (auto argument = dyn_cast<BlockArgument>(returned)) {
          result.replaceAllUsesWith(call.getOperand(argument.getArgNumber()));
          continue;
        }
      }
      auto local = returned.getDefiningOp<mlir::seq::LocalStateOp>();
      Value buffer = local ? allocateForCall(call, local) : allocateForCall(call, returned);
      if (!buffer)
        return call.emitOpError("the extents of what ")
               << function.getSymName() << " returns do not follow from its arguments";
      result.replaceAllUsesWith(buffer);
      operands.push_back(buffer);
    }
    OpBuilder builder(call);
    auto converted = func::CallOp::create(builder, call.getLoc(), call.getCallee(), TypeRange(), operands);
    call.erase();
    call = converted;
    return success();
  }
};

} // namespace
