//===- StoredElements.h - Numbers as files hold them ------------*- C++ -*-===//

#ifndef SEQ_LIB_REFERENCE_STOREDELEMENTS_H
#define SEQ_LIB_REFERENCE_STOREDELEMENTS_H

#include "mlir/IR/Types.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace seqc::reference {

/// Bytes of `elements` consecutive elements of a type in a file, whole blocks where it is
/// block-quantised; nothing for types that no file holds, and on overflow.
std::optional<uint64_t> storedBytes(mlir::Type type, uint64_t elements);

/// Element `index` of little-endian `bytes` as a number. A block-quantised element is
/// dequantised; integers are returned as integers by storedInteger.
double storedReal(mlir::Type type, llvm::StringRef bytes, uint64_t index);
int64_t storedInteger(mlir::Type type, llvm::StringRef bytes, uint64_t index);

} // namespace seqc::reference

#endif // SEQ_LIB_REFERENCE_STOREDELEMENTS_H
