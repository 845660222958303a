//===- LowerExports.cpp - Write the functions that the runtime calls ------===//

#include "FrameAccess.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "seq/Codegen/Lowering/Interface.h"
#include "seq/Codegen/Lowering/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQLOWEREXPORTS
#include "lib/Codegen/Lowering/Passes.h.inc"
} // namespace seqc

using namespace mlir;

namespace {

/// Writes one export's entry function.
class EntryWriter {
public:
  EntryWriter(func::FuncOp function, ImplicitLocOpBuilder &builder)
      : function(function), b(builder), frame(builder), symbols(seqc::symbolicDims(function)) {}

  void write(StringRef name) {
    auto entry = func::FuncOp::create(b, name, b.getFunctionType({frame.pointerType()}, {b.getI32Type()}));
    entry->setAttr("seq.entry", b.getUnitAttr());
    b.setInsertionPointToStart(entry.addEntryBlock());
    framePointer = entry.getArgument(0);
    dims = frame.loadPointer(framePointer, offsetof(seq_abi_frame, dims));
    error = frame.loadPointer(framePointer, offsetof(seq_abi_frame, error));
    collectOperands();
    frame.store(i64(0), error, offsetof(seq_abi_error, limit));
    checkNumbers();
    func::CallOp::create(b, function, operands);
    func::ReturnOp::create(b, status());
  }

  void writeSizes(StringRef name, func::FuncOp sizes) {
    auto entry =
        func::FuncOp::create(b, name, b.getFunctionType({frame.pointerType(), b.getI64Type()}, {b.getI64Type()}));
    entry->setAttr("seq.sizes", b.getUnitAttr());
    b.setInsertionPointToStart(entry.addEntryBlock());
    dims = entry.getArgument(0);
    if (!sizes) {
      func::ReturnOp::create(b, i64(0));
      return;
    }
    SmallVector<Value> extents{arith::IndexCastOp::create(b, b.getIndexType(), entry.getArgument(1))};
    for (Type type : function.getArgumentTypes())
      if (auto memref = dyn_cast<MemRefType>(type))
        llvm::append_range(extents, dynamicExtents(memref));
    Value bytes = func::CallOp::create(b, sizes, extents).getResult(0);
    func::ReturnOp::create(b, arith::IndexCastOp::create(b, b.getI64Type(), bytes).getResult());
  }

private:
  Value i64(int64_t value) { return arith::ConstantOp::create(b, b.getI64IntegerAttr(value)); }
  Value zeroIndex() { return arith::ConstantIndexOp::create(b, 0); }

  SmallVector<Value> dynamicExtents(MemRefType type) {
    SmallVector<Value> extents;
    for (int64_t d = 0; d < type.getRank(); ++d)
      if (type.isDynamicDim(d))
        extents.push_back(frame.loadIndex(dims, 8 * symbols.indexOf(d)));
    return extents;
  }

  Value view(Value pointer, MemRefType type) {
    return mlir::seq::ViewOp::create(b, type, pointer, zeroIndex(), dynamicExtents(type));
  }

  void collectOperands() {
    Value arguments = frame.loadPointer(framePointer, offsetof(seq_abi_frame, arguments));
    Value results = frame.loadPointer(framePointer, offsetof(seq_abi_frame, results));
    Value states = frame.loadPointer(framePointer, offsetof(seq_abi_frame, states));
    int64_t argument = 0, result = 0, state = 0;
    for (BlockArgument old : function.getArguments()) {
      unsigned i = old.getArgNumber();
      if (function.getArgAttr(i, "seq.arena")) {
        operands.push_back(frame.loadPointer(framePointer, offsetof(seq_abi_frame, arena)));
      } else if (auto type = dyn_cast<MemRefType>(old.getType())) {
        bool isResult = static_cast<bool>(function.getArgAttr(i, "seq.result"));
        Value pointer = frame.loadPointer(isResult ? results : arguments, 8 * (isResult ? result++ : argument++));
        operands.push_back(view(pointer, type));
      } else {
        Value pointer = frame.loadPointer(states, 8 * state++);
        operands.push_back(UnrealizedConversionCastOp::create(b, old.getType(), pointer).getResult(0));
      }
    }
  }

  /// Looks for an id outside its table, an expert that is not there, or a length of more tokens than there are, and
  /// leaves with an error if there is one.
  void checkNumbers() {
    for (BlockArgument old : function.getArguments()) {
      unsigned i = old.getArgNumber();
      for (auto [attribute, errorCode] : {std::pair("seq.index_limit", SEQ_ABI_INDEX_OUT_OF_RANGE),
                                          std::pair("seq.expert_limit", SEQ_ABI_EXPERT_OUT_OF_RANGE)})
        if (auto limit = function.getArgAttrOfType<IntegerAttr>(i, attribute))
          checkNumbers(operands[i], i64(limit.getInt()), i64(limit.getInt()), errorCode);
      if (auto tokens = function.getArgAttrOfType<IntegerAttr>(i, "seq.length_limit")) {
        bool isDynamic = ShapedType::isDynamic(tokens.getInt());
        Value most = isDynamic ? frame.loadI64(dims, 8 * symbols.indexOf(1)) : i64(tokens.getInt());
        checkNumbers(operands[i], arith::AddIOp::create(b, most, i64(1)), most, SEQ_ABI_LENGTH_OUT_OF_RANGE);
      }
    }
  }

  /// Leaves with `code` and the limit `reported` where one of the numbers is not in [0, end).
  void checkNumbers(Value ids, Value end, Value reported, int64_t errorCode) {
    // One flat loop: arguments of an export are dense.
    auto type = cast<MemRefType>(ids.getType());
    Value count = arith::ConstantIndexOp::create(b, 1);
    for (int64_t d = 0; d < type.getRank(); ++d)
      count = arith::MulIOp::create(b, count, memref::DimOp::create(b, ids, d));
    auto flatType = MemRefType::get({ShapedType::kDynamic}, type.getElementType());
    Value pointer = memref::ExtractAlignedPointerAsIndexOp::create(b, ids);
    pointer = arith::IndexCastOp::create(b, b.getI64Type(), pointer);
    pointer = LLVM::IntToPtrOp::create(b, frame.pointerType(), ValueRange(pointer));
    Value flat = mlir::seq::ViewOp::create(b, flatType, pointer, zeroIndex(), count);
    Value one = arith::ConstantIndexOp::create(b, 1);
    Value none = i64(-1);
    auto loop = scf::ForOp::create(b, zeroIndex(), count, one, ValueRange{none, none});
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value id = memref::LoadOp::create(b, flat, loop.getInductionVar());
      if (!id.getType().isInteger(64))
        id = arith::ExtSIOp::create(b, b.getI64Type(), id);
      Value bad = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, id, end);
      Value at = arith::IndexCastOp::create(b, b.getI64Type(), loop.getInductionVar());
      Value first = arith::SelectOp::create(b, bad, at, loop.getRegionIterArgs()[0]);
      Value value = arith::SelectOp::create(b, bad, id, loop.getRegionIterArgs()[1]);
      scf::YieldOp::create(b, ValueRange{first, value});
    }
    Value found = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, loop.getResult(0), i64(0));
    Block *before = b.getInsertionBlock();
    Block *after = before->splitBlock(b.getInsertionPoint());
    Block *leave = b.createBlock(before->getParent(), after->getIterator());
    b.setInsertionPointToEnd(before);
    cf::CondBranchOp::create(b, found, leave, ValueRange(), after, ValueRange());
    b.setInsertionPointToEnd(leave);
    frame.store(loop.getResult(0), error, offsetof(seq_abi_error, index));
    frame.store(loop.getResult(1), error, offsetof(seq_abi_error, value));
    frame.store(reported, error, offsetof(seq_abi_error, limit));
    func::ReturnOp::create(b, code(errorCode));
    b.setInsertionPointToStart(after);
  }

  Value code(int64_t value) {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(static_cast<int32_t>(value))).getResult();
  }

  /// An error that a kernel reported, or success.
  Value status() {
    Value both = frame.loadI64(error, offsetof(seq_abi_error, limit));
    Value limit = arith::AndIOp::create(b, both, i64((int64_t{1} << seqc::kLimitBits) - 1));
    frame.store(limit, error, offsetof(seq_abi_error, limit));
    Value code = arith::ShRUIOp::create(b, both, i64(seqc::kLimitBits));
    return arith::TruncIOp::create(b, b.getI32Type(), code);
  }

  func::FuncOp function;
  ImplicitLocOpBuilder &b;
  seqc::FrameAccess frame;
  seqc::SymbolicDims symbols;
  Value framePointer, dims, error;
  SmallVector<Value> operands;
};

struct SeqLowerExports : seqc::impl::SeqLowerExportsBase<SeqLowerExports> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto exported : module.getOps<mlir::seqm::ExportOp>()) {
      auto function = module.lookupSymbol<func::FuncOp>(exported.getFunction());
      auto sizes = module.lookupSymbol<func::FuncOp>((function.getSymName() + ".arena").str());
      std::string name = seqc::entryName(exported.getName());
      ImplicitLocOpBuilder builder = ImplicitLocOpBuilder::atBlockEnd(exported.getLoc(), module.getBody());
      EntryWriter(function, builder).write(name);
      builder.setInsertionPointToEnd(module.getBody());
      EntryWriter(function, builder).writeSizes(name + "_arena", sizes);
      function.setPrivate();
    }
  }
};

} // namespace
