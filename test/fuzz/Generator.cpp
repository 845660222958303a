//===- Generator.cpp - From choices to a program --------------------------===//

#include "Generator.h"
#include "Builder.h"
#include "llvm/ADT/STLExtras.h"

using namespace seqc::fuzz;

/// Operations of the oracle for a program, so that it takes no longer than the compiler.
static constexpr int64_t kMostWork = 3'000'000;

static std::vector<OpKind> allKinds() {
  std::vector<OpKind> kinds;
  for (llvm::ArrayRef<OpKind> family : {mixerKinds(), scanKinds(), attentionKinds(), pointwiseKinds(), expertKinds()})
    kinds.insert(kinds.end(), family.begin(), family.end());
  return kinds;
}

std::vector<std::string> seqc::fuzz::opNames() {
  std::vector<std::string> names;
  for (const OpKind &kind : allKinds())
    names.push_back(kind.name);
  return names;
}

namespace {

class Generator {
public:
  Generator(Choices &choices, const GeneratorOptions &options)
      : choices(choices), options(options), b(choices, program) {
    program.seed = choices.getSeed();
  }

  Program run() {
    program.element = choices.oneOf({Element::F32, Element::F32, Element::F32, Element::F16, Element::BF16});
    if (choices.chance(4))
      program.element = Element::F64;
    writeOps();
    chooseSizes();
    chooseForms();
    choosePieces();
    if (options.illegalPercent > 0 && choices.chance(options.illegalPercent))
      chooseMutation();
    // Ops that are given states work in the elements of these. Steps are derived from ops without.
    bool isWide = program.element == Element::F32 || program.element == Element::F64;
    if (isWide && program.pieces.empty() && program.mutations == 0)
      program.freshStates = choices.chance(25);
    return std::move(program);
  }

private:
  OpKind pick(bool isFirst) {
    std::vector<OpKind> kinds;
    for (const OpKind &kind : allKinds()) {
      bool named = !isFirst || options.ops.empty() || llvm::is_contained(options.ops, kind.name);
      bool legal = (isFirst ? kind.first : kind.behind) && (program.element != Element::F64 || kind.inF64);
      if (named && legal)
        kinds.push_back(kind);
    }
    if (kinds.empty()) { // the ops that were asked for have no f64
      program.element = Element::F32;
      return pick(isFirst);
    }
    // Half of all programs are about recurrences, which have the most options.
    if (isFirst && options.ops.empty() && choices.chance(35))
      return kinds[choices.below(std::min<uint32_t>(4, static_cast<uint32_t>(kinds.size())))];
    return kinds[choices.below(static_cast<uint32_t>(kinds.size()))];
  }

  void writeOps() {
    OpKind kind = pick(/*isFirst=*/true);
    program.ops.push_back(kind.name);
    Operand value = kind.emit(b, std::nullopt);
    uint32_t more = isReal(value.element) ? choices.oneOf({0, 0, 0, 1, 2}) : 0;
    for (; more > 0 && value.channels() <= 1024; --more) {
      kind = pick(/*isFirst=*/false);
      program.ops.push_back(kind.name);
      if (choices.chance(10))
        program.results.push_back({value.name, value.type()});
      value = kind.emit(b, value);
    }
    if (choices.chance(8))
      value = takeLast(value);
    program.results.insert(program.results.begin(), {value.name, value.isStatic ? lastType(value) : value.type()});
  }

  /// Marked as static: its type has one position.
  Operand takeLast(const Operand &value) {
    program.ops.push_back("last");
    Operand last = b.define("seq.last " + value.name + " : " + value.type(), value.dims, value.element);
    last.isStatic = true;
    return last;
  }

  static std::string lastType(const Operand &value) {
    Dims shape{-1, 1};
    shape.append(value.dims.begin(), value.dims.end());
    return tensorType(shape, elementName(value.element));
  }

  void chooseSizes() {
    program.batch = choices.oneOf<int64_t>({1, 1, 2, 3});
    program.time = choices.oneOf<int64_t>(
        {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 96, 100, 127, 128, 129, 300, 1025});
    int64_t perToken = std::max<int64_t>(b.work, 1) * program.batch;
    program.time = std::max<int64_t>(1, std::min(program.time, kMostWork / perToken));
    for (uint32_t cpu : {choices.below(static_cast<uint32_t>(options.cpus.size()))})
      program.cpus.push_back(options.cpus[cpu]);
    if (options.cpus.size() > 1 && choices.chance(10))
      program.cpus = options.cpus;
    program.threads = {choices.oneOf<int64_t>({1, 2, 3})};
    if (choices.chance(30))
      program.threads.push_back(program.threads[0] % 3 + 1);
  }

  void chooseForms() {
    program.forms = {{}};
    if (!b.hasForms)
      return;
    std::vector<Program::Form> forms{{"form recurrent"}, {"form chunkwise"}, {"form chunkwise"}};
    forms.back().chunk = choices.oneOf<int64_t>({16, 1, 2, 7, 32, 33, 64});
    if (b.parallelForm)
      forms.push_back({"form parallel"});
    for (const Program::Form &form : forms)
      if (choices.chance(40))
        program.forms.push_back(form);
    // Steps are derived from the first one.
    std::swap(program.forms[0], program.forms[choices.below(static_cast<uint32_t>(program.forms.size()))]);
  }

  void choosePieces() {
    if (!b.steppable || !choices.chance(40))
      return;
    int64_t left = program.time;
    while (left > 0) {
      int64_t piece = std::min(left, choices.oneOf<int64_t>({200, 1, 1, 2, 3, 16, 17, 33, 64}));
      program.pieces.push_back(piece);
      left -= piece;
    }
    program.snapshots = choices.chance(25);
  }

  void chooseMutation() {
    program.mutations = 1 + choices.below(30);
    program.forms.resize(1);
  }

  Choices &choices;
  const GeneratorOptions &options;
  Program program;
  Builder b;
};

} // namespace

Program seqc::fuzz::generate(Choices &choices, const GeneratorOptions &options) {
  return Generator(choices, options).run();
}
