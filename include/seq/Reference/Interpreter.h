//===- Interpreter.h - The oracle -------------------------------*- C++ -*-===//
//
// Runs functions of the seq dialect (with arith, math, tensor, linalg and scf around
// it) in f64. It is the readable meaning of every op: slow, and sharing nothing with the
// lowerings that it judges.
//
// Floats of every type are computed in f64 and never rounded; integers wrap at their
// width. Block-quantised weights have the values that their bytes stand for.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_REFERENCE_INTERPRETER_H
#define SEQ_REFERENCE_INTERPRETER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "seq/Reference/Datum.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

namespace seqc::reference {

class Interpreter {
public:
  /// The module must outlive the interpreter and not change while it lives.
  explicit Interpreter(mlir::ModuleOp module) : module(module) {}

  /// Runs a function. Fails with a diagnostic at the op where it can not go on (an op
  /// that the oracle does not know, extents that do not agree, an index out of range, an
  /// expectation that is not met).
  mlir::FailureOr<llvm::SmallVector<Datum>> call(mlir::func::FuncOp function, llvm::ArrayRef<Datum> arguments);

  /// How many expectations (ops of the check dialect) have held so far.
  int64_t getChecks() const { return checks; }

  /// Whether the oracle has semantics for an op, by its full name ("seq.attention").
  static bool knows(llvm::StringRef operation);

  //===--------------------------------------------------------------------===//
  // For the semantics of ops
  //===--------------------------------------------------------------------===//

  mlir::ModuleOp getModule() const { return module; }
  void countCheck() { ++checks; }
  /// The bytes of a file, mapped once; a failure is emitted at `op`.
  mlir::FailureOr<llvm::StringRef> mapFile(mlir::Operation *op, llvm::StringRef path);
  /// The values of parameters that were loaded before.
  llvm::DenseMap<mlir::Operation *, Datum> parameters;

private:
  mlir::ModuleOp module;
  int64_t checks = 0;
  int64_t depth = 0;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> files;
};

} // namespace seqc::reference

#endif // SEQ_REFERENCE_INTERPRETER_H
