//===- FrameAccess.h - Fields of the ABI's structures -----------*- C++ -*-===//

#ifndef SEQ_LIB_CODEGEN_LOWERING_FRAMEACCESS_H
#define SEQ_LIB_CODEGEN_LOWERING_FRAMEACCESS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "seq/Runtime/ABI.h"

namespace seqc {

/// Until the export's entry returns, the limit in a seq_abi_error has the seq_abi_code above
/// its lowest bits, so many of them: both are 0 where there is no error.
inline constexpr int64_t kLimitBits = 48;

/// Loads and stores relative to pointers, in bytes.
class FrameAccess {
public:
  explicit FrameAccess(mlir::ImplicitLocOpBuilder &builder) : b(builder) {}

  mlir::Type pointerType() { return mlir::LLVM::LLVMPointerType::get(b.getContext()); }

  mlir::Value at(mlir::Value pointer, int64_t bytes) {
    if (bytes == 0)
      return pointer;
    return mlir::LLVM::GEPOp::create(b, pointerType(), b.getI8Type(), pointer,
                                     llvm::ArrayRef<mlir::LLVM::GEPArg>{static_cast<int32_t>(bytes)});
  }
  mlir::Value loadPointer(mlir::Value pointer, int64_t bytes) {
    return mlir::LLVM::LoadOp::create(b, pointerType(), at(pointer, bytes));
  }
  mlir::Value loadI64(mlir::Value pointer, int64_t bytes) {
    return mlir::LLVM::LoadOp::create(b, b.getI64Type(), at(pointer, bytes));
  }
  mlir::Value loadIndex(mlir::Value pointer, int64_t bytes) {
    return mlir::arith::IndexCastOp::create(b, b.getIndexType(), loadI64(pointer, bytes));
  }
  void store(mlir::Value value, mlir::Value pointer, int64_t bytes) {
    mlir::LLVM::StoreOp::create(b, value, at(pointer, bytes));
  }

private:
  mlir::ImplicitLocOpBuilder &b;
};

} // namespace seqc

#endif // SEQ_LIB_CODEGEN_LOWERING_FRAMEACCESS_H
