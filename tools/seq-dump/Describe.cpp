//===- Describe.cpp - A module's description as text ----------------------===//

#include "Describe.h"

#include "seq/Module/Digest.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::dump;
using namespace seqc::file;
using llvm::formatv;
using llvm::raw_ostream;

std::string seqc::dump::printable(llvm::StringRef text) {
  std::string out = text.str();
  for (char &c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = '?';
  return out;
}

std::string seqc::dump::typeText(const Tensor &tensor, const std::vector<Dim> &dims) {
  std::string out = std::string(elementName(tensor.type)) + " [";
  llvm::ListSeparator comma(",");
  for (int64_t size : tensor.shape) {
    out += llvm::StringRef(comma);
    out += size >= 0 ? std::to_string(size) : printable(dims[symbolicIndex(size)].name);
  }
  return out + "]";
}

std::string seqc::dump::typeText(const StateComponent &component) {
  std::string out = std::string(elementName(component.type)) + " [";
  llvm::ListSeparator comma(", ");
  for (const StateDim &dim : component.dims) {
    out += llvm::StringRef(comma);
    if (dim.kind == StateDim::Kind::Batch)
      out += "batch";
    else if (dim.kind == StateDim::Kind::Static)
      out += std::to_string(dim.value);
    else
      out += dim.value == 1 ? std::string("capacity") : formatv("ceil(capacity/{0})", dim.value).str();
  }
  out += "]";
  if (component.fill != 0)
    out += formatv(" = {0}", component.fill).str();
  return out;
}

std::string seqc::dump::polynomialText(const Polynomial &terms, const std::vector<Dim> &dims) {
  std::string out;
  llvm::raw_string_ostream stream(out);
  llvm::ListSeparator plus(" + ");
  for (const Term &term : terms) {
    stream << plus << llvm::format("%.10g", term.coefficient);
    for (auto [i, exponent] : llvm::enumerate(term.exponents)) {
      if (exponent == 0)
        continue;
      stream << "·" << (i < dims.size() ? printable(dims[i].name) : "N");
      if (exponent > 1)
        stream << "^" << unsigned(exponent);
    }
  }
  return out.empty() ? "0" : out;
}

/// "134.5 MB (134525120 bytes)".
static std::string sizeText(uint64_t bytes) {
  static constexpr const char *units[] = {"KB", "MB", "GB", "TB"};
  if (bytes < 1000)
    return formatv("{0} bytes", bytes);
  double value = static_cast<double>(bytes);
  const char *unit = nullptr;
  for (const char *next : units) {
    if (value < 1000)
      break;
    value /= 1000;
    unit = next;
  }
  return formatv("{0:f1} {1} ({2} bytes)", value, unit, bytes);
}

static void printTensors(const std::vector<Tensor> &tensors, const Export &function, raw_ostream &out) {
  llvm::ListSeparator comma;
  out << "(";
  for (const Tensor &tensor : tensors)
    out << comma << printable(tensor.name) << ": " << typeText(tensor, function.dims);
  out << ")";
}

static void printSignature(const Export &function, raw_ostream &out) {
  out << printable(function.name);
  printTensors(function.arguments, function, out);
  out << " -> ";
  printTensors(function.results, function, out);
}

void seqc::dump::printSummary(const ModuleFile &file, raw_ostream &out) {
  const Module &module = file.module();
  out << "module     " << printable(module.name) << "\n";
  out << "producer   " << printable(module.producer) << "\n";
  out << formatv("format     {0}.{1}\n", formatMajor, file.minorVersion());
  out << "size       " << sizeText(file.size()) << "\n";
  out << "digest     " << toHex(file.digest()) << "\n";
  if (module.contextLength != 0)
    out << "context    " << module.contextLength << " tokens\n";
  if (module.vocabularySize != 0)
    out << "vocabulary " << module.vocabularySize << "\n";
  if (!module.stopTokens.empty()) {
    out << "stops at  ";
    for (int64_t id : module.stopTokens)
      out << " " << id;
    out << "\n";
  }
  for (const Target &target : module.targets) {
    out << "target     " << printable(target.name) << " (" << printable(target.device);
    for (const std::string &feature : target.features)
      out << " " << printable(feature);
    out << ")\n";
  }
  for (const Export &function : module.exports) {
    out << "export     ";
    printSignature(function, out);
    out << "\n";
  }
  uint64_t parameterBytes = 0;
  for (const Parameter &parameter : module.parameters)
    parameterBytes += parameter.size;
  out << "states     " << module.states.size() << "\n";
  out << "parameters " << module.parameters.size() << ", " << sizeText(parameterBytes) << "\n";
  for (const auto &[key, value] : module.metadata) {
    constexpr size_t enough = 60;
    std::string text = printable(value);
    out << "metadata   " << printable(key) << " = " << text.substr(0, enough) << (text.size() > enough ? "…" : "")
        << "\n";
  }
}

static void printDims(const Export &function, raw_ostream &out) {
  for (auto [i, dim] : llvm::enumerate(function.dims)) {
    out << "  " << printable(dim.name) << " from " << dim.min;
    if (dim.max != 0)
      out << " to " << dim.max;
    if (static_cast<int32_t>(i) == function.batchDim)
      out << ", the batch";
    if (static_cast<int32_t>(i) == function.timeDim)
      out << ", the time";
    out << "\n";
  }
}

void seqc::dump::printSignatures(const Module &module, raw_ostream &out) {
  for (const Export &function : module.exports) {
    printSignature(function, out);
    out << "\n  kind " << printable(function.kind) << "\n";
    printDims(function, out);
    if (!function.states.empty()) {
      llvm::ListSeparator comma;
      out << "  states ";
      for (uint32_t state : function.states)
        out << comma << printable(module.states[state].name);
      out << "\n";
      if (function.timeDim < 0)
        out << "  tokens a call " << function.tokensPerCall << "\n";
    }
    out << "  flops " << polynomialText(function.flops, function.dims) << "\n";
    out << "  bytes " << polynomialText(function.bytes, function.dims) << "\n";
  }
}

void seqc::dump::printSections(const Module &module, raw_ostream &out) {
  for (const Section &section : module.sections) {
    out << formatv("{0,-10} {1,14} {2,14} {3}", printable(section.kind), section.offset, section.size,
                   toHex(section.digest));
    if (!section.name.empty())
      out << " " << printable(section.name);
    if (!section.file.empty())
      out << " in " << printable(section.file);
    out << "\n";
  }
}

void seqc::dump::printStates(const Module &module, raw_ostream &out) {
  for (const State &state : module.states) {
    out << printable(state.name) << ": " << printable(state.kind) << " (";
    llvm::ListSeparator comma;
    for (const StateComponent &component : state.components)
      out << comma << typeText(component);
    out << ")" << (state.hasCapacity ? ", limited by the capacity" : "") << "\n";
  }
}

void seqc::dump::printParameters(const Module &module, raw_ostream &out) {
  for (const Parameter &parameter : module.parameters) {
    llvm::ListSeparator comma(",");
    out << printable(parameter.name) << ": " << printable(parameter.type) << " [";
    for (int64_t size : parameter.shape)
      out << comma << size;
    out << "]";
    if (!parameter.packing.empty())
      out << " as " << printable(parameter.packing);
    out << formatv(", {0} bytes at {1} of section {2}\n", parameter.size, parameter.offset, parameter.section);
  }
}
