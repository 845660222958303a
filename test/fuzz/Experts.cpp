//===- Experts.cpp - Random routers and layers of experts -----------------===//

#include "Builder.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::fuzz;

namespace {

/// Logits are arguments: those of another op are rounded, and experts that are nearly as good change places.
Operand route(Builder &b, std::optional<Operand>) {
  int64_t experts = b.choices.oneOf<int64_t>({4, 1, 2, 8, 12, 16, 17, 64});
  Operand logits = b.sequence({experts}, {Values::Normal, 0, 1}, Element::F32);
  std::string bias, type, attributes;
  if (b.choices.chance(40)) {
    Operand keys = b.parameter({experts}, {Values::Normal, 0, 0.3}, Element::F32);
    bias = " bias " + keys.name;
    type = ", " + keys.type();
  }
  int64_t groups = b.choices.chance(40) ? b.divisor(experts) : 1, kept = groups, most = experts;
  if (groups > 1) {
    kept = 1 + b.choices.below(static_cast<uint32_t>(groups));
    most = experts / groups * kept;
    attributes += llvm::formatv(", groups = {0}, keep_groups = {1}, group_top = {2}", groups, kept,
                                1 + b.choices.below(static_cast<uint32_t>(experts / groups)));
  }
  int64_t top = 1 + b.choices.below(static_cast<uint32_t>(std::min<int64_t>(most, 8)));
  if (b.choices.chance(50))
    attributes += ", renormalise";
  if (b.choices.chance(30))
    attributes += ", scale = 2.5";
  b.addWork(4 * experts);
  Operand weights{b.freshName(), {top}, Element::F32};
  std::string indices = b.freshName();
  b.line(llvm::formatv("{0}, {1} = seq.route {2}{3} {4} top {5} {{{6}} : {7}{8}", indices, weights.name, logits.name,
                       bias, b.choices.oneOf({"softmax", "sigmoid"}), top, attributes, logits.type(), type));
  b.program.results.push_back({indices, Operand{"", {top}, Element::I32}.type()});
  return weights;
}

Operand expertLinear(Builder &b, std::optional<Operand> input) {
  int64_t experts = b.choices.oneOf<int64_t>({3, 1, 2, 8}), chosen = b.choices.oneOf<int64_t>({2, 1, 3, 4});
  std::string blocks = !input && b.choices.chance(40) ? b.choices.oneOf({"q8_0", "q4_0", "q4_1"}) : "";
  int64_t inputs = input ? input->channels() : blocks.empty() ? b.width() : 32 * b.smallCount(), outputs = b.width();
  Dims dims{inputs};
  if (!input && b.choices.chance(30))
    dims.insert(dims.begin(), chosen);
  Operand x = b.use(input, dims, {Values::Normal, 0, 1});
  Operand indices = b.sequence({chosen}, {Values::Index, 0, static_cast<double>(experts)}, Element::I32);
  Operand w = b.parameter({experts, outputs, inputs}, {Values::Normal, 0, 0.3});
  b.program.parameters.back().blocks = blocks;
  std::string clauses, types, wType = b.program.parameters.back().type();
  if (b.choices.chance(40)) {
    Operand bias = b.parameter({experts, outputs}, {Values::Normal, 0, 1});
    clauses += " bias " + bias.name;
    types += " bias " + bias.type();
  }
  Dims result{chosen, outputs};
  if (b.choices.chance(50)) {
    Operand combine = b.sequence({chosen}, {Values::Uniform, -1, 1});
    clauses += " combine " + combine.name;
    types += " combine " + combine.type();
    result = {outputs};
  }
  b.addWork(2 * chosen * inputs * outputs);
  return b.define(llvm::formatv("seq.expert_linear {0}, {1}, {2}{3} : {4}, {5}, {6}{7}", x.name, indices.name, w.name,
                                clauses, x.type(), indices.type(), wType, types),
                  result, x.element);
}

} // namespace

llvm::ArrayRef<OpKind> seqc::fuzz::expertKinds() {
  static constexpr OpKind kinds[] = {{"route", route, true, false}, {"expert_linear", expertLinear}};
  return kinds;
}
