//===- LowerRuntime.cpp - States, parameters, parallel loops --------------===//

#include "FrameAccess.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/RegionUtils.h"
#include "seq/Codegen/Lowering/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace seqc {
#define GEN_PASS_DEF_SEQLOWERRUNTIME
#include "lib/Codegen/Lowering/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;

namespace {

struct SeqLowerRuntime : seqc::impl::SeqLowerRuntimeBase<SeqLowerRuntime> {
  void runOnOperation() override {
    module = getOperation();
    pointer = LLVM::LLVMPointerType::get(&getContext());
    numberParameters();
    passFrames();
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      if (isa<StateComponentOp, StateTokensOp, LocalStateOp, ParameterMemoryOp, WorkersOp, FrameOp, ReportIndexOp,
              ReportFullOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      lower(op);
    makeStatesPointers();
    SmallVector<ParallelOp> loops;
    module.walk([&](ParallelOp loop) { loops.push_back(loop); });
    for (ParallelOp loop : loops)
      outline(loop);
  }

private:
  /// The attribute seqm.number, where the compiler has numbered what it writes, or the
  /// order in which the module declares parameters.
  void numberParameters() {
    int64_t next = 0;
    for (auto parameter : module.getOps<mlir::seqm::ParameterOp>()) {
      auto number = parameter->getAttrOfType<IntegerAttr>("seqm.number");
      parameterNumber[parameter.getSymName()] = number ? number.getInt() : next++;
    }
  }

  /// Gives every function the frame as its first argument; entries have it already.
  void passFrames() {
    auto takesFrame = [](func::FuncOp function) {
      return function && !function->hasAttr("seq.entry") && !function->hasAttr("seq.sizes");
    };
    for (auto function : module.getOps<func::FuncOp>()) {
      if (!takesFrame(function))
        continue;
      (void)function.insertArgument(0, pointer, {}, function.getLoc());
    }
    module.walk([&](func::CallOp call) {
      if (takesFrame(module.lookupSymbol<func::FuncOp>(call.getCallee())))
        call->insertOperands(0, frameOf(call));
    });
  }

  static Value frameOf(Operation *op) { return op->getParentOfType<func::FuncOp>().getArgument(0); }

  void lower(Operation *op) {
    ImplicitLocOpBuilder b(op->getLoc(), op);
    seqc::FrameAccess frame(b);
    Value result = TypeSwitch<Operation *, Value>(op)
                       .Case([&](StateComponentOp component) { return lowerComponent(component, b, frame); })
                       .Case([&](StateTokensOp tokens) {
                         Value state = asPointer(tokens.getState(), b);
                         return makeView(frame.loadPointer(state, offsetof(seq_abi_state, count)), tokens.getTokens(),
                                         frame.loadIndex(state, offsetof(seq_abi_state, batch)), b);
                       })
                       .Case([&](LocalStateOp local) { return lowerLocal(local, b, frame); })
                       .Case([&](ParameterMemoryOp parameter) {
                         Value table = frame.loadPointer(frameOf(op), offsetof(seq_abi_frame, parameters));
                         int64_t number = parameterNumber.lookup(parameter.getParameter());
                         return makeView(frame.loadPointer(table, 8 * number), parameter.getMemory(), {}, b);
                       })
                       .Case([&](WorkersOp) {
                         Value runtime = frame.loadPointer(frameOf(op), offsetof(seq_abi_frame, runtime));
                         return frame.loadIndex(runtime, offsetof(seq_abi_runtime, workers));
                       })
                       .Case([&](FrameOp) { return frameOf(op); })
                       .Case([&](ReportIndexOp report) {
                         auto code = report.getExpert() ? SEQ_ABI_EXPERT_OUT_OF_RANGE : SEQ_ABI_INDEX_OUT_OF_RANGE;
                         storeError(op, {report.getPosition(), report.getValue(), report.getLimit()}, code, b, frame);
                         return Value();
                       })
                       .Case([&](ReportFullOp report) {
                         Value none = arith::ConstantOp::create(b, b.getI64IntegerAttr(0));
                         storeError(op, {none, report.getTokens(), report.getRoom()}, SEQ_ABI_STATE_FULL, b, frame);
                         return Value();
                       });
    if (op->getNumResults() == 1)
      op->getResult(0).replaceAllUsesWith(result);
    op->erase();
  }

  /// What a seq_abi_error says besides the code.
  struct Report {
    Value index, value, limit;
  };
  static void storeError(Operation *op, Report report, seq_abi_code code, ImplicitLocOpBuilder &b,
                         seqc::FrameAccess &frame) {
    Value error = frame.loadPointer(frameOf(op), offsetof(seq_abi_frame, error));
    Value codeBits = arith::ConstantOp::create(b, b.getI64IntegerAttr(int64_t{code} << seqc::kLimitBits));
    frame.store(report.index, error, offsetof(seq_abi_error, index));
    frame.store(report.value, error, offsetof(seq_abi_error, value));
    frame.store(arith::OrIOp::create(b, report.limit, codeBits), error, offsetof(seq_abi_error, limit));
  }

  Value asPointer(Value state, ImplicitLocOpBuilder &b) {
    return UnrealizedConversionCastOp::create(b, pointer, state).getResult(0);
  }

  static Value makeView(Value memory, Value like, ValueRange sizes, ImplicitLocOpBuilder &b) {
    Value zero = arith::ConstantIndexOp::create(b, 0);
    return ViewOp::create(b, like.getType(), memory, zero, sizes);
  }

  static Value lowerComponent(StateComponentOp component, ImplicitLocOpBuilder &b, seqc::FrameAccess &frame) {
    Type pointer = frame.pointerType();
    Value state = UnrealizedConversionCastOp::create(b, pointer, component.getState()).getResult(0);
    int64_t index = component.getIndex();
    SmallVector<Value> sizes{frame.loadIndex(state, offsetof(seq_abi_state, batch))};
    if (isa<KVType>(component.getState().getType())) {
      Value capacity = frame.loadIndex(state, offsetof(seq_abi_state, capacity));
      if (index == 0) { // keys stand in panels
        Value slack = arith::ConstantIndexOp::create(b, KVType::kPanel - 1);
        Value panel = arith::ConstantIndexOp::create(b, KVType::kPanel);
        capacity = arith::DivUIOp::create(b, arith::AddIOp::create(b, capacity, slack), panel);
      }
      sizes.push_back(capacity);
    }
    Value memory = frame.loadPointer(state, offsetof(seq_abi_state, component) + 8 * index);
    return makeView(memory, component.getMemory(), sizes, b);
  }

  /// A seq_abi_state on the stack that points to the state's memory.
  Value lowerLocal(LocalStateOp local, ImplicitLocOpBuilder &b, seqc::FrameAccess &frame) {
    Value state = onStack(local, LLVM::LLVMArrayType::get(b.getI64Type(), sizeof(seq_abi_state) / 8), b);
    auto i64 = [&](Value index) { return arith::IndexCastOp::create(b, b.getI64Type(), index).getResult(); };
    auto address = [&](Value memory) { return i64(memref::ExtractAlignedPointerAsIndexOp::create(b, memory)); };
    for (auto [i, memory] : llvm::enumerate(local.getComponents()))
      frame.store(address(memory), state, offsetof(seq_abi_state, component) + 8 * i);
    Value tokens = local.getTokens(), capacity = arith::ConstantIndexOp::create(b, 0);
    if (isa<KVType>(local.getState().getType()))
      capacity = memref::DimOp::create(b, local.getComponents().back(), 2);
    frame.store(address(tokens), state, offsetof(seq_abi_state, count));
    frame.store(i64(memref::DimOp::create(b, tokens, 0)), state, offsetof(seq_abi_state, batch));
    frame.store(i64(capacity), state, offsetof(seq_abi_state, capacity));
    return UnrealizedConversionCastOp::create(b, local.getState().getType(), state).getResult(0);
  }

  /// Memory of the function's call, allocated at its entry, so that a loop around `op` does not grow the stack.
  Value onStack(Operation *op, Type type, ImplicitLocOpBuilder &b) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&op->getParentOfType<func::FuncOp>().getBody().front());
    Value one = arith::ConstantOp::create(b, b.getI64IntegerAttr(1));
    return LLVM::AllocaOp::create(b, pointer, type, one);
  }

  /// States are pointers to seq_abi_state from here on.
  void makeStatesPointers() {
    module.walk([&](Operation *op) {
      for (Region &region : op->getRegions())
        for (Block &block : region)
          for (BlockArgument argument : block.getArguments())
            if (isState(argument.getType()))
              argument.setType(pointer);
      for (Value result : op->getResults())
        if (isState(result.getType()))
          result.setType(pointer);
      if (auto function = dyn_cast<func::FuncOp>(op); function && !function.isExternal())
        function.setType(
            FunctionType::get(&getContext(), function.getBody().getArgumentTypes(), function.getResultTypes()));
    });
    module.walk([](UnrealizedConversionCastOp cast) {
      if (cast.getNumOperands() == 1 && cast.getOperand(0).getType() == cast.getResult(0).getType()) {
        cast.getResult(0).replaceAllUsesWith(cast.getOperand(0));
        cast.erase();
      }
    });
  }

  //--- Parallel loops

  /// What a captured value looks like in the context structure. Memrefs stand there as
  /// their descriptors, which is what they become in the LLVM dialect.
  Type storedType(Type type) {
    if (auto memref = dyn_cast<MemRefType>(type))
      return LLVM::LLVMStructType::getLiteral(&getContext(), descriptorFields(memref));
    if (type.isIndex())
      return IntegerType::get(&getContext(), 64);
    return type;
  }

  SmallVector<Type> descriptorFields(MemRefType type) {
    Type i64 = IntegerType::get(&getContext(), 64);
    SmallVector<Type> fields{pointer, pointer, i64};
    if (type.getRank() > 0)
      fields.append(2, LLVM::LLVMArrayType::get(i64, type.getRank()));
    return fields;
  }

  static Value convert(Value value, Type type, ImplicitLocOpBuilder &b) {
    if (value.getType() == type)
      return value;
    return UnrealizedConversionCastOp::create(b, type, value).getResult(0);
  }

  SmallVector<Value> captures(ParallelOp loop) {
    llvm::SetVector<Value> used;
    getUsedValuesDefinedAbove(loop.getBody(), used);
    return used.takeVector();
  }

  void outline(ParallelOp loop) {
    SmallVector<Value> captured, constants;
    for (Value value : captures(loop))
      (matchPattern(value, m_Constant()) ? constants : captured).push_back(value);
    SmallVector<Type> fields;
    for (Value value : captured)
      fields.push_back(storedType(value.getType()));
    auto context = LLVM::LLVMStructType::getLiteral(&getContext(), fields);
    func::FuncOp body = makeBody(loop, captured, constants, context);
    call(loop, body, captured, context);
    loop.erase();
  }

  func::FuncOp makeBody(ParallelOp loop, ArrayRef<Value> captured, ArrayRef<Value> constants, Type context) {
    ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockEnd(loop.getLoc(), module.getBody());
    Type i64 = b.getI64Type();
    auto owner = loop->getParentOfType<func::FuncOp>().getSymName();
    auto body = func::FuncOp::create(b, (owner + ".parallel" + Twine(bodies++)).str(),
                                     b.getFunctionType({pointer, i64, i64, i64}, {}));
    body.setPrivate();
    body->setAttr("seq.entry", b.getUnitAttr());
    Block *entry = body.addEntryBlock();
    b.setInsertionPointToStart(entry);
    IRMapping mapping;
    for (Value constant : constants)
      b.clone(*constant.getDefiningOp(), mapping);
    for (auto [i, value] : llvm::enumerate(captured)) {
      Value address = LLVM::GEPOp::create(b, pointer, context, entry->getArgument(0),
                                          ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
      Value stored = LLVM::LoadOp::create(b, storedType(value.getType()), address);
      mapping.map(value, convert(stored, value.getType(), b));
    }
    Block &old = loop.getBody().front();
    for (auto [i, argument] : llvm::enumerate(old.getArguments()))
      mapping.map(argument, arith::IndexCastOp::create(b, b.getIndexType(), entry->getArgument(i + 1)));
    for (Operation &op : old.without_terminator())
      b.clone(op, mapping);
    func::ReturnOp::create(b);
    return body;
  }

  void call(ParallelOp loop, func::FuncOp body, ArrayRef<Value> captured, Type context) {
    ImplicitLocOpBuilder b(loop.getLoc(), loop);
    seqc::FrameAccess frame(b);
    Value memory = onStack(loop, context, b);
    for (auto [i, value] : llvm::enumerate(captured)) {
      Value address =
          LLVM::GEPOp::create(b, pointer, context, memory, ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
      LLVM::StoreOp::create(b, convert(value, storedType(value.getType()), b), address);
    }
    Value runtime = frame.loadPointer(frameOf(loop), offsetof(seq_abi_frame, runtime));
    Value pool = frame.loadPointer(runtime, offsetof(seq_abi_runtime, pool));
    Value parallelFor = frame.loadPointer(runtime, offsetof(seq_abi_runtime, parallel_for));
    Value function = func::ConstantOp::create(b, body.getFunctionType(), SymbolRefAttr::get(body));
    Value address = UnrealizedConversionCastOp::create(b, pointer, function).getResult(0);
    auto i64 = [&](Value value) { return arith::IndexCastOp::create(b, b.getI64Type(), value).getResult(); };
    SmallVector<Value> operands{parallelFor, pool, i64(loop.getCount()), i64(loop.getGrain()), address, memory};
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()),
                                            {pointer, b.getI64Type(), b.getI64Type(), pointer, pointer});
    LLVM::CallOp::create(b, type, operands);
  }

  ModuleOp module;
  Type pointer;
  llvm::StringMap<int64_t> parameterNumber;
  int64_t bodies = 0;
};

} // namespace
