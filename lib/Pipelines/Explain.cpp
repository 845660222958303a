//===- Explain.cpp - What every op costs and what became of it ------------===//

#include "Explain.h"
#include "Executed.h"
#include "dialects/Module/Module.h"
#include "seq/Analysis/Forms.h"
#include "seq/Pipelines/Output.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace mlir;
using namespace seqc;

//===----------------------------------------------------------------------===//
// Collecting
//===----------------------------------------------------------------------===//

static void describeForm(Operation *op, OpReport &report) {
  TypeSwitch<Operation *>(op)
      .Case([&](FormOp mixer) {
        report.form = stringifyForm(mixer.getForm()).str();
        report.chunk = mixer.getChunk();
        if (auto reason = op->getAttrOfType<StringAttr>(kFormReason))
          report.why = reason.getValue().str();
      })
      .Case([&](mlir::seq::PackedLinearOp linear) {
        auto packing = cast<mlir::seq::PackingType>(linear.getPacking());
        report.form = llvm::formatv("{0} outputs, {1} inputs, {2}", packing.getOutputs(), packing.getInputs(),
                                    packing.getFormat());
        report.why = "below 8 rows a matrix-vector kernel that reads each weight once, else register tiles on "
                     "dequantised panels";
        if (linear.getResidual())
          report.why += "; the residual is added while the result is in registers";
      })
      .Case([&](mlir::seq::PackedExpertLinearOp experts) {
        auto packing = cast<mlir::seq::PackingType>(experts.getPacking());
        int64_t chosen = cast<RankedTensorType>(experts.getIndices().getType()).getShape().back();
        report.form = llvm::formatv("{0} of {1} experts, {2} outputs, {3} inputs, {4}", chosen, packing.getMatrices(),
                                    packing.getOutputs(), packing.getInputs(), packing.getFormat());
        report.why =
            "one token reads the matrices of its experts; more tokens are sorted by expert, and each expert is "
            "a matrix product over its own tokens";
      })
      .Case([&](mlir::seq::AttentionOp) {
        report.form = "online softmax, blocks of keys";
        report.why = "no T x T buffer; blocks that the mask hides are skipped, but counted";
      })
      .Case([&](mlir::seq::StateInitOp) {
        report.form = "memory of the call";
        report.why = "filled anew in every call";
      })
      .Default([&](Operation *) {
        report.form = "fused";
        report.why = "pointwise: its cost is its activations";
      });
}

static ExportReport explainExport(ModuleOp module, mlir::seqm::ExportOp exported, const Machine &machine,
                                  int64_t tokens) {
  double count = static_cast<double>(tokens);
  ExportReport report{exported.getName().str(), {1, exported.getKind() == "step" ? 1 : count, count}, {}};
  llvm::MapVector<Operation *, OpReport> ops;
  auto function = module.lookupSymbol<func::FuncOp>(exported.getFunction());
  forEachExecuted(module, function, [&](func::FuncOp in, Operation *op) {
    if (!isa<mlir::seq::SeqDialect>(op->getDialect()))
      return;
    auto [it, isNew] = ops.insert({op, OpReport()});
    if (isNew) {
      it->second.function = in.getSymName().str();
      it->second.op = op->getName().getStringRef().str();
      it->second.cost = costOf(op);
      it->second.bound = boundOf(it->second.cost, report.size, machine);
      describeForm(op, it->second);
    }
    ++it->second.calls;
  });
  for (auto &[op, ofOp] : ops)
    report.ops.push_back(std::move(ofOp));
  return report;
}

TargetReport seqc::explainTarget(ModuleOp module, llvm::StringRef target, const Machine &machine, int64_t tokens) {
  if (auto context = module->getAttrOfType<IntegerAttr>("seqm.context"); context && context.getInt() > 0)
    tokens = std::min(tokens, context.getInt());
  TargetReport report{target.str(), machine, {}, {}};
  for (auto exported : module.getOps<mlir::seqm::ExportOp>())
    report.exports.push_back(explainExport(module, exported, machine, tokens));
  return report;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static int64_t rounded(const Amount &amount, const CallSize &size) { return std::llround(amount.at(size)); }

static std::string numbersOf(const Cost &cost, const Bound &bound, const CallSize &size) {
  std::string text = llvm::formatv("{0:N} FLOP, {1:N} exp, {2:N} B of weights, {3:N} of states, {4:N} of activations",
                                   rounded(cost.flops, size), rounded(cost.exps, size), rounded(cost.weights, size),
                                   rounded(cost.states, size), rounded(cost.activations, size));
  if (bound.seconds > 0)
    text += llvm::formatv("; {0:F1} FLOP/B, at least {1:F3} us by {2}", bound.intensity, 1e6 * bound.seconds,
                          nameOf(bound.limit));
  return text;
}

/// What a call of the export takes at least, op after op.
static void printSum(const ExportReport &report) {
  Cost all;
  double seconds = 0;
  for (const OpReport &op : report.ops)
    for (int64_t i = 0; i < op.calls; ++i) {
      all += op.cost;
      seconds += op.bound.seconds;
    }
  const CallSize &size = report.size;
  llvm::errs() << llvm::formatv("  in all {0:N} FLOP, {1:N} exp, {2:N} B of weights and states; at least {3:F3} us\n",
                                rounded(all.flops, size), rounded(all.exps, size),
                                rounded(all.weights, size) + rounded(all.states, size), 1e6 * seconds);
}

static void printArena(const ArenaSize &arena) {
  std::string when = arena.tokens ? llvm::formatv(" for a call of {0} tokens", arena.tokens).str() : "";
  llvm::errs() << llvm::formatv("  arena on {0}: {1:N} B{2} with one worker; ", arena.target, arena.bytes, when);
  if (arena.tokens)
    llvm::errs() << llvm::formatv("{0:N} B a token, ", std::llround(arena.perToken));
  llvm::errs() << llvm::formatv("{0:N} B more for each further worker\n", arena.perWorker);
}

static void printText(const TargetReport &target) {
  llvm::errs() << llvm::formatv("target {0}, on {1:F0} GFLOP/s, {2:F1} Gexp/s, {3:F0} GB/s\n", target.target,
                                1e-9 * target.machine.flops, 1e-9 * target.machine.exps, 1e-9 * target.machine.bytes);
  for (const ExportReport &exported : target.exports) {
    llvm::errs() << llvm::formatv("export {0}, a call of {1} {2}\n", exported.name, std::llround(exported.size.tokens),
                                  exported.size.tokens == 1 ? "token" : "tokens");
    for (const OpReport &op : exported.ops) {
      std::string chunk = op.chunk ? llvm::formatv(", chunk {0}", op.chunk).str() : "";
      llvm::errs() << llvm::formatv("  {0} x{1}: {2}{3} ({4})\n    {5}\n", op.op, op.calls, op.form, chunk, op.why,
                                    numbersOf(op.cost, op.bound, exported.size));
    }
    printSum(exported);
    for (const ArenaSize &arena : target.arenas)
      if (arena.exported == exported.name)
        printArena(arena);
  }
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Value toJson(const ArenaSize &arena) {
  return llvm::json::Object{{"target", arena.target},
                            {"tokens", arena.tokens},
                            {"bytes", arena.bytes},
                            {"bytes_per_token", arena.perToken},
                            {"bytes_per_worker", arena.perWorker}};
}

static llvm::json::Value toJson(const OpReport &op, const CallSize &size) {
  llvm::json::Object object{{"function", op.function},
                            {"op", op.op},
                            {"calls", op.calls},
                            {"form", op.form},
                            {"why", op.why},
                            {"flops", op.cost.flops.at(size)},
                            {"exps", op.cost.exps.at(size)},
                            {"weight_bytes", op.cost.weights.at(size)},
                            {"state_bytes", op.cost.states.at(size)},
                            {"activation_bytes", op.cost.activations.at(size)},
                            {"flops_per_byte", op.bound.intensity},
                            {"seconds_at_least", op.bound.seconds},
                            {"limit", nameOf(op.bound.limit)}};
  if (op.chunk)
    object["chunk"] = op.chunk;
  return object;
}

static llvm::json::Value toJson(const TargetReport &target) {
  llvm::json::Object exports;
  for (const ExportReport &exported : target.exports) {
    llvm::json::Array ops, arenas;
    for (const OpReport &op : exported.ops)
      ops.push_back(toJson(op, exported.size));
    for (const ArenaSize &arena : target.arenas)
      if (arena.exported == exported.name)
        arenas.push_back(toJson(arena));
    exports[exported.name] =
        llvm::json::Object{{"tokens", exported.size.tokens}, {"ops", std::move(ops)}, {"arenas", std::move(arenas)}};
  }
  return llvm::json::Object{{"target", target.target},
                            {"flops_per_second", target.machine.flops},
                            {"exps_per_second", target.machine.exps},
                            {"bytes_per_second", target.machine.bytes},
                            {"exports", std::move(exports)}};
}

llvm::Error seqc::writeReports(llvm::ArrayRef<TargetReport> reports, llvm::StringRef output) {
  if (output.empty()) {
    for (const TargetReport &report : reports)
      printText(report);
    return llvm::Error::success();
  }
  llvm::json::Array targets;
  for (const TargetReport &report : reports)
    targets.push_back(toJson(report));
  llvm::json::Value text(llvm::json::Object{{"targets", std::move(targets)}});
  return writeOutput(output, llvm::formatv("{0:2}\n", text).str());
}
