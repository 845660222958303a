//===- Architectures.h - One importer an architecture -----------*- C++ -*-===//

#ifndef SEQ_IMPORT_ARCHITECTURES_ARCHITECTURES_H
#define SEQ_IMPORT_ARCHITECTURES_ARCHITECTURES_H

#include "../Checkpoint.h"

namespace seqc::importer {

ImportedModule importBamba(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importDeepSeekV2(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importDeepSeekV3(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importFalconH1(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importFalconMamba(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importGPT2(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importGPTNeoX(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importGraniteMoeHybrid(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importJamba(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importKimiLinear(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importLfm2(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importLlama(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importMamba(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importMamba2(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importMiniMax(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importMistral(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importMixtral(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importNemotronH(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importOlmoHybrid(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importPhi3(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importQwen2(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importQwen3(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importQwen3Next(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importRecurrentGemma(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importRetNet(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importRWKV(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importXLSTM(mlir::MLIRContext *, HuggingFaceModel &);
ImportedModule importZamba2(mlir::MLIRContext *, HuggingFaceModel &);

ImportedModule importGGUFLlama(mlir::MLIRContext *, GGUFModel &);

} // namespace seqc::importer

#endif // SEQ_IMPORT_ARCHITECTURES_ARCHITECTURES_H
