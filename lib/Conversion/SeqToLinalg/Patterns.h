//===- Patterns.h - Patterns by op family -----------------------*- C++ -*-===//

#ifndef SEQ_LIB_CONVERSION_SEQTOLINALG_PATTERNS_H
#define SEQ_LIB_CONVERSION_SEQTOLINALG_PATTERNS_H

#include "mlir/IR/PatternMatch.h"

namespace seqc {

void populateActivationPatterns(mlir::RewritePatternSet &patterns);
void populateShapePatterns(mlir::RewritePatternSet &patterns);
void populateRecurrencePatterns(mlir::RewritePatternSet &patterns);
void populateSelectiveScanPatterns(mlir::RewritePatternSet &patterns);

} // namespace seqc

#endif // SEQ_LIB_CONVERSION_SEQTOLINALG_PATTERNS_H
