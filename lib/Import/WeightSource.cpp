#include "seq/Import/WeightSource.h"

#include "seq/Import/Error.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"

#include <optional>

using namespace llvm;

namespace seqc::importer {

StringRef supportedElementKinds() { return "F32, F16, BF16, Q4_0, Q4_1 and Q8_0"; }

BlockSize getBlockSize(ElementKind kind) {
  switch (kind) {
  case ElementKind::F32:
    return {1, 4};
  case ElementKind::F16:
  case ElementKind::BF16:
    return {1, 2};
  case ElementKind::Q4_0:
    return {32, 18};
  case ElementKind::Q4_1:
    return {32, 20};
  case ElementKind::Q8_0:
    return {32, 34};
  case ElementKind::Other:
    break;
  }
  llvm_unreachable("a type that is not supported has no storage here");
}

unsigned WeightSource::addFile(std::string path, std::unique_ptr<MemoryBuffer> data) {
  files.push_back({std::move(path), std::move(data)});
  return files.size() - 1;
}

bool WeightSource::addTensor(TensorEntry entry) {
  if (!byName.try_emplace(entry.name, entries.size()).second)
    return false;
  entries.push_back(std::move(entry));
  known.push_back(false);
  return true;
}

StringRef WeightSource::filePath(const TensorEntry &entry) const { return files[entry.file].path; }

ArrayRef<uint8_t> WeightSource::bytes(const TensorEntry &entry) const {
  StringRef buffer = files[entry.file].data->getBuffer();
  return arrayRefFromStringRef(buffer.substr(entry.offset, entry.size));
}

const TensorEntry *WeightSource::find(StringRef name) const {
  auto it = byName.find(name);
  return it == byName.end() ? nullptr : &entries[it->second];
}

/// Drops dimensions of 1 at the front: [1, 1, 64] stores the same as [64].
static ArrayRef<int64_t> dropLeadingOnes(ArrayRef<int64_t> shape) {
  return shape.drop_while([](int64_t dim) { return dim == 1; });
}

Expected<const TensorEntry *> WeightSource::use(StringRef name, ArrayRef<int64_t> shape) {
  auto it = byName.find(name);
  if (it == byName.end())
    return makeError(description(), "tensor " + quoted(name) +
                                        " is missing; the file is incomplete or of another "
                                        "architecture than its configuration says");
  const TensorEntry &entry = entries[it->second];
  if (entry.kind == ElementKind::Other)
    return makeError(filePath(entry), "tensor " + quoted(name) + " has type " + entry.typeName +
                                          ", which is not supported; convert it to one of " + supportedElementKinds());
  if (!shape.empty() && dropLeadingOnes(entry.shape) != dropLeadingOnes(shape))
    return makeError(filePath(entry), "tensor " + quoted(name) + " has shape " + formatShape(entry.shape) +
                                          ", but the configuration asks for " + formatShape(shape));
  known[it->second] = true;
  return &entry;
}

Expected<std::vector<double>> WeightSource::readValues(StringRef name, int64_t size) {
  Expected<const TensorEntry *> entry = use(name, {size});
  if (!entry)
    return entry.takeError();
  if ((*entry)->kind != ElementKind::F32)
    return makeError(filePath(**entry), "tensor " + quoted(name) + " must be F32, not " + (*entry)->typeName);
  std::vector<double> values(size);
  const uint8_t *data = bytes(**entry).data();
  for (int64_t i = 0; i < size; ++i)
    values[i] = support::endian::read<float, endianness::little>(data + 4 * i);
  return values;
}

void WeightSource::ignore(StringRef name) {
  if (auto it = byName.find(name); it != byName.end())
    known[it->second] = true;
}

std::vector<StringRef> WeightSource::unused() const {
  std::vector<StringRef> names;
  for (size_t i = 0; i < entries.size(); ++i)
    if (!known[i])
      names.push_back(entries[i].name);
  return names;
}

StringRef WeightSource::description() const {
  return files.empty() ? StringRef("weights") : StringRef(files.front().path);
}

Expected<std::unique_ptr<MemoryBuffer>> mapFile(StringRef path) {
  // A pipe or a device would be read without end.
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(path, status))
    return makeError(path, "can not be opened: " + code.message());
  if (status.type() != sys::fs::file_type::regular_file)
    return makeError(path, "is not a regular file");
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (std::error_code code = buffer.getError())
    return makeError(path, "can not be read: " + code.message());
  return std::move(*buffer);
}

std::string formatShape(ArrayRef<int64_t> shape) {
  return "[" + join(map_range(shape, [](int64_t dim) { return std::to_string(dim); }), ", ") + "]";
}

std::optional<uint64_t> countElements(ArrayRef<int64_t> shape) {
  uint64_t count = 1;
  for (int64_t dim : shape) {
    bool overflow = false;
    if (dim < 0)
      return std::nullopt;
    count = SaturatingMultiply<uint64_t>(count, dim, &overflow);
    if (overflow)
      return std::nullopt;
  }
  return count;
}

} // namespace seqc::importer
