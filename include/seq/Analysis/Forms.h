//===- Forms.h - In which form a recurrence is computed ---------*- C++ -*-===//
//
// One op, several forms of the same function (docs/Forms.md): recurrent goes token by
// token, chunkwise takes chunks of tokens as matrix products (scans: stretches of time)
// with the state between them, parallel also cuts time for workers that a call has nothing
// else to give to. Here is which form an op has a kernel for, what each is expected to
// take, and which one is the quickest.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_ANALYSIS_FORMS_H
#define SEQ_ANALYSIS_FORMS_H

#include "dialects/Seq/Seq.h"
#include <string>

namespace seqc {

/// Tokens of the blocks that matrix products are made of; what a chunk of matrix states has
/// more than whole ones goes token by token.
inline constexpr int64_t kMixBlock = 16;

/// Tokens of a chunk where nobody asks for another number: of matrix states, how many of
/// one head come before those of the next, few enough that their rows stay in the L2 cache;
/// of selective scans, how many have dt, u and y in the L1 cache at a time.
inline constexpr int64_t kMixChunk = 32, kScanChunk = 32;

/// Scans in parallel: a block of time has at least as many tokens, so that it is worth two forks
/// and a second pass over most tokens.
inline constexpr int64_t kScanBlock = 512;
/// The same for matrix states.
inline constexpr int64_t kMixTimeBlock = 128;

/// Vectors of elements (channels) that a task of a scan has at most, and how many tasks a row should
/// have before its tasks get that large: a cache line of one vector wastes what the processor fetches
/// ahead, a task of all elements leaves nothing for other threads.
int64_t scanTaskVectors(int64_t elements, int64_t lanes);
/// Into how many tasks the elements of a row are shared out.
int64_t scanTasks(int64_t elements, int64_t lanes);

/// An op that has forms: state_mix, retention, selective_scan or scan.
class FormOp : public mlir::OpState {
public:
  explicit FormOp(mlir::Operation *op = nullptr) : OpState(op) {}
  static bool classof(mlir::Operation *op);

  mlir::seq::Form getForm();
  int64_t getChunk(); ///< tokens, or 0
  void setForm(mlir::seq::Form form);
  void setChunk(int64_t tokens);
};

/// The attribute of an op that says why it has its form.
inline constexpr llvm::StringLiteral kFormReason = "seq.form_reason";

/// What is known of the machine and the calls.
struct FormTarget {
  int64_t lanes = 8;    ///< f32 lanes of a vector
  int64_t threads = 0;  ///< that a call has; 0: not known, maybe many
  int64_t tokens = 512; ///< of a call, where the types leave it open
};

struct FormChoice {
  mlir::seq::Form form;
  int64_t chunk; ///< 0 unless the form is chunkwise
  std::string reason;
};

/// The rule of docs/Spec.md by which an op can not be computed in a form; empty if it can.
std::string whyNotForm(FormOp op, mlir::seq::Form form);

/// What an op's form and chunk leave to be desired; empty if nothing.
std::string weaknessOf(FormOp op);

/// Emits what whyNotForm says of the op's own form as an error at the op.
mlir::LogicalResult verifyForm(mlir::Operation *op);

/// The quickest form that the op has a kernel for.
FormChoice chooseForm(FormOp op, const FormTarget &target);

} // namespace seqc

#endif // SEQ_ANALYSIS_FORMS_H
