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
    FlatSymbolRefAttr callee;
    if (auto call = dyn_cast<LLVM::CallOp>(op))
      callee = call.getCalleeAttr();
    else if (auto address = dyn_cast<LLVM::AddressOfOp>(op))
      callee = address.getGlobalNameAttr();
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
