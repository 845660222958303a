//===- Explain.cpp - What every op costs and what became of it ------------===//

#include "Explain.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace mlir;

namespace {

/// What is said of an op. FLOPs and bytes are for one token of one sequence; bytes are
/// weights and states, not activations, which stay in the cache.
struct Report {
  std::string function, op, form, why;
  double flops = 0, bytes = 0;
  int64_t calls = 0; ///< how often the export reaches it
};

Report reportOf(Operation *op) {
  Report report;
  report.op = op->getName().getStringRef().str();
  TypeSwitch<Operation *>(op)
      .Case([&](mlir::seq::PackedLinearOp linear) {
        auto packing = cast<mlir::seq::PackingType>(linear.getPacking());
        report.flops = 2.0 * packing.getOutputs() * packing.getInputs();
        report.bytes = static_cast<double>(packing.getBytes());
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
        report.flops = 2.0 * static_cast<double>(chosen * packing.getOutputs() * packing.getInputs());
        report.bytes = static_cast<double>(chosen) * packing.getBytes() / packing.getMatrices();
        report.form = llvm::formatv("{0} of {1} experts, {2} outputs, {3} inputs, {4}", chosen, packing.getMatrices(),
                                    packing.getOutputs(), packing.getInputs(), packing.getFormat());
        report.why =
            "one token reads the matrices of its experts; more tokens are sorted by expert, and each expert is "
            "a matrix product over its own tokens";
      })
      .Case([&](mlir::seq::AttentionOp attention) {
        double width = attention.getKeyDim() + attention.getValueDim();
        report.flops = 2.0 * attention.getQueryHeads() * width;
        report.bytes = 4.0 * attention.getKvHeads() * width;
        report.form = "online softmax, blocks of keys";
        report.why = "no T x T buffer; blocks that the mask hides are skipped; figures are per visible key";
      })
      .Case([&](mlir::seq::StateMixOp mix) {
        auto v = cast<RankedTensorType>(mix.getV().getType());
        double state =
            1.0 * v.getDimSize(2) * v.getDimSize(3) * cast<RankedTensorType>(mix.getQ().getType()).getDimSize(3);
        report.flops = state * (mix.getUpdate() == mlir::seq::Update::Outer ? 5 : 9);
        report.bytes = 4 * state;
        report.form = "recurrent";
        report.why = "the only form of this version; the state stays in the first-level cache";
      })
      .Default([&](Operation *) {
        report.form = "fused";
        report.why = "pointwise: its cost is its activations";
      });
  return report;
}

using Reports = llvm::MapVector<Operation *, Report>;

void collect(ModuleOp module, func::FuncOp function, Reports &reports) {
  function.walk([&](Operation *op) {
    if (auto call = dyn_cast<func::CallOp>(op))
      return collect(module, module.lookupSymbol<func::FuncOp>(call.getCallee()), reports);
    if (!isa<mlir::seq::SeqDialect>(op->getDialect()))
      return;
    auto [it, isNew] = reports.insert({op, Report()});
    if (isNew) {
      it->second = reportOf(op);
      it->second.function = function.getSymName().str();
    }
    ++it->second.calls;
  });
}

void printText(llvm::StringRef name, const Reports &reports) {
  llvm::errs() << "export " << name << "\n";
  for (const auto &[op, report] : reports) {
    llvm::errs() << llvm::formatv("  {0,-22} x{1,-4} {2,10:N0} FLOP {3,10:N0} B  {4}: {5}\n", report.op, report.calls,
                                  report.flops, report.bytes, report.form, report.why);
  }
}

void printArena(const seqc::ArenaSize &arena) {
  std::string when = arena.tokens ? llvm::formatv(" for a call of {0} tokens", arena.tokens).str() : "";
  llvm::errs() << llvm::formatv("  arena on {0}: {1:N} B{2} with one worker; ", arena.target, arena.bytes, when);
  if (arena.tokens)
    llvm::errs() << llvm::formatv("{0:N} B a token, ", std::llround(arena.perToken));
  llvm::errs() << llvm::formatv("{0:N} B more for each further worker\n", arena.perWorker);
}

llvm::json::Value toJson(const seqc::ArenaSize &arena) {
  return llvm::json::Object{{"target", arena.target},
                            {"tokens", arena.tokens},
                            {"bytes", arena.bytes},
                            {"bytes_per_token", arena.perToken},
                            {"bytes_per_worker", arena.perWorker}};
}

llvm::json::Value toJson(const Reports &reports) {
  llvm::json::Array ops;
  for (const auto &[op, report] : reports)
    ops.push_back(llvm::json::Object{{"function", report.function},
                                     {"op", report.op},
                                     {"calls", report.calls},
                                     {"form", report.form},
                                     {"why", report.why},
                                     {"flops_per_token", report.flops},
                                     {"bytes_per_token", report.bytes}});
  return ops;
}

} // namespace

llvm::Error seqc::explain(ModuleOp module, const seqc::file::Module &, ArrayRef<ArenaSize> arenas,
                          llvm::StringRef output) {
  llvm::json::Object exports;
  for (auto exported : module.getOps<mlir::seqm::ExportOp>()) {
    Reports reports;
    collect(module, module.lookupSymbol<func::FuncOp>(exported.getFunction()), reports);
    if (output.empty())
      printText(exported.getName(), reports);
    llvm::json::Array plans;
    for (const ArenaSize &arena : arenas) {
      if (arena.exported != exported.getName())
        continue;
      plans.push_back(toJson(arena));
      if (output.empty())
        printArena(arena);
    }
    exports[exported.getName()] = llvm::json::Object{{"ops", toJson(reports)}, {"arenas", std::move(plans)}};
  }
  if (output.empty())
    return llvm::Error::success();
  return llvm::writeToOutput(output, [&](llvm::raw_ostream &stream) {
    stream << llvm::formatv("{0:2}", llvm::json::Value(std::move(exports))) << "\n";
    return llvm::Error::success();
  });
}
