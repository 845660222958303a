//===- Architectures.h - One importer an architecture -----------*- C++ -*-===//

#ifndef SEQ_IMPORT_ARCHITECTURES_ARCHITECTURES_H
#define SEQ_IMPORT_ARCHITECTURES_ARCHITECTURES_H

#include "../Checkpoint.h"

namespace seqc::importer {

ImportedModule importGPT2(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importGPTNeoX(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importLlama(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importMistral(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importPhi3(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importQwen2(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importQwen3(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importRWKV(mlir::MLIRContext *, HuggingFaceModel &);

ImportedModule importGGUFLlama(mlir::MLIRContext *, GGUFModel &);

} // namespace seqc::importer

#endif // SEQ_IMPORT_ARCHITECTURES_ARCHITECTURES_H
