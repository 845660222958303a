//===- InterpretPass.cpp - The oracle as a pass ---------------------------===//

#include "Files.h"
#include "dialects/Module/Module.h"
#include "dialects/Seq/Seq.h"
#include "seq/Reference/Passes.h"
#include "llvm/Support/Format.h"

namespace seqc {
#define GEN_PASS_DEF_SEQINTERPRET
#include "lib/Reference/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace seqc::reference;
using mlir::seq::isState;

/// Tokens that a state has room for where the module does not say.
static constexpr int64_t kDefaultContext = 1'000'000;

/// Elements of a result that are printed.
static constexpr int64_t kPrinted = 16;

static void printTensor(raw_ostream &stream, const Tensor &tensor, Type element) {
  stream << RankedTensorType::get(tensor.shape(), element) << " [";
  for (int64_t i = 0; i < std::min(tensor.size(), kPrinted); ++i) {
    stream << (i ? ", " : "");
    if (tensor.isReal())
      stream << llvm::format("%.7g", tensor.reals()[i]);
    else
      stream << tensor.integers()[i];
  }
  stream << (tensor.size() > kPrinted ? ", ...]" : "]");
}

/// "name: type contents".
static void printResult(raw_ostream &stream, StringRef name, Type type, const Datum &datum) {
  stream << name << ": ";
  if (auto *tensor = std::get_if<std::shared_ptr<const Tensor>>(&datum))
    printTensor(stream, **tensor, getElementTypeOrSelf(type));
  else if (auto *real = std::get_if<double>(&datum))
    stream << type << llvm::format(" %.7g", *real);
  else if (auto *integer = std::get_if<int64_t>(&datum))
    stream << type << " " << *integer;
  else if (auto *kv = std::get_if<std::shared_ptr<const KvState>>(&datum))
    stream << type << " of " << (*kv)->tokens() << " tokens";
  else
    printTensor(stream << type << " ", std::get<std::shared_ptr<const State>>(datum)->values,
                cast<mlir::seq::StateType>(type).getElementType());
  stream << "\n";
}

namespace {

class SeqInterpret : public seqc::impl::SeqInterpretBase<SeqInterpret> {
public:
  using SeqInterpretBase::SeqInterpretBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    Interpreter interpreter(getOperation());
    if (failed(function.empty() ? runAll(interpreter) : runNamed(interpreter)))
      signalPassFailure();
  }

private:
  LogicalResult runAll(Interpreter &interpreter) {
    for (auto candidate : getOperation().getOps<func::FuncOp>())
      if (candidate.isPublic() && !candidate.isExternal() && candidate.getNumArguments() == 0 &&
          failed(run(interpreter, candidate, {})))
        return failure();
    return success();
  }

  LogicalResult runNamed(Interpreter &interpreter) {
    auto chosen = getOperation().lookupSymbol<func::FuncOp>(function);
    for (auto exported : getOperation().getOps<mlir::seqm::ExportOp>())
      if (exported.getName() == function)
        chosen = getOperation().lookupSymbol<func::FuncOp>(exported.getFunctionAttr());
    if (!chosen)
      return emitError(getOperation().getLoc()) << "there is no function or export '" << function << "' to interpret";
    auto arguments = readArguments(chosen);
    return failed(arguments) ? failure() : run(interpreter, chosen, *arguments);
  }

  /// The arguments of a function: tensors from files, states fresh or from files.
  FailureOr<SmallVector<Datum>> readArguments(func::FuncOp chosen) {
    auto types = chosen.getArgumentTypes();
    int64_t states = llvm::count_if(types, isState), tensors = static_cast<int64_t>(types.size()) - states;
    if (static_cast<int64_t>(inputs.size()) != tensors)
      return emitError(chosen.getLoc()) << "'" << chosen.getSymName() << "' takes " << tensors
                                        << " tensors, and inputs names " << inputs.size() << " files";
    SmallVector<Datum> arguments;
    int64_t batch = 1, context = kDefaultContext, nextInput = 0, nextState = 0;
    if (auto given = getOperation()->getAttrOfType<IntegerAttr>("seqm.context"))
      context = given.getInt();
    for (Type type : types) {
      if (isState(type)) {
        auto state = loadStates.empty() ? freshState(chosen, type, batch, context)
                                        : readState(chosen, loadStates + std::to_string(nextState++), type, context);
        if (failed(state))
          return failure();
        arguments.push_back(std::move(*state));
        continue;
      }
      auto tensorType = dyn_cast<RankedTensorType>(type);
      if (!tensorType)
        return emitError(chosen.getLoc())
               << "'" << chosen.getSymName() << "' takes a " << type << ", which no file can hold";
      auto tensor = readTensor(chosen, inputs[nextInput++], tensorType.getElementType());
      if (failed(tensor))
        return failure();
      if (nextInput == 1 && tensor->rank() > 0)
        batch = tensor->dim(0);
      arguments.push_back(asDatum(std::move(*tensor)));
    }
    return arguments;
  }

  LogicalResult run(Interpreter &interpreter, func::FuncOp chosen, ArrayRef<Datum> arguments) {
    int64_t checks = interpreter.getChecks();
    auto results = interpreter.call(chosen, arguments);
    if (failed(results) || failed(writeResults(chosen, *results)))
      return failure();
    if (interpreter.getChecks() != checks || !outputs.empty())
      return success();
    for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(chosen.getResultTypes(), *results))) {
      std::string name = chosen.getSymName().str() + (results->size() > 1 ? "#" + std::to_string(i) : "");
      printResult(llvm::outs(), name, std::get<0>(pair), std::get<1>(pair));
    }
    return success();
  }

  LogicalResult writeResults(func::FuncOp chosen, ArrayRef<Datum> results) {
    size_t nextOutput = 0, nextState = 0;
    for (auto [type, datum] : llvm::zip_equal(chosen.getResultTypes(), results)) {
      if (isState(type)) {
        std::string path = saveStates + std::to_string(nextState);
        ++nextState;
        if (!saveStates.empty() && failed(writeState(chosen, path, type, datum)))
          return failure();
        continue;
      }
      auto *tensor = std::get_if<std::shared_ptr<const Tensor>>(&datum);
      if (!tensor || nextOutput == outputs.size())
        continue;
      if (failed(writeTensor(chosen, outputs[nextOutput], **tensor)))
        return failure();
      ++nextOutput;
    }
    if (nextOutput != outputs.size())
      return emitError(chosen.getLoc()) << "'" << chosen.getSymName() << "' returns " << nextOutput
                                        << " tensors, and outputs names " << outputs.size() << " files";
    return success();
  }
};

} // namespace
