//===- Program.cpp - A random program as text -----------------------------===//

#include "Program.h"
#include "seq/Support/Random.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace seqc::fuzz;
using seqc::reference::Tensor;

std::string seqc::fuzz::tensorType(llvm::ArrayRef<int64_t> shape, llvm::StringRef element) {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += (extent < 0 ? "?" : std::to_string(extent)) + "x";
  return text + element.str() + ">";
}

std::string Argument::type() const { return tensorType(shape(-1, -1), elementName(element)); }

Dims Argument::shape(int64_t batch, int64_t time) const {
  Dims all{batch};
  if (!perRow)
    all.push_back(time);
  all.append(dims.begin(), dims.end());
  return all;
}

std::string Parameter::type() const {
  return tensorType(dims, blocks.empty() ? elementName(element) : "!seq." + blocks);
}

std::string Program::Form::text() const {
  if (clause.empty())
    return "form auto";
  return chunk ? clause + " of " + std::to_string(chunk) : clause;
}

std::string seqc::fuzz::denseText(const Tensor &tensor, Element element) {
  std::vector<char> bytes = toBytes(tensor, element);
  if (bytes.empty())
    return "dense<>";
  if (element == Element::I1 && tensor.size() > 1) { // raw booleans are packed bits
    std::string text = "dense<";
    Tensor::Shape index(tensor.rank(), 0);
    for (int64_t i = 0; i < tensor.size(); ++i, reference::advance(index, tensor.shape())) {
      for (int64_t d = 0; d < tensor.rank(); ++d)
        text += llvm::all_of(llvm::ArrayRef(index).drop_front(d), [](int64_t at) { return at == 0; }) ? "[" : "";
      text += tensor.integers()[i] ? "true" : "false";
      int64_t closed = 0;
      while (closed < tensor.rank() && index[tensor.rank() - 1 - closed] + 1 == tensor.dim(tensor.rank() - 1 - closed))
        ++closed;
      text += std::string(closed, ']') + (i + 1 < tensor.size() ? ", " : "");
    }
    return text + ">";
  }
  return "dense<\"0x" + llvm::toHex(llvm::StringRef(bytes.data(), bytes.size())) + "\">";
}

static uint64_t seedOf(uint64_t seed, llvm::StringRef name) {
  uint64_t hash = 0;
  for (char c : name)
    hash = seqc::splitMix64(hash, static_cast<uint8_t>(c));
  return seqc::splitMix64(seed, hash);
}

Tensor Program::argument(size_t i, llvm::ArrayRef<int64_t> shape, Element element) const {
  return makeTensor(arguments[i].values, element, shape, time, seedOf(seed, arguments[i].name));
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

static std::string fileName(const Program &program, const Parameter &parameter) {
  return llvm::formatv("fuzz-{0}.{1}.bin", program.seed, parameter.name);
}

static std::string parameterText(const Program &program, const Parameter &parameter, const std::string &folder) {
  std::string type = parameter.type(), source;
  uint64_t seed = seedOf(program.seed, parameter.name);
  if (!parameter.blocks.empty())
    source = llvm::formatv("#seqm.file<\"{0}/{1}\", offset = 0>", folder, fileName(program, parameter));
  else if (parameter.values.kind == Values::Normal && parameter.element == Element::F32)
    source = llvm::formatv("#seqm.normal<seed = {0}, stddev = {1:e17} : f64>", seed >> 32, parameter.values.high);
  else
    source = denseText(makeTensor(parameter.values, parameter.element, parameter.dims, 0, seed), parameter.element) +
             " : " + type;
  return llvm::formatv("  seqm.parameter @{0} : {1} = {2}\n", parameter.name, type, source);
}

/// Blocks of random quants with scales (and minima) that are ordinary halves.
static std::string randomBlocks(const Parameter &parameter, uint64_t seed) {
  int64_t bytes = parameter.blocks == "q4_0" ? 18 : parameter.blocks == "q4_1" ? 20 : 34;
  int64_t halves = parameter.blocks == "q4_1" ? 2 : 1, blocks = 1;
  for (int64_t extent : parameter.dims)
    blocks *= extent;
  blocks /= 32;
  double quant = parameter.blocks == "q8_0" ? 64 : 4;
  std::string data;
  for (int64_t block = 0; block < blocks; ++block)
    for (int64_t i = 0; i < bytes; ++i) {
      if (i < 2 * halves && i % 2 == 0) {
        Values values{Values::Uniform, -parameter.values.high / quant, parameter.values.high / quant};
        uint64_t number = seqc::splitMix64(seed, block * 64 + i);
        std::vector<char> half = toBytes(makeTensor(values, Element::F16, {1}, 0, number), Element::F16);
        data.append(half.begin(), half.end());
      } else if (i >= 2 * halves) {
        data.push_back(static_cast<char>(seqc::splitMix64(seed, block * 64 + i)));
      }
    }
  return data;
}

std::vector<std::string> Program::writeFiles(const std::string &folder) const {
  std::vector<std::string> files;
  for (const Parameter &parameter : parameters) {
    if (parameter.blocks.empty())
      continue;
    files.push_back(folder + "/" + fileName(*this, parameter));
    std::error_code error;
    llvm::raw_fd_ostream(files.back(), error) << randomBlocks(parameter, seedOf(seed, parameter.name));
  }
  return files;
}

static void replaceAll(std::string &text, llvm::StringRef from, llvm::StringRef to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

static std::string functionText(const Program &program, size_t form) {
  std::string signature, types, values;
  for (const Argument &argument : program.arguments)
    signature += (signature.empty() ? "%" : ", %") + argument.name + ": " + argument.type();
  for (const Result &result : program.results) {
    types += (types.empty() ? "" : ", ") + result.type;
    values += (values.empty() ? "" : ", ") + result.value;
  }
  std::string text = llvm::formatv("  func.func @{0}({1}) -> ({2}) {{\n", Program::exportName(form), signature, types);
  for (const Parameter &parameter : program.parameters)
    text += llvm::formatv("    %{0} = seqm.load @{0} : {1}\n", parameter.name, parameter.type());
  for (const std::string &line : program.body)
    text += "    " + line + "\n";
  text += "    return " + values + " : " + types + "\n  }\n";
  const Program::Form &chosen = program.forms[form];
  replaceAll(text, "@FORM@", chosen.clause.empty() ? "" : chosen.clause + " ");
  replaceAll(text, "@CHUNK@", chosen.chunk ? ", chunk = " + std::to_string(chosen.chunk) : "");
  replaceAll(text, "{, ", "{");
  replaceAll(text, " {}", "");
  return text;
}

std::string Program::text(const std::string &folder, const std::string &extra) const {
  std::string names, results, text = "module attributes {seqm.context = 2048 : i64} {\n";
  for (const Argument &argument : arguments)
    names += (names.empty() ? "\"" : ", \"") + argument.name + "\"";
  for (size_t i = 0; i < this->results.size(); ++i)
    results += (i ? ", \"" : "\"") + std::string("y") + std::to_string(i) + "\"";
  for (const Parameter &parameter : parameters)
    text += parameterText(*this, parameter, folder);
  for (size_t form = 0; form < forms.size(); ++form) {
    std::string name = exportName(form);
    text += llvm::formatv("  seqm.export \"{0}\" = @{0} kind \"{1}\" arguments [{2}] results [{3}]\n", name,
                          form == 0 && !pieces.empty() ? "forward" : "other", names, results);
    text += functionText(*this, form);
  }
  return text + extra + "}\n";
}

std::string Program::summary() const {
  std::string text = llvm::join(ops, " + ") + ", " + elementName(element);
  return text + ", " + std::to_string(batch) + " x " + std::to_string(time) + " tokens" +
         (freshStates ? ", states of its own" : "") + (mutations ? ", mutated" : "");
}
