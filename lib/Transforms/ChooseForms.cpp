//===- ChooseForms.cpp - The form of each recurrence ----------------------===//

#include "dialects/Seq/Seq.h"
#include "seq/Analysis/Forms.h"
#include "seq/Transforms/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQCHOOSEFORMS
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;

namespace {

struct SeqChooseForms : seqc::impl::SeqChooseFormsBase<SeqChooseForms> {
  using SeqChooseFormsBase::SeqChooseFormsBase;

  void runOnOperation() override {
    auto asked = symbolizeForm(form);
    if (!asked || chunk < 0 || (chunk > 0 && *asked != Form::Auto && *asked != Form::Chunkwise) || tokens < 1 ||
        threads < 0 || (lanes != 8 && lanes != 16)) {
      getOperation().emitError(
          "seq-choose-forms: form is auto, recurrent, chunkwise or parallel, chunk a number of tokens "
          "with auto or chunkwise, tokens positive, threads not negative, lanes 8 or 16");
      return signalPassFailure();
    }
    target = {lanes, threads, tokens};
    WalkResult result = getOperation().walk(
        [&](seqc::FormOp op) { return failed(choose(op, *asked)) ? WalkResult::interrupt() : WalkResult::advance(); });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult choose(seqc::FormOp op, Form asked) {
    bool isAsked = asked != Form::Auto && override(op, asked);
    if (!isAsked && op.getForm() == Form::Auto)
      chooseOpen(op);
    else if (!isAsked)
      note(op, "the program says so");
    if (std::string weakness = seqc::weaknessOf(op); !weakness.empty())
      op->emitRemark() << weakness;
    return seqc::verifyForm(op);
  }

  void chooseOpen(seqc::FormOp op) {
    // A chunk of the op's own asks for chunks.
    if (op.getChunk() > 0)
      return set(op, {Form::Chunkwise, op.getChunk(), "the program gives a chunk"});
    auto choice = seqc::chooseForm(op, target);
    if (choice.form == Form::Chunkwise && chunk > 0)
      choice.chunk = chunk;
    set(op, choice);
  }

  /// Sets the form that is asked of all ops; says whether the op has it.
  bool override(seqc::FormOp op, Form asked) {
    std::string why = seqc::whyNotForm(op, asked);
    if (why.empty())
      set(op, {asked, asked == Form::Chunkwise ? chunk.getValue() : 0, "asked for by the option form"});
    else
      op->emitWarning() << "form=" << stringifyForm(asked) << " does not apply: " << why;
    return why.empty();
  }

  static void set(seqc::FormOp op, const seqc::FormChoice &choice) {
    op.setForm(choice.form);
    op.setChunk(choice.chunk);
    note(op, choice.reason);
  }

  static void note(seqc::FormOp op, const std::string &reason) {
    op->setAttr(seqc::kFormReason, StringAttr::get(op->getContext(), reason));
  }

  seqc::FormTarget target;
};

} // namespace
