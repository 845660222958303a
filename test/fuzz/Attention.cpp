//===- Attention.cpp - Random attention and positions ---------------------===//

#include "Builder.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::fuzz;

namespace {

/// Positions of tokens: counted, or an argument.
Operand positionsOf(Builder &b, const Operand &x) {
  Element element = b.choices.oneOf({Element::I32, Element::I64});
  if (b.choices.chance(40))
    return b.sequence({}, {Values::Position, 0, b.choices.oneOf({0.0, 1.0})}, element);
  return b.define("seq.positions " + x.name + " : " + x.type(), {}, Element::I32);
}

Operand attention(Builder &b, std::optional<Operand> input) {
  int64_t heads = input ? b.divisor(input->channels()) : b.smallCount();
  int64_t keyDim = input ? input->channels() / heads : b.width();
  int64_t kvHeads = b.choices.chance(50) ? b.divisor(heads) : heads;
  int64_t valueDim = b.choices.chance(30) ? b.width() : keyDim;
  Operand q = b.use(input, {heads, keyDim}, {Values::Normal, 0, b.choices.oneOf({1.0, 4.0})});
  Operand k = b.sequence({kvHeads, keyDim}, {Values::Normal, 0, 1});
  Operand v = b.sequence({kvHeads, valueDim}, {Values::Normal, 0, 1});
  std::string clauses, types, attributes;
  bool causal = !b.choices.chance(20), lse = b.choices.chance(25);
  attributes += causal ? ", causal" : "";
  if (causal && b.choices.chance(35))
    attributes += ", window = " + std::to_string(b.choices.oneOf({4, 1, 2, 3, 16, 31, 64, 200}));
  if (b.choices.chance(30))
    attributes += ", softcap = " + number(b.choices.oneOf({5.0, 0.5, 50.0}));
  if (b.choices.chance(40))
    attributes += ", scale = " + number(b.choices.oneOf({0.25, 1.0, 0.0}));
  attributes += lse ? ", lse" : "";
  if (b.choices.chance(25)) {
    Operand sink = b.parameter({heads}, {Values::Normal, 0, 2});
    clauses += " sink " + sink.name;
    types += " sink " + sink.type();
  }
  if (b.choices.chance(25)) {
    Operand positions = positionsOf(b, q);
    clauses += " positions " + positions.name;
    types += " positions " + positions.type();
  }
  b.steppable &= causal;
  b.addWork(64 * heads * (keyDim + valueDim));
  Operand o{b.freshName(), {heads, valueDim}, q.element};
  std::string logs = b.freshName();
  b.line(llvm::formatv("{0}{1} = seq.attention {2}, {3}, {4}{5} {{{6}} : {7}, {8}, {9}{10}", o.name,
                       lse ? ", " + logs : "", q.name, k.name, v.name, clauses, attributes, q.type(), k.type(),
                       v.type(), types));
  if (lse)
    b.program.results.push_back({logs, Operand{"", {heads}, q.element}.type()});
  return o;
}

Operand rotary(Builder &b, std::optional<Operand> input) {
  int64_t heads = input ? b.divisor(input->channels()) : b.smallCount();
  int64_t dim = input ? input->channels() / heads : b.width() + 1;
  Operand x = b.use(input, {heads, dim}, {Values::Normal, 0, 1});
  if (dim < 2)
    return x;
  int64_t dims = b.choices.chance(40) || dim % 2 ? 2 * (1 + b.choices.below(static_cast<uint32_t>(dim / 2))) : dim;
  Operand positions = positionsOf(b, x);
  std::string attributes;
  if (dims != dim)
    attributes += ", dims = " + std::to_string(dims);
  if (b.choices.chance(40))
    attributes += ", base = " + number(b.choices.oneOf({500.0, 1e6, 1.0}));
  if (b.choices.chance(30))
    attributes += ", magnitude = " + number(b.choices.oneOf({1.25, 0.5}));
  if (b.choices.chance(25)) {
    attributes += ", frequencies = array<f64: ";
    for (int64_t i = 0; i < dims / 2; ++i)
      attributes += (i ? ", " : "") + number(b.choices.oneOf({1.0, 0.0, 0.01, -0.5, 300.0}));
    attributes += ">";
  }
  b.addWork(8 * x.channels());
  std::string text = llvm::formatv("seq.rotary {0}, {1} {2} {{{3}} : {4}, {5}", x.name, positions.name,
                                   b.choices.oneOf({"half", "interleaved"}), attributes, x.type(), positions.type());
  return b.define(text, x.dims, x.element);
}

Operand positions(Builder &b, std::optional<Operand>) {
  Operand x = b.sequence({b.width()}, {Values::Normal, 0, 1});
  return b.define("seq.positions " + x.name + " : " + x.type(), {}, Element::I32);
}

} // namespace

llvm::ArrayRef<OpKind> seqc::fuzz::attentionKinds() {
  static constexpr OpKind kinds[] = {
      {"attention", attention}, {"rotary", rotary}, {"positions", positions, true, false, true}};
  return kinds;
}
