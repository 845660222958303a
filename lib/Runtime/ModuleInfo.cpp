#include "ModuleInfo.h"

#include "Cpu.h"
#include "seq/Runtime/ABI.h"

namespace seqc::rt {

using file::ElementType;

seqrt_dtype toC(ElementType type) {
  uint8_t code = SEQRT_FLOAT;
  switch (type) {
  case ElementType::Bool:
    code = SEQRT_BOOL;
    break;
  case ElementType::I8:
  case ElementType::I16:
  case ElementType::I32:
  case ElementType::I64:
    code = SEQRT_INT;
    break;
  case ElementType::U8:
  case ElementType::U16:
  case ElementType::U32:
  case ElementType::U64:
    code = SEQRT_UINT;
    break;
  case ElementType::BF16:
    code = SEQRT_BFLOAT;
    break;
  case ElementType::F16:
  case ElementType::F32:
  case ElementType::F64:
    break;
  }
  return {code, static_cast<uint8_t>(8 * file::elementSize(type)), 1};
}

ModuleInfo::ModuleInfo(const file::ModuleFile &file) {
  const file::Module &from = file.module();
  module.name = from.name.c_str();
  module.producer = from.producer.c_str();
  module.context_length = from.contextLength;
  module.vocabulary_size = from.vocabularySize;
  module.file_size = file.size();
  module.digest[0] = file.digest()[0];
  module.digest[1] = file.digest()[1];
  module.target = "";
  module.stop_tokens = from.stopTokens.data();
  module.stop_token_count = from.stopTokens.size();
  for (const file::Export &function : from.exports)
    addExport(function);
  for (const file::State &state : from.states)
    addState(state);
  for (const file::Target &target : from.targets)
    addTarget(target);
  for (const file::Parameter &parameter : from.parameters) {
    const uint8_t *section = file.sectionData(parameter.section);
    parameters.push_back({parameter.name.c_str(), parameter.type.c_str(), parameter.packing.c_str(),
                          static_cast<int32_t>(parameter.shape.size()), parameter.shape.data(),
                          section ? section + parameter.offset : nullptr, parameter.size});
  }
}

const seqrt_tensor_info *const *ModuleInfo::addTensors(const std::vector<file::Tensor> &from) {
  auto &list = tensorLists.emplace_back();
  for (const file::Tensor &tensor : from) {
    tensors.push_back(
        {tensor.name.c_str(), toC(tensor.type), static_cast<int32_t>(tensor.shape.size()), tensor.shape.data()});
    list.push_back(&tensors.back());
  }
  return list.data();
}

const seqrt_dim_info *const *ModuleInfo::addDims(const std::vector<file::Dim> &from) {
  auto &list = dimLists.emplace_back();
  for (const file::Dim &dim : from) {
    dims.push_back({dim.name.c_str(), dim.min, dim.max});
    list.push_back(&dims.back());
  }
  return list.data();
}

void ModuleInfo::addExport(const file::Export &function) {
  seqrt_export_info info = {};
  info.name = function.name.c_str();
  info.kind = function.kind.c_str();
  info.argument_count = function.arguments.size();
  info.arguments = addTensors(function.arguments);
  info.result_count = function.results.size();
  info.results = addTensors(function.results);
  info.dim_count = function.dims.size();
  info.dims = addDims(function.dims);
  auto &states = indexLists.emplace_back(function.states.begin(), function.states.end());
  info.state_count = states.size();
  info.states = states.data();
  info.batch_dim = function.batchDim;
  info.time_dim = function.timeDim;
  info.tokens_per_call = function.tokensPerCall;
  exports.push_back(info);
}

void ModuleInfo::addState(const file::State &state) {
  auto &types = typeLists.emplace_back();
  for (const file::StateComponent &component : state.components)
    types.push_back(toC(component.type));
  states.push_back({state.name.c_str(), state.kind.c_str(), types.size(), types.data(), state.hasCapacity});
}

void ModuleInfo::addTarget(const file::Target &target) {
  std::string &features = strings.emplace_back();
  for (const std::string &feature : target.features)
    features += (features.empty() ? "" : ",") + feature;
  bool supported =
      target.device == "cpu" && target.abiVersion == SEQ_ABI_VERSION && missingFeatures(target.features).empty();
  targets.push_back({target.name.c_str(), features.c_str(), target.rank, supported});
}

} // namespace seqc::rt
