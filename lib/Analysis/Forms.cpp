//===- Forms.cpp - In which form a recurrence is computed -----------------===//
//
// docs/Forms.md has the model and where its constants come from.
//
//===----------------------------------------------------------------------===//

#include "seq/Analysis/Forms.h"
#include "Mix.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include <limits>

using namespace mlir;
using namespace mlir::seq;
using namespace seqc;

//===----------------------------------------------------------------------===//
// Ops with forms
//===----------------------------------------------------------------------===//

bool FormOp::classof(Operation *op) { return isa<StateMixOp, RetentionOp, SelectiveScanOp, ScanOp>(op); }

/// Calls `function` with the op by its own type.
template <typename Result, typename Function> static Result visit(Operation *op, Function function) {
  return TypeSwitch<Operation *, Result>(op).template Case<StateMixOp, RetentionOp, SelectiveScanOp, ScanOp>(function);
}

Form FormOp::getForm() {
  return visit<Form>(*this, [](auto op) { return op.getForm(); });
}
int64_t FormOp::getChunk() {
  return visit<int64_t>(*this, [](auto op) { return static_cast<int64_t>(op.getChunk()); });
}
void FormOp::setForm(Form form) {
  visit<bool>(*this, [form](auto op) { return op.setForm(form), true; });
}
void FormOp::setChunk(int64_t tokens) {
  visit<bool>(*this, [tokens](auto op) { return op.setChunk(static_cast<uint64_t>(tokens)), true; });
}

//===----------------------------------------------------------------------===//
// What there is a kernel for
//===----------------------------------------------------------------------===//

static bool isFactored(Operation *op) {
  if (auto mix = dyn_cast<StateMixOp>(op))
    return mix.getDecay() == Decay::Factored;
  auto scan = dyn_cast<SelectiveScanOp>(op);
  return scan && !scan.isHeadForm();
}

/// Matrix states that are not walked as a scan of channels.
static std::optional<Mix> matrixMix(Operation *op) {
  auto mix = Mix::of(op);
  return mix && !mix->isChannelScan ? mix : std::nullopt;
}

std::string seqc::whyNotForm(FormOp op, Form form) {
  if (form != Form::Parallel || !isFactored(op))
    return "";
  return std::string(isa<StateMixOp>(op.getOperation()) ? "state_mix_c16" : "selective_scan_c12") +
         ": a factored decay has no parallel form";
}

std::string seqc::weaknessOf(FormOp op) {
  int64_t chunk = op.getChunk(), rest = chunk % kMixBlock;
  if (op.getForm() != Form::Chunkwise || rest == 0 || !matrixMix(op))
    return "";
  return llvm::formatv("{0} of the {1} tokens of a chunk make no whole block of {2} and go token by token", rest, chunk,
                       kMixBlock);
}

LogicalResult seqc::verifyForm(Operation *op) {
  FormOp formed(op);
  if (formed.getForm() == Form::Auto)
    return op->emitOpError("has no form yet: run seq-choose-forms before kernels are made");
  std::string why = whyNotForm(formed, formed.getForm());
  return why.empty() ? success() : op->emitOpError() << why;
}

//===----------------------------------------------------------------------===//
// What a form takes
//===----------------------------------------------------------------------===//

namespace {

/// How long a token of a head takes, in times of a vector FMA at the peak rate.
struct Rates {
  double perOperation; ///< of the multipliers, on vectors
  double perChannel;   ///< of K
  double perToken;

  double of(double operations, const Mix &mix) const {
    return perOperation * operations + perChannel * static_cast<double>(mix.keyDim) + perToken;
  }
};

/// From the measurements in docs/StateMixes.md; bench/forms.py repeats them.
struct MixRates {
  Rates recurrent, chunkwise;
};
constexpr MixRates kWideRates{{1.3, 0, 0}, {1.28, 0, 300}}, kNarrowRates{{1.26, 1.5, 0}, {1.23, 3.4, 230}};

double vectorsOf(int64_t elements, int64_t lanes) { return static_cast<double>(llvm::divideCeil(elements, lanes)); }

/// Operations on vectors of a token: a row of the state is decayed, updated and read. Without a decay
/// the load and the store of the row take as long.
double recurrentOperations(const Mix &mix, int64_t lanes) {
  double each = mix.isOuter() ? 3 : mix.isDelta() ? 4 : 5;
  return static_cast<double>(mix.keyDim) * vectorsOf(mix.valueDim, lanes) * each;
}

double chunkwiseOperations(const Mix &mix, int64_t lanes) {
  double columns = vectorsOf(mix.valueDim, lanes), keys = static_cast<double>(mix.keyDim);
  double state = mix.isOuter() ? 2 : mix.isDelta() ? 3 : 4;
  double scores = mix.isOuter() ? 1 : mix.isDelta() ? 2 : 4, sums = mix.isOuter() ? 1 : mix.isDelta() ? 1.5 : 3.5;
  return keys * columns * state + kMixBlock * (scores * keys / static_cast<double>(lanes) + sums * columns);
}

/// As many threads as a call may have where nobody says.
constexpr int64_t kMostThreads = 64;

/// How far the logarithms of a block's decays may add up in blocks (StateMixBlocksChunk.cpp).
constexpr double kLeastLogSum = -66.5;

bool isForgetful(const Mix &mix) {
  return mix.decays == Mix::Channel && mix.gMin && *mix.gMin * kMixBlock < kLeastLogSum;
}

std::string counted(int64_t count, StringRef what) {
  return std::to_string(count) + " " + what.str() + (count == 1 ? "" : "s");
}

/// Heads and the ranges of their columns that a row is shared out by (StateMixBlocks.cpp).
int64_t mixTasks(const Mix &mix, int64_t lanes) {
  bool isWide = lanes == 16 && (mix.heads >= 4 || mix.valueDim >= 16 * lanes);
  return mix.heads * static_cast<int64_t>(llvm::divideCeil(mix.valueDim, (isWide ? 4 : 2) * lanes));
}

/// Whether a call of one sequence leaves workers idle that blocks of time would give work to.
bool leavesIdle(const Mix &mix, const FormTarget &target) {
  int64_t threads = target.threads ? target.threads : 2;
  return mix.composesInTime() && mixTasks(mix, target.lanes) < threads;
}

/// `isOpen`: the tokens of a call are not known; `hasParallel`: there is a parallel form.
FormChoice chooseMix(const Mix &mix, int64_t tokens, bool isOpen, bool hasParallel, const FormTarget &target) {
  auto recurrent = [](std::string why) { return FormChoice{Form::Recurrent, 0, std::move(why)}; };
  if (mix.keyDim == 1 && mix.valueDim == 1)
    return recurrent("states of one number a head: heads stand in the lanes");
  if (tokens < kMixBlock)
    return recurrent("a call has no whole block of 16 tokens");
  if (isForgetful(mix))
    return recurrent(
        llvm::formatv("g_min {0:F1}: the decays of a block of 16 tokens would leave f32's exponents", *mix.gMin));
  if (hasParallel && leavesIdle(mix, target) && (isOpen || tokens >= 3 * kMixTimeBlock))
    return {
        Form::Parallel, 0,
        llvm::formatv(
            "{0} of heads and columns: where there are more workers, time is cut into blocks of at least {1} tokens",
            counted(mixTasks(mix, target.lanes), "task"), kMixTimeBlock)};
  const MixRates &rates = target.lanes == 16 ? kWideRates : kNarrowRates;
  double byToken = rates.recurrent.of(recurrentOperations(mix, target.lanes), mix);
  double inBlocks = rates.chunkwise.of(chunkwiseOperations(mix, target.lanes), mix);
  auto times = [](double first, double second) {
    return llvm::formatv("{0:F0} against {1:F0} vector FMAs a token and head", first, second).str();
  };
  if (byToken <= inBlocks)
    return recurrent(times(byToken, inBlocks) + " in chunks");
  std::string unbounded = mix.decays == Mix::Channel && !mix.isStatic && !mix.gMin
                              ? "; g has no bound: blocks whose decays leave f32's exponents go token by token"
                              : "";
  return {Form::Chunkwise, kMixChunk, times(inBlocks, byToken) + " token by token" + unbounded};
}

//===----------------------------------------------------------------------===//
// Scans
//===----------------------------------------------------------------------===//

FormChoice chooseScan(ScanOp op, int64_t tokens, const FormTarget &target) {
  int64_t elements = 1;
  for (int64_t extent : cast<RankedTensorType>(op.getX().getType()).getShape().drop_front(2))
    elements *= extent;
  int64_t tasks = scanTasks(op.getComplex() ? elements / 2 : elements, target.lanes);
  int64_t threads = target.threads ? target.threads : kMostThreads;
  if (tasks >= threads)
    return {Form::Recurrent, 0,
            llvm::formatv("{0} of elements, enough for {1}", counted(tasks, "task"), counted(threads, "thread"))};
  if (tokens < 3 * kScanBlock)
    return {Form::Recurrent, 0, llvm::formatv("{0} tokens are too few to cut time", tokens)};
  return {Form::Parallel, 0,
          llvm::formatv("{0} of elements: where there are more workers, time is cut into blocks of at least {1} tokens",
                        counted(tasks, "task"), kScanBlock)};
}

/// The tokens of a call, where the types say how many.
std::optional<int64_t> constantTokens(FormOp op) {
  auto type = cast<RankedTensorType>(op->getOperand(0).getType());
  return type.isDynamicDim(1) ? std::nullopt : std::optional(type.getDimSize(1));
}

} // namespace

int64_t seqc::scanTaskVectors(int64_t elements, int64_t lanes) {
  constexpr int64_t kTaskVectors = 4, kTasks = 8;
  return std::clamp<int64_t>(llvm::divideCeil(elements, lanes) / kTasks, 1, kTaskVectors);
}

int64_t seqc::scanTasks(int64_t elements, int64_t lanes) {
  return static_cast<int64_t>(llvm::divideCeil(elements, scanTaskVectors(elements, lanes) * lanes));
}

FormChoice seqc::chooseForm(FormOp op, const FormTarget &target) {
  auto constant = constantTokens(op);
  int64_t tokens = constant.value_or(target.tokens);
  if (tokens <= 1)
    return {Form::Recurrent, 0, "a call is one token"};
  // Blocks of time adapt to the tokens of a call.
  if (auto scan = dyn_cast<ScanOp>(op.getOperation()))
    return chooseScan(scan, constant.value_or(std::numeric_limits<int64_t>::max()), target);
  if (auto mix = matrixMix(op))
    return chooseMix(*mix, tokens, !constant, whyNotForm(op, Form::Parallel).empty(), target);
  return {Form::Chunkwise, kScanChunk,
          "what a chunk's tokens share is prepared in the cache, its states stay in registers; exps are the limit"};
}
