//===- Mixers.cpp - Random matrix states ----------------------------------===//

#include "Builder.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace seqc::fuzz;

namespace {

/// Heads and widths of q, k [B,T,Hk,K] and v [B,T,H,V].
struct HeadShape {
  int64_t keyHeads, heads, keyDim, valueDim;

  Dims keys() const { return {keyHeads, keyDim}; }
  Dims values() const { return {heads, valueDim}; }
  Dims ofState() const { return {heads, keyDim}; }
};

/// What `input` is: values, whose channels then are H V.
HeadShape randomHeads(Builder &b, const std::optional<Operand> &input) {
  HeadShape shape{};
  shape.heads = input ? b.divisor(input->channels()) : b.smallCount();
  shape.valueDim = input ? input->channels() / shape.heads : b.width();
  shape.keyDim = b.width();
  shape.keyHeads = b.choices.chance(40) ? b.divisor(shape.heads) : shape.heads;
  b.addWork(4 * shape.heads * shape.keyDim * shape.valueDim);
  return shape;
}

/// A random state_mix, clause by clause.
class MixWriter {
public:
  MixWriter(Builder &b, std::optional<Operand> input) : b(b), shape(randomHeads(b, input)), input(std::move(input)) {}

  Operand write() {
    update = b.choices.oneOf({"outer", "delta", "dplr"});
    decay = b.choices.oneOf({"none", "static", "head", "channel", "factored"});
    bool pre = b.choices.chance(35), isOuter = update == "outer";
    gate = isOuter && b.choices.chance(25);
    normaliser = isOuter && b.choices.chance(35) ? (pre || b.choices.chance(50) ? "ratio" : "max") : "";
    writeSequences();
    writeDecay();
    writeUpdate();
    if (pre && b.choices.chance(60))
      writeBonus();
    if (gate)
      clauses += Builder::clause("i", b.sequence({shape.heads}, {Values::Uniform, -limit(), limit()}));
    clauses += b.segments();
    return finish(pre);
  }

private:
  /// Input gates of f16 are summed with decays of any size.
  double limit() { return b.choices.oneOf({3.0, 30.0}); }

  void writeSequences() {
    double size = 1 / std::sqrt(static_cast<double>(shape.keyDim));
    // A sum that something is divided by stays away from 0, most of the time.
    bool positive = normaliser == "ratio" && !b.choices.chance(10);
    Values query = positive ? Values{Values::Uniform, 0.1, 1} : Values{Values::Normal, 0, 1};
    Values key = positive ? Values{Values::Uniform, 0.1 * size, size} : Values{Values::Normal, 0, size};
    q = b.sequence(shape.keys(), query, b.program.element);
    k = b.sequence(shape.keys(), key);
    v = b.use(input, shape.values(), {Values::Normal, 0, 1});
  }

  void writeDecay() {
    Values values = b.decay();
    auto add = [&](const Operand &operand) { clauses += Builder::clause("g", operand); };
    if (decay == "static")
      add(b.parameter(b.choices.chance(50) ? shape.ofState() : Dims{shape.heads}, values));
    if (decay == "head")
      add(b.sequence({shape.heads}, values));
    if (decay == "channel")
      add(b.sequence(shape.ofState(), values));
    if (decay == "factored") {
      add(b.sequence({shape.heads}, {Values::Uniform, 0, 1}));
      clauses += Builder::clause("rate", b.parameter(shape.ofState(), {Values::Decay, b.choices.oneOf({-4.0, -50.0})}));
    } else if (decay != "none" && values.low > -1e30 && values.high != 1 && b.choices.chance(30)) {
      // A little below, since elements are rounded.
      attributes += ", g_min = " + number(values.low * 1.01);
    }
  }

  void writeUpdate() {
    double size = 1 / std::sqrt(static_cast<double>(shape.keyDim));
    if (update == "delta")
      clauses += Builder::clause("beta", b.sequence({shape.heads}, {Values::Uniform, 0, 1}));
    if (update != "dplr")
      return;
    for (const char *name : {"a", "b"})
      clauses += Builder::clause(name, b.sequence(shape.ofState(), {Values::Normal, 0, 0.7 * size}));
  }

  void writeBonus() {
    clauses += Builder::clause("u", b.parameter(shape.ofState(), {Values::Normal, 0, 1}));
    if (b.choices.chance(40))
      attributes += ", u_exp";
  }

  Operand finish(bool pre) {
    if (!normaliser.empty() && !(normaliser == "ratio" && gate) && b.choices.chance(50))
      attributes += ", eps = " + number(b.choices.oneOf({0.25, 1e-6}));
    if (b.choices.chance(50))
      attributes += ", scale = " + number(b.choices.oneOf({0.5, 0.125, -2.0}));
    b.hasForms = true;
    b.parallelForm &= decay != "factored";
    std::string text = llvm::formatv("seq.state_mix {0}, {1}, {2}{3} decay {4} update {5} read {6}", q.name, k.name,
                                     v.name, clauses, decay, update, pre ? "pre" : "post");
    if (!normaliser.empty())
      text += " normaliser " + normaliser;
    text += " @FORM@{" + attributes + "@CHUNK@} : " + q.type() + ", " + k.type() + ", " + v.type();
    return b.define(text, shape.values(), v.element);
  }

  Builder &b;
  HeadShape shape;
  std::optional<Operand> input;
  std::string update, decay, normaliser, clauses, attributes;
  bool gate = false;
  Operand q, k, v;
};

Operand stateMix(Builder &b, std::optional<Operand> input) { return MixWriter(b, std::move(input)).write(); }

Operand retention(Builder &b, std::optional<Operand> input) {
  HeadShape shape = randomHeads(b, input);
  double size = 1 / std::sqrt(static_cast<double>(shape.keyDim));
  Operand q = b.sequence(shape.keys(), {Values::Normal, 0, 1}, b.program.element);
  Operand k = b.sequence(shape.keys(), {Values::Normal, 0, size});
  Operand v = b.use(input, shape.values(), {Values::Normal, 0, 1});
  std::string attributes, clauses = b.segments();
  if (b.choices.chance(50)) {
    attributes += ", log_decay = array<f64: ";
    for (int64_t h = 0; h < shape.heads; ++h)
      attributes += (h ? ", " : "") + number(b.choices.oneOf({-0.25, 0.0, -1e-7, -3.0, -60.0}));
    attributes += ">";
  }
  if (b.choices.chance(50))
    attributes += ", scale = " + number(b.choices.oneOf({0.5, 0.125, -2.0}));
  b.hasForms = true;
  std::string text = llvm::formatv("seq.retention {0}, {1}, {2}{3} @FORM@{{{4}@CHUNK@} : {5}, {6}, {7}", q.name, k.name,
                                   v.name, clauses, attributes, q.type(), k.type(), v.type());
  return b.define(text, shape.values(), v.element);
}

} // namespace

llvm::ArrayRef<OpKind> seqc::fuzz::mixerKinds() {
  static constexpr OpKind kinds[] = {{"state_mix", stateMix}, {"retention", retention}};
  return kinds;
}
