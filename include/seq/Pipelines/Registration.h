//===- Registration.h - Everything that the tools know ----------*- C++ -*-===//

#ifndef SEQ_PIPELINES_REGISTRATION_H
#define SEQ_PIPELINES_REGISTRATION_H

namespace mlir {
class DialectRegistry;
}

namespace seqc {

/// Adds the dialects of seqc, those of MLIR that it uses, and the external
/// models (bufferisation, tiling, translation to LLVM IR) of all of them.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers seqc's passes and pipelines, and MLIR's own passes.
void registerPasses();

} // namespace seqc

#endif // SEQ_PIPELINES_REGISTRATION_H
