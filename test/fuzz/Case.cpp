//===- Case.cpp - One program, run every way and compared -----------------===//

#include "Case.h"
#include "Compiled.h"
#include "FreshStates.h"
#include "Mutation.h"
#include "Oracle.h"
#include "Reproducer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "seq/Support/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Regex.h"
#include <cmath>
#include <unistd.h>

using namespace mlir;
using namespace seqc::fuzz;
using seqc::reference::Tensor;

//===----------------------------------------------------------------------===//
// Outcomes
//===----------------------------------------------------------------------===//

const char *seqc::fuzz::verdictName(Verdict verdict) {
  constexpr const char *names[] = {"agrees", "rejected", "refused", "differs", "crashed", "hung"};
  return names[static_cast<int>(verdict)];
}

std::string Outcome::serialise() const {
  llvm::json::Object object{{"verdict", static_cast<int>(verdict)},
                            {"message", llvm::json::fixUTF8(message)},
                            {"module", module},
                            {"rules", rules},
                            {"runs", runs},
                            {"elements", elements},
                            {"vague", vague},
                            {"worst", worst}};
  return llvm::formatv("{0}", llvm::json::Value(std::move(object)));
}

Outcome Outcome::parse(llvm::StringRef text) {
  Outcome outcome;
  auto value = llvm::json::parse(text);
  const llvm::json::Object *object = value ? value->getAsObject() : nullptr;
  if (!object) {
    llvm::consumeError(value.takeError());
    outcome.verdict = Verdict::Crashed;
    outcome.message = "the process that ran it ended without a report";
    return outcome;
  }
  outcome.verdict = static_cast<Verdict>(object->getInteger("verdict").value_or(0));
  outcome.message = object->getString("message").value_or("").str();
  outcome.module = object->getString("module").value_or("").str();
  for (const llvm::json::Value &rule : *object->getArray("rules"))
    outcome.rules.push_back(rule.getAsString().value_or("").str());
  outcome.runs = object->getInteger("runs").value_or(0);
  outcome.elements = object->getInteger("elements").value_or(0);
  outcome.vague = object->getInteger("vague").value_or(0);
  outcome.worst = object->getNumber("worst").value_or(0);
  return outcome;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

namespace {

/// Positions `begin` to `end` of dimension 1.
Tensor sliceTime(const Tensor &tensor, int64_t begin, int64_t end) {
  Tensor::Shape shape(tensor.shape());
  shape[1] = end - begin;
  Tensor slice = Tensor::zerosLike(tensor, shape);
  int64_t row = Tensor::count(tensor.shape().drop_front(2)), batch = shape[0], time = tensor.dim(1);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < (end - begin) * row; ++i)
      slice.copyElement(b * (end - begin) * row + i, tensor, (b * time + begin) * row + i);
  return slice;
}

class CaseRunner {
public:
  CaseRunner(MLIRContext &context, const Program &program, Damage damage, const std::string &folder)
      : context(context), program(program), damage(damage), folder(folder) {}

  Outcome run() {
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
        errors.push_back(diagnostic.str());
      return success();
    });
    std::vector<std::string> files = program.writeFiles(folder);
    runStages();
    for (const std::string &file : files)
      unlink(file.c_str());
    return std::move(outcome);
  }

private:
  void end(Verdict verdict, const llvm::Twine &message) {
    outcome.verdict = verdict;
    outcome.message = message.str();
    if (!mutated.empty() && verdict != Verdict::Rejected)
      outcome.message += " (mutated: " + mutated + ")";
    for (std::string &error : errors)
      outcome.message += "; " + error;
    noteRules();
    if (isFailure(verdict) && module)
      outcome.module = reproducer(*module, program, arguments, given, message.str());
  }

  /// Notes the rules that errors name by their labels.
  void noteRules() {
    llvm::Regex label("[a-z0-9_]+_c[0-9]+");
    for (llvm::StringRef error : errors)
      if (llvm::SmallVector<llvm::StringRef> match; label.match(error, &match))
        outcome.rules.push_back(match[0].str());
  }

  /// A refusal: fine where the program was mutated and there is an error that says so.
  void refuse(const llvm::Twine &message) {
    bool isClean = program.mutations > 0 && (!errors.empty() || !message.isTriviallyEmpty());
    end(isClean ? Verdict::Rejected : Verdict::Refused, message);
  }

  void runStages() {
    module = parseSourceString<ModuleOp>(program.text(folder), &context);
    if (!module)
      return end(Verdict::Refused, "the program does not parse");
    if (program.mutations > 0 && !applyMutation())
      return;
    if (program.freshStates)
      giveFreshStates(*module);
    if (damage == Damage::Crash)
      abort();
    for (volatile bool forever = damage == Damage::Hang; forever;)
      ;
    if (!makeArguments())
      return;
    auto answer = consultOracle(*module, program, arguments);
    if (!answer)
      return refuse("the oracle refuses it" + (mutated.empty() ? "" : ", " + mutated));
    expected = std::move(*answer);
    OwningOpRef<ModuleOp> copy(module->clone());
    if (damage == Damage::Program)
      breakMeaning(*copy, 1 + noticeable());
    auto compiled = CompiledFile::compile(*copy, program.cpus, folder);
    if (!compiled)
      return refuse("the compiler refuses it: " + llvm::toString(compiled.takeError()));
    for (const std::string &cpu : program.cpus)
      for (int64_t threads : program.threads)
        if (!runTarget(*compiled, cpu, threads))
          return;
  }

  /// Mutates the module until that breaks no rule; ends the case where no mutation is legal, or a verifier fails
  /// without an error.
  bool applyMutation() {
    for (int64_t i = 0; i < program.mutations; ++i) {
      OwningOpRef<ModuleOp> copy(module->clone());
      errors.clear();
      mutated.clear();
      if (succeeded(mutate(*copy, seqc::splitMix64(program.seed, i), mutated)) && succeeded(verify(*copy))) {
        module = std::move(copy);
        return true;
      }
      noteRules();
      if (errors.empty()) {
        end(Verdict::Refused, "the verifier fails without an error");
        return false;
      }
    }
    end(Verdict::Rejected, "the verifier refuses it");
    return false;
  }

  /// Arguments for the types that "forward" has, which a mutation may have changed.
  bool makeArguments() {
    auto forward = module->lookupSymbol<func::FuncOp>("forward");
    for (auto [i, type] : llvm::enumerate(forward.getArgumentTypes())) {
      auto tensor = cast<RankedTensorType>(type);
      auto element = elementOf(tensor);
      if (!element) {
        end(Verdict::Rejected, "no arguments of this type, " + mutated);
        return false;
      }
      Tensor::Shape shape(tensor.getShape());
      for (auto [d, extent] : llvm::enumerate(shape))
        if (ShapedType::isDynamic(extent))
          extent = d == 0 ? program.batch : d == 1 ? program.time : 3;
      arguments.push_back(program.argument(i, shape, *element));
      buffers.push_back(Buffer::of(arguments.back(), *element));
    }
    return true;
  }

  bool runTarget(const CompiledFile &compiled, const std::string &cpu, int64_t threads) {
    where = llvm::formatv("{0}, {1} thread{2}", cpu, threads, threads == 1 ? "" : "s");
    auto session = Session::open(compiled.getPath(), cpu, threads, program.batch);
    if (!session) {
      refuse("the runtime refuses it: " + llvm::toString(session.takeError()));
      return false;
    }
    std::string target = where;
    for (auto [i, form] : llvm::enumerate(program.forms)) {
      where = Program::exportName(i) + " (" + form.text() + "), " + target;
      if (!callWhole(**session, Program::exportName(i)))
        return false;
    }
    where = "prefill and step (" + program.forms[0].text() + "), " + target;
    // A mutation may leave no time to cut.
    return program.pieces.empty() || program.mutations > 0 || callPieces(**session);
  }

  std::optional<std::vector<Buffer>> call(Session &session, const std::string &name, llvm::ArrayRef<Buffer> inputs) {
    auto results = session.call(name, inputs);
    ++outcome.runs;
    if (!results) {
      refuse(where + ": the call of '" + name + "' fails: " + llvm::toString(results.takeError()));
      return std::nullopt;
    }
    if (damage == Damage::Result)
      spoil((*results)[program.seed % results->size()]);
    return std::move(*results);
  }

  /// A relative error that no tolerance may cover.
  double noticeable() const { return program.element == Element::F32 || program.element == Element::F64 ? 1e-3 : 0.4; }

  /// Makes the largest element wrong.
  void spoil(Buffer &result) const {
    std::vector<double> values = fromBytes(result.bytes, result.element);
    if (values.empty())
      return;
    auto largest =
        std::max_element(values.begin(), values.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    double wrong = *largest * (1 + noticeable()) + 1e-30;
    Tensor one =
        isReal(result.element) ? Tensor::reals({1}, wrong) : Tensor::integers({1}, static_cast<int64_t>(*largest) + 1);
    llvm::copy(toBytes(one, result.element),
               result.bytes.begin() + (largest - values.begin()) * elementBytes(result.element));
  }

  /// Whether a mutation has put a number that f32 does not hold into an attribute.
  bool isExtreme() {
    bool found = false;
    module->walk([&](Operation *op) {
      for (NamedAttribute attribute : op->getAttrs())
        if (auto real = dyn_cast<FloatAttr>(attribute.getValue()))
          found |= !(std::abs(real.getValueAsDouble()) < 1e30);
        else if (auto reals = dyn_cast<DenseF64ArrayAttr>(attribute.getValue()))
          found |= llvm::any_of(reals.asArrayRef(), [](double x) { return !(std::abs(x) < 1e30); });
    });
    return program.mutations > 0 && found;
  }

  bool callWhole(Session &session, const std::string &name) {
    auto results = call(session, name, buffers);
    if (!results)
      return false;
    given.clear();
    for (const Buffer &buffer : *results)
      given.push_back(fromBytes(buffer.bytes, buffer.element));
    if (isExtreme())
      return true;
    for (size_t i = 0; i < expected.size(); ++i)
      if (!compare(i, given[i], expected[i].value, expected[i].tolerance, "the oracle"))
        return false;
    if (firstGiven.empty())
      firstGiven = given;
    for (size_t i = 0; i < expected.size(); ++i) {
      Tensor other = Tensor::reals(expected[i].value.shape());
      llvm::copy(firstGiven[i], other.reals().begin());
      std::vector<double> tolerance(other.size());
      for (auto [e, limit] : llvm::enumerate(expected[i].tolerance)) // both were rounded
        tolerance[e] = limit + unitRoundoff(program.element) * std::abs(other.reals()[e]);
      if (!compare(i, given[i], other, tolerance, "the first form"))
        return false;
    }
    return true;
  }

  /// Feeds the sequence in pieces; each gives the results at its last position.
  bool callPieces(Session &session) {
    int64_t begin = 0;
    for (int64_t piece : program.pieces) {
      std::vector<Buffer> inputs;
      for (auto [i, argument] : llvm::enumerate(arguments))
        inputs.push_back(Buffer::of(argumentOfPiece(i, begin, begin + piece), program.arguments[i].element));
      auto results = call(session, piece == 1 ? "step" : "prefill", inputs);
      begin += piece;
      if (!results)
        return false;
      for (auto [i, result] : llvm::enumerate(*results))
        if (!comparePosition(i, fromBytes(result.bytes, result.element), begin - 1))
          return false;
      if (program.snapshots)
        if (llvm::Error error = session.saveAndLoad()) {
          refuse(where + ": states can not be saved and loaded: " + llvm::toString(std::move(error)));
          return false;
        }
    }
    return true;
  }

  Tensor argumentOfPiece(size_t i, int64_t begin, int64_t end) const {
    if (!program.arguments[i].perRow)
      return sliceTime(arguments[i], begin, end);
    Tensor lengths = arguments[i];
    for (int64_t &length : lengths.integers())
      length = std::clamp<int64_t>(length - begin, 0, end - begin);
    return lengths;
  }

  bool comparePosition(size_t i, const std::vector<double> &actual, int64_t position) {
    const Expected &whole = expected[i];
    int64_t time = whole.value.dim(1);
    if (time != program.time && position != program.time - 1)
      return true; // a result of one position, which is the last
    int64_t at = time == program.time ? position : 0, row = Tensor::count(whole.value.shape().drop_front(2));
    std::vector<double> tolerance;
    for (int64_t b = 0; b < whole.value.dim(0) && !whole.tolerance.empty(); ++b)
      for (int64_t e = 0; e < row; ++e)
        tolerance.push_back(whole.tolerance[(b * time + at) * row + e]);
    return compare(i, actual, sliceTime(whole.value, at, at + 1), tolerance,
                   "the oracle's at position " + std::to_string(position));
  }

  /// Whether all elements are as close as they should be; ends the case if not.
  bool compare(size_t number, const std::vector<double> &actual, const Tensor &wanted, llvm::ArrayRef<double> tolerance,
               const std::string &other) {
    int64_t wrong = 0, first = -1;
    if (static_cast<int64_t>(actual.size()) != wanted.size()) {
      end(Verdict::Differs,
          llvm::formatv("{0}: result {1} has {2} elements, not {3}", where, number, actual.size(), wanted.size()));
      return false;
    }
    for (int64_t i = 0; i < wanted.size(); ++i) {
      double want = wanted.isReal() ? wanted.reals()[i] : static_cast<double>(wanted.integers()[i]);
      double limit = tolerance.empty() ? 0 : tolerance[i];
      ++outcome.elements;
      if (std::isinf(limit)) {
        ++outcome.vague;
        continue;
      }
      if (actual[i] == want || (std::isnan(actual[i]) && std::isnan(want)))
        continue;
      double error = std::abs(actual[i] - want);
      if (error <= limit) {
        outcome.worst = std::max(outcome.worst, error / limit);
        continue;
      }
      first = wrong++ ? first : i;
    }
    if (wrong == 0)
      return true;
    std::string index;
    for (int64_t at : wanted.indexOf(first))
      index += (index.empty() ? "" : ",") + std::to_string(at);
    double want = wanted.isReal() ? wanted.reals()[first] : static_cast<double>(wanted.integers()[first]);
    end(Verdict::Differs,
        llvm::formatv("{0}: result {1} at [{2}] is {3:e8}, {4} {5:e8} (tolerance {6:e2}); {7} of {8} elements differ",
                      where, number, index, actual[first], other, want, tolerance.empty() ? 0 : tolerance[first], wrong,
                      wanted.size()));
    return false;
  }

  MLIRContext &context;
  const Program &program;
  Damage damage;
  const std::string &folder;

  OwningOpRef<ModuleOp> module;
  std::vector<std::string> errors; ///< of the context's diagnostics
  std::string mutated, where;
  std::vector<Tensor> arguments;
  std::vector<Buffer> buffers;
  std::vector<Expected> expected;
  std::vector<std::vector<double>> given, firstGiven; ///< results of the last and the first whole call
  Outcome outcome;
};

} // namespace

Outcome seqc::fuzz::runCase(MLIRContext &context, const Program &program, Damage damage, const std::string &folder) {
  return CaseRunner(context, program, damage, folder).run();
}
