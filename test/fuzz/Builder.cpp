//===- Builder.cpp - Writes the lines of a random program -----------------===//

#include "Builder.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::fuzz;

std::string seqc::fuzz::number(double value) { return llvm::formatv("{0:e6}", value); }

std::string Operand::type() const {
  Dims shape = dims;
  if (!isStatic)
    shape.insert(shape.begin(), {-1, -1});
  return tensorType(shape, elementName(element));
}

int64_t Operand::channels() const {
  int64_t count = 1;
  for (int64_t extent : dims)
    count *= extent;
  return count;
}

int64_t Builder::width() {
  return choices.oneOf<int64_t>(
      {4, 1, 2, 3, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 96, 112, 128, 130});
}

int64_t Builder::divisor(int64_t number) {
  llvm::SmallVector<int64_t> divisors;
  for (int64_t d = 1; d <= number; ++d)
    if (number % d == 0)
      divisors.push_back(d);
  return divisors[choices.below(static_cast<uint32_t>(divisors.size()))];
}

/// Most tensors have the element type of the program; some are f32.
static Element elementOf(Builder &b, std::optional<Element> element) {
  if (element)
    return *element;
  bool isNarrow = b.program.element == Element::F16 || b.program.element == Element::BF16;
  return isNarrow && b.choices.chance(20) ? Element::F32 : b.program.element;
}

Operand Builder::sequence(Dims dims, Values values, std::optional<Element> element) {
  Argument argument{"x" + std::to_string(program.arguments.size()), dims, elementOf(*this, element), values};
  program.arguments.push_back(argument);
  return {"%" + argument.name, dims, argument.element};
}

Operand Builder::parameter(Dims dims, Values values, std::optional<Element> element) {
  Parameter parameter{"w" + std::to_string(program.parameters.size()), dims, elementOf(*this, element), values, ""};
  program.parameters.push_back(parameter);
  return {"%" + parameter.name, dims, parameter.element, true};
}

Operand Builder::rowNumbers(Values values) {
  Argument argument{"n" + std::to_string(program.arguments.size()), {}, Element::I64, values, true};
  program.arguments.push_back(argument);
  return {"%" + argument.name, {-1}, Element::I64, true};
}

Operand Builder::use(std::optional<Operand> given, Dims dims, Values values) {
  if (!given)
    return sequence(dims, values, program.element);
  Operand x = *given;
  while (x.dims != dims && x.dims.size() > 1) {
    Dims merged(x.dims.begin(), x.dims.end() - 1);
    merged.back() *= x.dims.back();
    x = define("seq.merge_heads " + x.name + " : " + x.type(), merged, x.element);
  }
  if (x.dims == dims)
    return x;
  return define(llvm::formatv("seq.split_heads {0} {1} : {2}", x.name, dims[0], x.type()), dims, x.element);
}

std::string Builder::activation(Element element) {
  if (element == Element::F64)
    return choices.oneOf({"identity", "relu", "relu2"});
  std::string kind =
      choices.oneOf({"identity", "silu", "gelu", "gelu_tanh", "relu", "relu2", "sigmoid", "tanh", "softplus"});
  if (kind == "gelu")
    program.absoluteSlack = 8;
  return kind;
}

Values Builder::decay() {
  switch (choices.below(6)) {
  case 0:
  case 1:
    return {Values::Decay, -1};
  case 2:
    return {Values::Decay, -1e-7};
  case 3:
    return {Values::Decay, -50};
  case 4:
    return {Values::DecayExtreme, -50, 0};
  default:
    return {Values::DecayExtreme, -50, 1};
  }
}

Operand Builder::define(const std::string &text, Dims dims, Element element) {
  Operand result{freshName(), dims, element};
  line(result.name + " = " + text);
  return result;
}

std::string Builder::clause(const std::string &name, const Operand &operand) {
  return llvm::formatv(" {0}({1} : {2})", name, operand.name, operand.type());
}

std::string Builder::segments() {
  std::string text;
  if (choices.chance(20)) {
    if (!reset)
      reset = sequence({}, {Values::Flag, 0, choices.oneOf({0.1, 0.5, 1.0})}, Element::I1);
    text += clause("reset", *reset);
  }
  if (choices.chance(20)) {
    if (!lengths)
      lengths = rowNumbers({Values::Length});
    text += clause("lengths", *lengths);
  }
  return text;
}
