//===- Json.cpp - A module's description as JSON --------------------------===//

#include "Describe.h"

#include "seq/Module/Digest.h"

using namespace seqc::dump;
using namespace seqc::file;
using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

/// JSON wants UTF-8, and a module's text may be anything.
static Value text(llvm::StringRef from) { return llvm::json::fixUTF8(from); }

/// An array of what `convert` makes of each item.
template <typename Items, typename Convert> static Array mapAll(const Items &items, Convert convert) {
  Array out;
  for (const auto &item : items)
    out.push_back(convert(item));
  return out;
}

static Value tensorJson(const Tensor &tensor, const std::vector<Dim> &dims) {
  Array shape = mapAll(tensor.shape, [&](int64_t size) -> Value {
    return size >= 0 ? Value(size) : text(dims[symbolicIndex(size)].name);
  });
  return Object{{"name", text(tensor.name)}, {"type", text(elementName(tensor.type))}, {"shape", std::move(shape)}};
}

static Value exportJson(const Export &function, const Module &module) {
  auto tensor = [&](const Tensor &from) { return tensorJson(from, function.dims); };
  auto dimName = [&](int32_t index) -> Value {
    return index < 0 ? Value(nullptr) : text(function.dims[static_cast<size_t>(index)].name);
  };
  return Object{
      {"name", text(function.name)},
      {"kind", text(function.kind)},
      {"arguments", mapAll(function.arguments, tensor)},
      {"results", mapAll(function.results, tensor)},
      {"dims", mapAll(function.dims,
                      [](const Dim &dim) -> Value {
                        return Object{{"name", text(dim.name)}, {"min", dim.min}, {"max", dim.max}};
                      })},
      {"batch", dimName(function.batchDim)},
      {"time", dimName(function.timeDim)},
      {"tokens_per_call", function.tokensPerCall},
      {"states", mapAll(function.states, [&](uint32_t index) { return text(module.states[index].name); })},
      {"flops", text(polynomialText(function.flops, function.dims))},
      {"bytes", text(polynomialText(function.bytes, function.dims))},
  };
}

static Value stateJson(const State &state) {
  return Object{
      {"name", text(state.name)},
      {"kind", text(state.kind)},
      {"has_capacity", state.hasCapacity},
      {"components", mapAll(state.components, [](const StateComponent &from) { return text(typeText(from)); })},
  };
}

static Value parameterJson(const Parameter &parameter) {
  return Object{
      {"name", text(parameter.name)},    {"type", text(parameter.type)},
      {"shape", Array(parameter.shape)}, {"packing", text(parameter.packing)},
      {"section", parameter.section},    {"offset", parameter.offset},
      {"size", parameter.size},
  };
}

static Value targetJson(const Target &target) {
  return Object{
      {"name", text(target.name)}, {"device", text(target.device)},
      {"rank", target.rank},       {"features", mapAll(target.features, text)},
      {"abi", target.abiVersion},  {"section", target.section},
  };
}

static Value sectionJson(const Section &section) {
  return Object{
      {"kind", text(section.kind)}, {"name", text(section.name)}, {"file", text(section.file)},
      {"offset", section.offset},   {"size", section.size},       {"digest", toHex(section.digest)},
  };
}

Value seqc::dump::toJson(const ModuleFile &file) {
  const Module &module = file.module();
  Object metadata;
  for (const auto &[key, value] : module.metadata)
    metadata[llvm::json::fixUTF8(key)] = text(value);
  auto toExport = [&](const Export &function) { return exportJson(function, module); };
  return Object{
      {"name", text(module.name)},
      {"producer", text(module.producer)},
      {"format", std::to_string(formatMajor) + "." + std::to_string(file.minorVersion())},
      {"size", file.size()},
      {"digest", toHex(file.digest())},
      {"context_length", module.contextLength},
      {"vocabulary_size", module.vocabularySize},
      {"stop_tokens", module.stopTokens},
      {"metadata", std::move(metadata)},
      {"exports", mapAll(module.exports, toExport)},
      {"states", mapAll(module.states, stateJson)},
      {"parameters", mapAll(module.parameters, parameterJson)},
      {"targets", mapAll(module.targets, targetJson)},
      {"sections", mapAll(module.sections, sectionJson)},
  };
}
