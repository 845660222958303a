//===- GGMLTypes.h - The tensor types of GGUF files -------------*- C++ -*-===//

#ifndef SEQ_IMPORT_GGMLTYPES_H
#define SEQ_IMPORT_GGMLTYPES_H

#include "seq/Import/WeightSource.h"

namespace seqc::importer {

/// A tensor type of the format. A block size of 0 elements means that only the
/// name is known.
struct GGMLType {
  llvm::StringLiteral name;
  BlockSize block;
  ElementKind kind;
};

/// The type with this number, or null.
const GGMLType *findGGMLType(uint32_t number);

} // namespace seqc::importer

#endif // SEQ_IMPORT_GGMLTYPES_H
