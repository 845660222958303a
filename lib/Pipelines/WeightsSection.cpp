//===- WeightsSection.cpp - Packs parameters into a module ----------------===//

#include "WeightsSection.h"
#include "seq/Codegen/CPU/Packing.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace seqc;

namespace {

mlir::seq::PackingType packingOf(mlir::seqm::ParameterOp parameter) {
  auto packing = parameter->getAttrOfType<TypeAttr>("seqm.packing");
  return packing ? cast<mlir::seq::PackingType>(packing.getValue()) : mlir::seq::PackingType();
}

/// The type that the model gives a parameter; packing replaces it by bytes.
RankedTensorType logicalType(mlir::seqm::ParameterOp parameter) {
  if (auto logical = parameter->getAttrOfType<TypeAttr>("seqm.logical"))
    return cast<RankedTensorType>(logical.getValue());
  return parameter.getTensorType();
}

uint64_t bytesOf(mlir::seqm::ParameterOp parameter) {
  if (auto packing = packingOf(parameter))
    return packing.getBytes();
  return parameter.getTensorType().getNumElements() * sizeof(float);
}

uint64_t aligned(uint64_t size) {
  return (size + file::sectionAlignment - 1) / file::sectionAlignment * file::sectionAlignment;
}

std::string elementName(Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << type;
  constexpr llvm::StringRef prefix = "!seq.";
  return llvm::StringRef(name).starts_with(prefix) ? name.substr(prefix.size()) : name;
}

} // namespace

llvm::Error WeightsSection::addTo(file::Writer &writer, bool external, llvm::StringRef output) {
  std::vector<file::Parameter> described;
  for (auto parameter : parameters) {
    RankedTensorType type = logicalType(parameter);
    file::Parameter entry;
    entry.name = parameter.getSymName().str();
    entry.type = elementName(type.getElementType());
    entry.shape.assign(type.getShape().begin(), type.getShape().end());
    if (auto packing = packingOf(parameter))
      entry.packing = "panel32." + elementName(packing.getFormat());
    entry.offset = total;
    entry.size = bytesOf(parameter);
    total += aligned(entry.size);
    described.push_back(std::move(entry));
  }
  if (described.empty())
    return llvm::Error::success();
  uint32_t section =
      writer.addSection(file::weightsSection, "", total, [this](const file::Emit &emit) { return emitAll(emit); });
  if (external)
    writer.module.sections[section].file = (llvm::sys::path::filename(output) + ".weights").str();
  for (file::Parameter &entry : described) {
    entry.section = section;
    writer.module.parameters.push_back(std::move(entry));
  }
  return llvm::Error::success();
}

file::Status WeightsSection::emitAll(const file::Emit &emit) {
  uint64_t done = 0;
  for (auto parameter : parameters) {
    progress("weights", total ? static_cast<double>(done) / total : 0);
    auto bytes = pack(parameter);
    if (!bytes)
      return file::Status(SEQRT_IO, llvm::toString(bytes.takeError()));
    bytes->resize(aligned(bytes->size()));
    file::Status status = emit(bytes->data(), bytes->size());
    if (status.failed())
      return status;
    done += bytes->size();
  }
  return {};
}

llvm::Expected<std::vector<uint8_t>> WeightsSection::pack(mlir::seqm::ParameterOp parameter) {
  auto parts = sources.find(parameter);
  if (!parts)
    return parts.takeError();
  std::vector<uint8_t> bytes(bytesOf(parameter));
  llvm::Error error = packingOf(parameter)
                          ? cpu::packMatrix(packingOf(parameter), *parts, parameter->hasAttr("seqm.transposed"), bytes)
                          : cpu::convertDense(*parts, bytes);
  if (error)
    return llvm::createStringError("parameter '" + parameter.getSymName().str() +
                                   "': " + llvm::toString(std::move(error)));
  return bytes;
}
