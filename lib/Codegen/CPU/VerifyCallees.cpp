//===- VerifyCallees.cpp - Code needs nothing from outside ----------------===//

#include "seq/Codegen/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQVERIFYCALLEES
#include "lib/Codegen/CPU/Passes.h.inc"
} // namespace seqc

using namespace mlir;

namespace {

/// Whether the backend turns an op into a call of libm: there are no instructions for it.
bool callsLibm(Operation *op) {
  return isa<LLVM::ACosOp, LLVM::ASinOp, LLVM::ATanOp, LLVM::ATan2Op, LLVM::CosOp, LLVM::CoshOp, LLVM::Exp10Op,
             LLVM::Exp2Op, LLVM::ExpOp, LLVM::FRemOp, LLVM::LoadExpOp, LLVM::Log10Op, LLVM::Log2Op, LLVM::LogOp,
             LLVM::PowIOp, LLVM::PowOp, LLVM::LroundOp, LLVM::LlroundOp, LLVM::FractionExpOp, LLVM::SinOp,
             LLVM::SincosOp, LLVM::SinhOp, LLVM::TanOp, LLVM::TanhOp>(op);
}

/// Whether the backend turns an op into a call of libgcc: conversions that seq-expand-math does by
/// other means, and division of wide integers.
bool callsLibgcc(Operation *op) {
  auto isWide = [](Type type) { return getElementTypeOrSelf(type).isInteger(128); };
  if (auto truncation = dyn_cast<LLVM::FPTruncOp>(op))
    return isa<BFloat16Type>(getElementTypeOrSelf(truncation.getType())) ||
           (isa<Float16Type>(getElementTypeOrSelf(truncation.getType())) &&
            isa<Float64Type>(getElementTypeOrSelf(truncation.getArg().getType())));
  return isa<LLVM::SDivOp, LLVM::UDivOp, LLVM::SRemOp, LLVM::URemOp>(op) && isWide(op->getResult(0).getType());
}

/// Whether an op becomes a call of libc, unless its size is a small constant.
bool callsLibc(Operation *op) { return isa<LLVM::MemcpyOp, LLVM::MemmoveOp, LLVM::MemsetOp>(op); }

/// Intrinsics of the processor are instructions. Any other could be a function of a library
/// that its op would be refused for.
bool isInstruction(LLVM::CallIntrinsicOp call) { return call.getIntrin().starts_with("llvm.x86."); }

/// An address that a call goes to may only be one that the runtime passes in memory, as it does
/// its import table.
bool isFromMemory(LLVM::CallOp indirect) {
  return indirect.getCalleeOperands().front().getDefiningOp<LLVM::LoadOp>() != nullptr;
}

struct SeqVerifyCallees : seqc::impl::SeqVerifyCalleesBase<SeqVerifyCallees> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    getOperation().walk([&](Operation *op) {
      if (failed(verify(op, symbols)))
        signalPassFailure();
    });
  }

private:
  static LogicalResult verify(Operation *op, SymbolTable &symbols) {
    if (callsLibm(op) || isa<math::MathDialect>(op->getDialect()))
      return op->emitError() << "'" << op->getName() << "' on " << op->getResult(0).getType()
                             << " is neither an instruction nor expanded by seq-expand-math: use f32 and the "
                                "functions that the pass lists";
    if (callsLibgcc(op))
      return op->emitError() << "'" << op->getName() << "' to " << op->getResult(0).getType()
                             << " is not an instruction";
    if (isa<memref::AllocOp, memref::DeallocOp>(op))
      return op->emitError() << "'" << op->getName() << "' is left: only the memory planner's arena may hold buffers";
    if (callsLibc(op))
      return op->emitError() << "'" << op->getName() << "' may be a call of libc: write a loop";
    if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op); call && !isInstruction(call))
      return op->emitError() << "'" << call.getIntrin() << "' need not be an instruction: only llvm.x86.* is called by "
                             << "name, for all else there are ops";
    return verifyCallee(op, symbols);
  }

  static LogicalResult verifyCallee(Operation *op, SymbolTable &symbols) {
    FlatSymbolRefAttr callee;
    if (auto call = dyn_cast<LLVM::CallOp>(op)) {
      callee = call.getCalleeAttr();
      if (!callee && !isFromMemory(call))
        return op->emitError("calls an address that is computed: only functions that the runtime passes in memory are "
                             "called by their address");
    } else if (auto address = dyn_cast<LLVM::AddressOfOp>(op)) {
      callee = address.getGlobalNameAttr();
    }
    if (!callee)
      return success();
    auto function = symbols.lookup<LLVM::LLVMFuncOp>(callee.getValue());
    if (function && function.isExternal())
      return op->emitError() << "'" << callee.getValue()
                             << "' is defined outside the module, and modules call nothing outside";
    return success();
  }
};

} // namespace
