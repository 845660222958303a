//===- Scans.cpp - Random scans, convolutions and shifts ------------------===//

#include "Builder.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::fuzz;

namespace {

Operand scan(Builder &b, std::optional<Operand> input) {
  bool isComplex = b.choices.chance(35) && (!input || input->channels() % 2 == 0);
  Dims dims;
  if (input)
    dims = {input->channels()};
  else
    for (int64_t rank = b.choices.oneOf({1, 2, 3}); rank > 0; --rank)
      dims.push_back(rank > 1 ? b.smallCount() : b.width());
  if (isComplex && input)
    dims = {input->channels() / 2, 2};
  if (isComplex && !input)
    dims.push_back(2);
  Operand x = b.use(input, dims, {Values::Normal, 0, 1});
  Values values = b.decay();
  if (isComplex)
    values.kind = Values::ComplexDecay;
  Operand g = b.choices.chance(40) ? b.parameter(dims, values) : b.sequence(dims, values);
  b.addWork(4 * x.channels());
  b.hasForms = true;
  std::string text = llvm::formatv("seq.scan {0}, {1}{2} @FORM@{{{3}@CHUNK@} : {4}, {5}", x.name, g.name, b.segments(),
                                   isComplex ? ", complex" : "", x.type(), g.type());
  return b.define(text, dims, x.element);
}

/// A random selective_scan, clause by clause.
class SelectiveWriter {
public:
  SelectiveWriter(Builder &b, std::optional<Operand> input) : b(b), input(std::move(input)) {}

  Operand write() {
    perHead = b.choices.chance(40);
    isComplex = !perHead && b.choices.chance(25);
    chooseDims();
    Operand x = b.use(input, dims, {Values::Normal, 0, 1});
    bool softplus = b.choices.chance(50);
    Operand dt = b.sequence({dims[0]}, softplus ? Values{Values::Normal, 0, 1} : Values{Values::Uniform, 0, 1});
    Operand a = b.parameter(rateDims(),
                            {isComplex ? Values::ComplexDecay : Values::Decay, b.choices.oneOf({-4.0, -1e-6, -40.0})});
    Operand in = b.sequence(systemDims(), {Values::Normal, 0, 0.5}),
            out = b.sequence(systemDims(), {Values::Normal, 0, 0.5});
    std::string clauses = extras(x), attributes = softplus ? ", dt_softplus" : "";
    // Steps forward in time only: others grow without bound.
    bool mayBeNegative = clauses.find("dt_bias") != std::string::npos && !softplus;
    if (mayBeNegative || b.choices.chance(25))
      attributes += ", dt_min = " + number(b.choices.oneOf({0.1, 0.001}));
    if (b.choices.chance(25))
      attributes += ", dt_max = " + number(b.choices.oneOf({0.5, 10.0}));
    attributes += isComplex ? ", complex" : "";
    b.hasForms = true;
    b.parallelForm &= perHead;
    b.addWork(8 * x.channels() * states);
    std::string types;
    for (const Operand *operand : {&x, &dt, &a, &in, &out})
      types += (types.empty() ? "" : ", ") + operand->type();
    return b.define(llvm::formatv("seq.selective_scan {0}, {1}, {2}, {3}, {4}{5} @FORM@{{{6}@CHUNK@} : {7}", x.name,
                                  dt.name, a.name, in.name, out.name, clauses, attributes, types),
                    dims, x.element);
  }

private:
  void chooseDims() {
    states = b.choices.oneOf<int64_t>({4, 1, 2, 3, 5, 8, 15, 16, 17, 32, 33});
    int64_t channels = input ? input->channels() : 0;
    dims = {perHead ? input ? b.divisor(channels) : b.smallCount() : input ? channels : b.width()};
    if (perHead)
      dims.push_back(input ? channels / dims[0] : b.width());
    groups = b.choices.chance(40) ? b.divisor(dims[0]) : 1;
  }

  Dims rateDims() const {
    if (perHead)
      return {dims[0]};
    return isComplex ? Dims{dims[0], states, 2} : Dims{dims[0], states};
  }
  Dims systemDims() const { return isComplex ? Dims{groups, states, 2} : Dims{groups, states}; }

  std::string extras(const Operand &x) {
    std::string text;
    if (b.choices.chance(40))
      text += Builder::clause("skip", b.parameter(b.choices.chance(50) ? dims : Dims{dims[0]}, {Values::Normal, 0, 1}));
    if (b.choices.chance(40))
      text += Builder::clause("z", b.sequence(dims, {Values::Normal, 0, 2}, x.element));
    if (b.choices.chance(40))
      text += Builder::clause("dt_bias", b.parameter({dims[0]}, {Values::Normal, 0, 1}));
    return text + b.segments();
  }

  Builder &b;
  std::optional<Operand> input;
  bool perHead = false, isComplex = false;
  int64_t states = 1, groups = 1;
  Dims dims;
};

Operand selectiveScan(Builder &b, std::optional<Operand> input) { return SelectiveWriter(b, std::move(input)).write(); }

Operand conv(Builder &b, std::optional<Operand> input) {
  Operand x = b.use(input, {input ? input->channels() : b.width()}, {Values::Normal, 0, 1});
  Operand w = b.parameter({x.dims[0], b.choices.oneOf<int64_t>({4, 1, 2, 3, 5, 8})}, {Values::Normal, 0, 0.5});
  std::string clauses;
  if (b.choices.chance(50))
    clauses += Builder::clause("bias", b.parameter({x.dims[0]}, {Values::Normal, 0, 0.5}));
  clauses += b.segments();
  if (b.choices.chance(70))
    clauses += " activation " + b.activation(Element::F32);
  b.addWork(w.channels());
  return b.define("seq.conv " + x.name + ", " + w.name + clauses + " : " + x.type() + ", " + w.type(), x.dims,
                  x.element);
}

Operand tokenShift(Builder &b, std::optional<Operand> input) {
  Operand x = b.use(input, {input ? input->channels() : b.width()}, {Values::Normal, 0, 1});
  b.addWork(x.channels());
  return b.define("seq.token_shift " + x.name + b.segments() + " : " + x.type(), x.dims, x.element);
}

} // namespace

llvm::ArrayRef<OpKind> seqc::fuzz::scanKinds() {
  static constexpr OpKind kinds[] = {
      {"scan", scan}, {"selective_scan", selectiveScan}, {"conv", conv}, {"token_shift", tokenShift}};
  return kinds;
}
