//===- KnownOpsTest.cpp - The oracle knows every op that people write -----===//

#include "dialects/Check/Check.h"
#include "dialects/Seq/Seq.h"
#include "mlir/IR/MLIRContext.h"
#include "seq/Reference/Interpreter.h"
#include "llvm/ADT/StringSet.h"
#include <gtest/gtest.h>

using namespace mlir;
using seqc::reference::Interpreter;

namespace {

/// The ops of dialects/Seq/PackedOps.td: the compiler makes them on its way to machine
/// code, below what the oracle judges.
const llvm::StringSet<> &compilerOps() {
  static const llvm::StringSet<> names = {
      "seq.pack",         "seq.packed_linear", "seq.packed_embedding", "seq.packed_expert_linear",
      "seq.parallel",     "seq.yield",         "seq.workers",          "seq.state_component",
      "seq.state_tokens", "seq.report_index",  "seq.parameter_memory", "seq.frame",
      "seq.view",         "seq.report_full",   "seq.local_state",
  };
  return names;
}

/// The names of a dialect's ops.
template <class DialectTy> std::vector<std::string> opsOf() {
  MLIRContext context;
  context.loadDialect<DialectTy>();
  std::vector<std::string> names;
  for (RegisteredOperationName op : context.getRegisteredOperations())
    if (op.getDialectNamespace() == DialectTy::getDialectNamespace())
      names.push_back(op.getStringRef().str());
  return names;
}

TEST(KnownOps, EveryPublicSeqOp) {
  size_t known = 0;
  for (const std::string &name : opsOf<mlir::seq::SeqDialect>()) {
    EXPECT_NE(Interpreter::knows(name), compilerOps().contains(name)) << name;
    known += Interpreter::knows(name);
  }
  EXPECT_GE(known, 20u);
}

TEST(KnownOps, EveryCheckOp) {
  std::vector<std::string> names = opsOf<check::CheckDialect>();
  EXPECT_GE(names.size(), 4u);
  for (const std::string &name : names)
    EXPECT_TRUE(Interpreter::knows(name)) << name;
}

TEST(KnownOps, NothingElse) {
  EXPECT_FALSE(Interpreter::knows("seq.no_such_op"));
  EXPECT_FALSE(Interpreter::knows("memref.alloc"));
}

} // namespace
