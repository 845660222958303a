//===- Pointwise.cpp - Random ops that are pointwise in time --------------===//

#include "Builder.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace seqc::fuzz;

namespace {

/// Normal numbers, seldom far out.
Values ordinary(Builder &b) { return {Values::Normal, 0, b.choices.oneOf({1.0, 1.0, 1.0, 20.0, 1e-3})}; }

Operand channelsOf(Builder &b, const std::optional<Operand> &input, Values values) {
  return b.use(input, {input ? input->channels() : b.width()}, values);
}

//===----------------------------------------------------------------------===//
// Linear layers
//===----------------------------------------------------------------------===//

Operand linearOf(Builder &b, const Operand &x) {
  std::string blocks = x.dims[0] % 32 == 0 && b.choices.chance(50) ? b.choices.oneOf({"q8_0", "q4_0", "q4_1"}) : "";
  int64_t inputs = x.dims[0], outputs = b.width();
  bool transposed = blocks.empty() && b.choices.chance(25);
  Element element = b.choices.oneOf({b.program.element, Element::F32, Element::F16, Element::BF16});
  Operand w =
      b.parameter(transposed ? Dims{inputs, outputs} : Dims{outputs, inputs}, {Values::Normal, 0, 0.3}, element);
  b.program.parameters.back().blocks = blocks;
  std::string bias, biasType, wType = b.program.parameters.back().type();
  if (b.choices.chance(40)) {
    Operand n = b.parameter({outputs}, {Values::Normal, 0, 1});
    bias = " bias " + n.name;
    biasType = " bias " + n.type();
  }
  b.addWork(2 * inputs * outputs);
  Operand y{"", {outputs}, x.element};
  return b.define(llvm::formatv("seq.linear {0}, {1}{2} {{{3}} : {4}, {5}{6} -> {7}", x.name, w.name, bias,
                                transposed ? "transposed" : "", x.type(), wType, biasType, y.type()),
                  y.dims, y.element);
}

Operand linear(Builder &b, std::optional<Operand> input) {
  std::optional<Operand> wide;
  if (!input && b.choices.chance(50))
    wide = b.sequence({32 * (1 + static_cast<int64_t>(b.choices.below(3)))}, ordinary(b), b.program.element);
  Operand x = channelsOf(b, input ? input : wide, ordinary(b));
  Operand y = linearOf(b, x);
  for (uint32_t more = b.choices.oneOf({0, 0, 1, 2}); more > 0; --more) {
    Operand other = linearOf(b, x);
    b.program.results.push_back({other.name, other.type()});
  }
  return y;
}

Operand embedding(Builder &b, std::optional<Operand>) {
  int64_t rows = b.choices.oneOf<int64_t>({5, 1, 31, 33, 100}), channels = b.width();
  std::string blocks = b.choices.chance(40) ? b.choices.oneOf({"q8_0", "q4_0", "q4_1"}) : "";
  if (!blocks.empty())
    channels = 32 * b.smallCount();
  Operand ids =
      b.sequence({}, {Values::Index, 0, static_cast<double>(rows)}, b.choices.oneOf({Element::I32, Element::I64}));
  Operand table = b.parameter({rows, channels}, {Values::Normal, 0, 1});
  b.program.parameters.back().blocks = blocks;
  b.addWork(channels);
  Operand y{"", {channels}, b.program.element};
  return b.define(llvm::formatv("seq.embedding {0}, {1} : {2}, {3} -> {4}", ids.name, table.name, ids.type(),
                                b.program.parameters.back().type(), y.type()),
                  y.dims, y.element);
}

//===----------------------------------------------------------------------===//
// Norms
//===----------------------------------------------------------------------===//

double randomEps(Builder &b) { return b.choices.oneOf({1e-5, 1e-6, 0.25}); }

/// x as heads or as channels: norms work on the innermost dimension of any rank.
Operand normInput(Builder &b, const std::optional<Operand> &input) {
  Dims dims{input ? input->channels() : b.width()};
  if (b.choices.chance(25)) {
    int64_t heads = input ? b.divisor(dims[0]) : b.smallCount();
    dims = {heads, input ? dims[0] / heads : dims[0]};
  }
  Operand x = b.use(input, dims, ordinary(b));
  b.addWork(4 * x.channels());
  return x;
}

std::string gateOf(Builder &b, const Operand &x, std::string &attributes) {
  if (!b.choices.chance(30))
    return "";
  if (b.choices.chance(40))
    attributes += ", gate_first";
  return Builder::clause("gate", b.sequence(x.dims, {Values::Normal, 0, 2}, x.element));
}

Operand rmsNorm(Builder &b, std::optional<Operand> input) {
  Operand x = normInput(b, input);
  std::string weight, type, attributes, gate = gateOf(b, x, attributes);
  if (b.choices.chance(60)) {
    Operand w = b.parameter({x.dims.back()}, {Values::Normal, 0, 1});
    weight = " weight " + w.name;
    type = ", " + w.type();
    if (b.choices.chance(30))
      attributes += ", weight_offset = 1.0";
  }
  if (b.choices.chance(30))
    attributes += ", groups = " + std::to_string(b.divisor(x.dims.back()));
  std::string text = llvm::formatv("seq.rms_norm {0}{1}{2} eps {3} {{{4}} : {5}{6}", x.name, weight, gate,
                                   number(randomEps(b)), attributes, x.type(), type);
  return b.define(text, x.dims, x.element);
}

/// The mean of few channels may be large beside what they differ by.
void addMeanSlack(Builder &b, int64_t channels, double eps) {
  if (channels > 1 && channels <= 8)
    b.program.relativeSlack = std::max(b.program.relativeSlack, 4 / std::sqrt(eps));
}

/// Weight and bias of layer_norm and group_norm: clauses and their types.
std::pair<std::string, std::string> affineOf(Builder &b, const Operand &x) {
  std::string clauses, types;
  for (const char *name : {" weight ", " bias "})
    if (b.choices.chance(50)) {
      Operand operand = b.parameter({x.dims.back()}, {Values::Normal, 0, 1});
      clauses += name + operand.name;
      types += name + operand.type();
    }
  return {clauses, types};
}

Operand layerNorm(Builder &b, std::optional<Operand> input) {
  Operand x = normInput(b, input);
  auto [clauses, types] = affineOf(b, x);
  double eps = randomEps(b);
  addMeanSlack(b, x.dims.back(), eps);
  return b.define("seq.layer_norm " + x.name + clauses + " eps " + number(eps) + " : " + x.type() + types, x.dims,
                  x.element);
}

Operand groupNorm(Builder &b, std::optional<Operand> input) {
  Operand x = normInput(b, input);
  auto [clauses, types] = affineOf(b, x);
  std::string attributes, gate = gateOf(b, x, attributes);
  int64_t groups = b.divisor(x.dims.back());
  double eps = randomEps(b);
  addMeanSlack(b, x.dims.back() / groups, eps);
  std::string text = llvm::formatv("seq.group_norm {0}{1}{2} groups {3} eps {4} {{{5}} : {6}{7}", x.name, clauses, gate,
                                   groups, number(eps), attributes, x.type(), types);
  return b.define(text, x.dims, x.element);
}

Operand l2Norm(Builder &b, std::optional<Operand> input) {
  Operand x = normInput(b, input);
  std::string mode = b.choices.oneOf({"", " mode add", " mode max"});
  return b.define("seq.l2_norm " + x.name + " eps " + number(randomEps(b)) + mode + " : " + x.type(), x.dims,
                  x.element);
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

Operand activation(Builder &b, std::optional<Operand> input) {
  Operand x = input ? *input : b.sequence({b.width()}, ordinary(b), b.program.element);
  b.addWork(x.channels());
  return b.define("seq.activation " + x.name + " " + b.activation(x.element) + " : " + x.type(), x.dims, x.element);
}

Operand glu(Builder &b, std::optional<Operand> input) {
  Operand gate = input ? *input : b.sequence({b.width()}, ordinary(b), b.program.element);
  Operand up = b.sequence(gate.dims, ordinary(b), gate.element);
  if (b.choices.chance(30))
    std::swap(gate, up);
  b.addWork(gate.channels());
  return b.define("seq.glu " + gate.name + ", " + up.name + " " + b.activation(gate.element) + " : " + gate.type(),
                  gate.dims, gate.element);
}

Operand arithmetic(Builder &b, std::optional<Operand> input) {
  Operand x = input ? *input : b.sequence({b.width()}, ordinary(b), b.program.element);
  b.addWork(2 * x.channels());
  if (x.element != Element::F64 && b.choices.chance(30)) {
    const char *op = b.choices.oneOf({"tanh", "sin", "cos", "absf"});
    return b.define(std::string("math.") + op + " " + x.name + " : " + x.type(), x.dims, x.element);
  }
  Operand y = b.choices.chance(30) ? x : b.sequence(x.dims, ordinary(b), x.element);
  const char *op = b.choices.oneOf({"addf", "mulf", "subf", "maximumf", "minimumf"});
  return b.define(std::string("arith.") + op + " " + x.name + ", " + y.name + " : " + x.type(), x.dims, x.element);
}

Operand heads(Builder &b, std::optional<Operand> input) {
  Operand x = channelsOf(b, input, ordinary(b));
  b.addWork(x.channels());
  int64_t count = b.divisor(x.dims[0]);
  Operand y = b.use(x, {count, x.dims[0] / count}, {});
  return b.choices.chance(40) ? b.use(y, {y.channels()}, {}) : y;
}

Operand broadcast(Builder &b, std::optional<Operand> input) {
  Operand x = input ? *input : b.sequence({b.smallCount(), b.width()}, ordinary(b), b.program.element);
  b.addWork(x.channels());
  if (b.choices.chance(50)) {
    Operand value = b.parameter({b.smallCount(), b.width()}, {Values::Normal, 0, 1});
    return b.define(
        llvm::formatv("seq.broadcast {0}, {1} leading 2 : {2}, {3}", value.name, x.name, value.type(), x.type()),
        value.dims, value.element);
  }
  Dims dims = x.dims;
  if (b.choices.chance(50))
    dims.erase(dims.begin(), dims.end() - 1);
  Operand value = b.parameter(dims, {Values::Normal, 0, 1}, x.element);
  Operand y = b.define(llvm::formatv("seq.broadcast {0}, {1} : {2}, {3}", value.name, x.name, value.type(), x.type()),
                       x.dims, x.element);
  return b.define("arith.addf " + x.name + ", " + y.name + " : " + x.type(), x.dims, x.element);
}

} // namespace

llvm::ArrayRef<OpKind> seqc::fuzz::pointwiseKinds() {
  static constexpr OpKind kinds[] = {{"rms_norm", rmsNorm},
                                     {"layer_norm", layerNorm},
                                     {"group_norm", groupNorm},
                                     {"l2_norm", l2Norm},
                                     {"linear", linear},
                                     {"embedding", embedding, true, false},
                                     {"glu", glu, true, true, true},
                                     {"activation", activation, true, true, true},
                                     {"arith", arithmetic, true, true, true},
                                     {"heads", heads, true, true, true},
                                     {"broadcast", broadcast, true, true, true}};
  return kinds;
}
