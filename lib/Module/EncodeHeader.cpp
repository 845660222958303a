#include "Header.h"

#include "Module_generated.h"

namespace seqc::file {

using flatbuffers::FlatBufferBuilder;
template <typename T> using Offset = flatbuffers::Offset<T>;

/// A vector of tables, one for each item; `make` builds one and gives its
/// offset.
template <typename Item, typename Make>
static auto encodeAll(FlatBufferBuilder &builder, const std::vector<Item> &items, Make make) {
  std::vector<decltype(make(builder, items[0]))> offsets;
  offsets.reserve(items.size());
  for (const Item &item : items)
    offsets.push_back(make(builder, item));
  return builder.CreateVector(offsets);
}

static auto encodeMetadata(FlatBufferBuilder &builder, const std::pair<std::string, std::string> &entry) {
  auto key = builder.CreateString(entry.first);
  auto value = builder.CreateString(entry.second);
  return fb::CreateMetadata(builder, key, value);
}

static auto encodeTensor(FlatBufferBuilder &builder, const Tensor &tensor) {
  auto name = builder.CreateString(tensor.name);
  auto shape = builder.CreateVector(tensor.shape);
  return fb::CreateTensor(builder, name, uint8_t(tensor.type), shape);
}

static auto encodeDim(FlatBufferBuilder &builder, const Dim &dim) {
  auto name = builder.CreateString(dim.name);
  return fb::CreateDim(builder, name, dim.min, dim.max);
}

static auto encodeTerm(FlatBufferBuilder &builder, const Term &term) {
  auto exponents = builder.CreateVector(term.exponents);
  return fb::CreateTerm(builder, term.coefficient, exponents);
}

static auto encodeExport(FlatBufferBuilder &builder, const Export &function) {
  auto name = builder.CreateString(function.name);
  auto kind = builder.CreateString(function.kind);
  auto arguments = encodeAll(builder, function.arguments, encodeTensor);
  auto results = encodeAll(builder, function.results, encodeTensor);
  auto dims = encodeAll(builder, function.dims, encodeDim);
  auto states = builder.CreateVector(function.states);
  auto flops = encodeAll(builder, function.flops, encodeTerm);
  auto bytes = encodeAll(builder, function.bytes, encodeTerm);
  return fb::CreateExport(builder, name, kind, arguments, results, dims, function.batchDim, function.timeDim,
                          function.tokensPerCall, states, flops, bytes);
}

static auto encodeComponent(FlatBufferBuilder &builder, const StateComponent &component) {
  std::vector<fb::StateDim> dims;
  dims.reserve(component.dims.size());
  for (const StateDim &dim : component.dims)
    dims.emplace_back(uint8_t(dim.kind), dim.value);
  auto encoded = builder.CreateVectorOfStructs(dims);
  return fb::CreateStateComponent(builder, uint8_t(component.type), encoded, component.fill);
}

static auto encodeState(FlatBufferBuilder &builder, const State &state) {
  auto name = builder.CreateString(state.name);
  auto kind = builder.CreateString(state.kind);
  auto components = encodeAll(builder, state.components, encodeComponent);
  return fb::CreateState(builder, name, kind, components, state.hasCapacity);
}

static auto encodeParameter(FlatBufferBuilder &builder, const Parameter &parameter) {
  auto name = builder.CreateString(parameter.name);
  auto type = builder.CreateString(parameter.type);
  auto shape = builder.CreateVector(parameter.shape);
  auto packing = builder.CreateString(parameter.packing);
  return fb::CreateParameter(builder, name, type, shape, packing, parameter.section, parameter.offset, parameter.size);
}

static auto encodeTarget(FlatBufferBuilder &builder, const Target &target) {
  auto name = builder.CreateString(target.name);
  auto device = builder.CreateString(target.device);
  auto features = builder.CreateVectorOfStrings(target.features);
  std::vector<fb::Entry> entries;
  entries.reserve(target.entries.size());
  for (const Entry &entry : target.entries)
    entries.emplace_back(entry.function, entry.arena);
  auto encoded = builder.CreateVectorOfStructs(entries);
  return fb::CreateTarget(builder, name, device, features, target.rank, target.abiVersion, target.section, encoded);
}

static auto encodeSection(FlatBufferBuilder &builder, const Section &section) {
  auto kind = builder.CreateString(section.kind);
  auto name = builder.CreateString(section.name);
  auto file = builder.CreateString(section.file);
  fb::Range range(section.offset, section.size, fb::Digest(section.digest[0], section.digest[1]));
  return fb::CreateSection(builder, kind, name, file, &range);
}

std::vector<uint8_t> encodeHeader(const Module &module) {
  FlatBufferBuilder builder(64 * 1024);
  auto producer = builder.CreateString(module.producer);
  auto name = builder.CreateString(module.name);
  auto metadata = encodeAll(builder, module.metadata, encodeMetadata);
  auto exports = encodeAll(builder, module.exports, encodeExport);
  auto states = encodeAll(builder, module.states, encodeState);
  auto parameters = encodeAll(builder, module.parameters, encodeParameter);
  auto targets = encodeAll(builder, module.targets, encodeTarget);
  auto sections = encodeAll(builder, module.sections, encodeSection);
  auto stopTokens = builder.CreateVector(module.stopTokens);
  fb::FinishHeaderBuffer(builder, fb::CreateHeader(builder, producer, name, metadata, module.contextLength,
                                                   module.vocabularySize, exports, states, parameters, targets,
                                                   sections, stopTokens));
  const uint8_t *bytes = builder.GetBufferPointer();
  return std::vector<uint8_t>(bytes, bytes + builder.GetSize());
}

} // namespace seqc::file
