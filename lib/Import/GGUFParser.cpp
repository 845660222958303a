// Reads and verifies the header of a GGUF file:
//   magic, version, tensor count, key count
//   key count   x { key, type, value }
//   tensor count x { name, rank, dimensions (innermost first), type, offset }
//   padding to the alignment, then the tensors' bytes

#include "ByteReader.h"
#include "GGMLTypes.h"
#include "seq/Import/Error.h"
#include "seq/Import/GGUF.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace seqc::importer {

/// Arrays may nest this deep.
static constexpr unsigned kMaxDepth = 8;
static constexpr uint32_t kMaxRank = 4;
static constexpr uint64_t kMaxAlignment = 1 << 20;

/// Bytes of a number or bool; 0 for strings, arrays and unknown types.
static uint64_t getFixedSize(GGUFType type) {
  switch (type) {
  case GGUFType::U8:
  case GGUFType::I8:
  case GGUFType::Bool:
    return 1;
  case GGUFType::U16:
  case GGUFType::I16:
    return 2;
  case GGUFType::U32:
  case GGUFType::I32:
  case GGUFType::F32:
    return 4;
  case GGUFType::U64:
  case GGUFType::I64:
  case GGUFType::F64:
    return 8;
  case GGUFType::String:
  case GGUFType::Array:
    break;
  }
  return 0;
}

class GGUFParser {
public:
  GGUFParser(GGUFFile &file, StringRef data) : file(file), reader(data), size(data.size()) {}

  Error run();

private:
  Error readPreamble();
  Error readKeys();
  Error readValue(GGUFValue &value);
  Error readArray(GGUFValue &value, unsigned depth);
  Error readArrayElements(GGUFValue &value, unsigned depth);
  Error readAlignment();
  Error readTensors();
  Error readTensor();
  Error readShape(TensorEntry &entry);
  Error placeTensors();
  Error checkOverlaps();

  /// An error at the tensor or key that is being read, or at a byte offset.
  Error error(const Twine &message) const {
    std::string where = place.empty() ? "byte " + std::to_string(reader.position()) : place;
    return makeError(file.path(), where + ": " + message);
  }
  Error truncated() const { return error("the file ends here; it is truncated or corrupted"); }

  GGUFFile &file;
  ByteReader reader;
  uint64_t size;
  uint64_t tensorCount = 0;
  uint64_t keyCount = 0;
  std::string place;
  std::vector<TensorEntry> tensors;
};

Error GGUFParser::run() {
  if (Error error = readPreamble())
    return error;
  if (Error error = readKeys())
    return error;
  if (Error error = readAlignment())
    return error;
  if (Error error = readTensors())
    return error;
  if (Error error = placeTensors())
    return error;
  if (Error error = checkOverlaps())
    return error;
  for (TensorEntry &entry : tensors) {
    place = "tensor " + quoted(entry.name);
    if (!file.source.addTensor(std::move(entry)))
      return error("there are two tensors of this name");
  }
  return Error::success();
}

Error GGUFParser::readPreamble() {
  if (reader.take(4) != "GGUF")
    return makeError(file.path(), "is not a GGUF file (it does not start with "
                                  "the letters GGUF)");
  auto version = reader.read<uint32_t>();
  tensorCount = reader.read<uint64_t>();
  keyCount = reader.read<uint64_t>();
  if (reader.failed())
    return truncated();
  if (version != 2 && version != 3) {
    uint32_t swapped = byteswap(version);
    return error(swapped == 2 || swapped == 3
                     ? Twine("the file is big-endian; only little-endian "
                             "files are supported")
                     : "GGUF version " + Twine(version) + " is not supported; versions 2 and 3 are");
  }
  file.formatVersion = version;
  // The least that a key (length, type, value) and a tensor take.
  if (!reader.canHold(keyCount, 8 + 4 + 1))
    return error(Twine(keyCount) + " keys do not fit into the file");
  if (!reader.canHold(tensorCount, 8 + 4 + 4 + 8))
    return error(Twine(tensorCount) + " tensors do not fit into the file");
  return Error::success();
}

Error GGUFParser::readKeys() {
  for (uint64_t i = 0; i < keyCount; ++i) {
    place.clear();
    StringRef key = reader.readString();
    if (reader.failed())
      return truncated();
    place = "key " + quoted(key);
    auto [it, isNew] = file.values.try_emplace(key);
    if (!isNew)
      return error("the key is there twice");
    file.keyNames.push_back(key.str());
    if (Error error = readValue(it->second))
      return error;
  }
  place.clear();
  return Error::success();
}

Error GGUFParser::readValue(GGUFValue &value) {
  auto number = reader.read<uint32_t>();
  if (reader.failed())
    return truncated();
  if (number > static_cast<uint32_t>(GGUFType::F64))
    return error("value type " + Twine(number) + " is not known");
  value.type = static_cast<GGUFType>(number);
  switch (value.type) {
  case GGUFType::U8:
    value.bits = reader.read<uint8_t>();
    break;
  case GGUFType::I8:
    value.bits = static_cast<int64_t>(reader.read<int8_t>());
    break;
  case GGUFType::U16:
    value.bits = reader.read<uint16_t>();
    break;
  case GGUFType::I16:
    value.bits = static_cast<int64_t>(reader.read<int16_t>());
    break;
  case GGUFType::U32:
    value.bits = reader.read<uint32_t>();
    break;
  case GGUFType::I32:
    value.bits = static_cast<int64_t>(reader.read<int32_t>());
    break;
  case GGUFType::U64:
  case GGUFType::I64:
    value.bits = reader.read<uint64_t>();
    break;
  case GGUFType::Bool:
    value.bits = reader.read<uint8_t>();
    if (value.bits > 1)
      return error("a bool has the value " + Twine(value.bits));
    break;
  case GGUFType::F32:
    value.real = reader.read<float>();
    break;
  case GGUFType::F64:
    value.real = reader.read<double>();
    break;
  case GGUFType::String:
    value.text = reader.readString();
    break;
  case GGUFType::Array:
    return readArray(value, 1);
  }
  return reader.failed() ? truncated() : Error::success();
}

Error GGUFParser::readArray(GGUFValue &value, unsigned depth) {
  auto number = reader.read<uint32_t>();
  value.count = reader.read<uint64_t>();
  if (reader.failed())
    return truncated();
  if (number > static_cast<uint32_t>(GGUFType::F64))
    return error("array element type " + Twine(number) + " is not known");
  if (depth > kMaxDepth)
    return error("arrays nest more than " + Twine(kMaxDepth) + " deep");
  value.type = GGUFType::Array;
  value.elementType = static_cast<GGUFType>(number);
  uint64_t least = 1;
  if (uint64_t fixed = getFixedSize(value.elementType))
    least = fixed;
  else // a string's length, or an array's type and count
    least = value.elementType == GGUFType::String ? 8 : 12;
  if (!reader.canHold(value.count, least))
    return error(Twine(value.count) + " array elements do not fit into the "
                                      "file");
  return readArrayElements(value, depth);
}

Error GGUFParser::readArrayElements(GGUFValue &value, unsigned depth) {
  if (uint64_t fixed = getFixedSize(value.elementType)) {
    value.raw = arrayRefFromStringRef(reader.take(value.count * fixed));
    return Error::success();
  }
  for (uint64_t i = 0; i < value.count; ++i) {
    if (value.elementType == GGUFType::String) {
      value.strings.push_back(reader.readString());
      if (reader.failed())
        return truncated();
      continue;
    }
    if (Error error = readArray(value.arrays.emplace_back(), depth + 1))
      return error;
  }
  return Error::success();
}

Error GGUFParser::readAlignment() {
  constexpr StringLiteral key = "general.alignment";
  if (!file.find(key))
    return Error::success();
  auto alignment = file.getInt(key, 1, kMaxAlignment);
  if (!alignment)
    return alignment.takeError();
  if (!isPowerOf2_64(*alignment))
    return makeError(file.path(), "key " + quoted(key) + ": " + Twine(*alignment) + " is not a power of two");
  file.dataAlignment = *alignment;
  return Error::success();
}

Error GGUFParser::readTensors() {
  for (uint64_t i = 0; i < tensorCount; ++i) {
    place = "tensor number " + std::to_string(i);
    if (Error error = readTensor())
      return error;
  }
  place.clear();
  return Error::success();
}

Error GGUFParser::readTensor() {
  TensorEntry entry;
  entry.name = reader.readString().str();
  if (reader.failed())
    return truncated();
  place = "tensor " + quoted(entry.name);
  if (Error error = readShape(entry))
    return error;
  auto number = reader.read<uint32_t>();
  entry.offset = reader.read<uint64_t>();
  if (reader.failed())
    return truncated();

  const GGMLType *type = findGGMLType(number);
  if (!type)
    return error("tensor type " + Twine(number) + " is not known; convert it to one of " + supportedElementKinds());
  entry.kind = type->kind;
  entry.typeName = type->name.str();
  BlockSize block = type->block;
  if (block.elements == 0) { // only the name is known; nobody can read it
    tensors.push_back(std::move(entry));
    return Error::success();
  }
  uint64_t row = entry.shape.empty() ? 1 : entry.shape.back();
  if (row % block.elements != 0)
    return error("rows of " + Twine(row) + " elements are not whole blocks of " + type->name + " (" +
                 Twine(block.elements) + ")");
  std::optional<uint64_t> count = countElements(entry.shape);
  bool overflow = false;
  if (count)
    entry.size = SaturatingMultiply<uint64_t>(*count / block.elements, block.bytes, &overflow);
  if (!count || overflow)
    return error("shape " + formatShape(entry.shape) + " is too large");
  tensors.push_back(std::move(entry));
  return Error::success();
}

Error GGUFParser::readShape(TensorEntry &entry) {
  auto rank = reader.read<uint32_t>();
  if (rank > kMaxRank)
    return error("it has " + Twine(rank) + " dimensions; at most " + Twine(kMaxRank) + " are allowed");
  for (uint32_t i = 0; i < rank; ++i) {
    auto dim = reader.read<uint64_t>();
    if (dim > static_cast<uint64_t>(INT64_MAX))
      return error("dimension " + Twine(dim) + " is too large");
    entry.shape.push_back(dim);
  }
  if (reader.failed())
    return truncated();
  std::reverse(entry.shape.begin(), entry.shape.end());
  return Error::success();
}

Error GGUFParser::placeTensors() {
  uint64_t start = alignTo(reader.position(), file.dataAlignment);
  for (TensorEntry &entry : tensors) {
    place = "tensor " + quoted(entry.name);
    if (entry.offset % file.dataAlignment != 0)
      return error("offset " + Twine(entry.offset) + " is not a multiple of the alignment " +
                   Twine(file.dataAlignment));
    uint64_t available = size > start ? size - start : 0;
    if (entry.offset > available || entry.size > available - entry.offset)
      return error("its " + Twine(entry.size) + " bytes at offset " + Twine(entry.offset) +
                   " lie behind the end of the file (" + Twine(available) +
                   " bytes of tensors); the file is truncated or corrupted");
    entry.offset += start;
  }
  return Error::success();
}

Error GGUFParser::checkOverlaps() {
  std::vector<const TensorEntry *> sorted;
  for (const TensorEntry &entry : tensors)
    if (entry.size != 0)
      sorted.push_back(&entry);
  llvm::sort(sorted, [](const TensorEntry *a, const TensorEntry *b) { return a->offset < b->offset; });
  for (size_t i = 1; i < sorted.size(); ++i) {
    const TensorEntry &before = *sorted[i - 1];
    if (before.offset + before.size <= sorted[i]->offset)
      continue;
    place = "tensor " + quoted(sorted[i]->name);
    return error("its bytes overlap those of " + quoted(before.name));
  }
  return Error::success();
}

Expected<std::unique_ptr<GGUFFile>> GGUFFile::parse(std::unique_ptr<MemoryBuffer> data, StringRef path) {
  std::unique_ptr<GGUFFile> file(new GGUFFile());
  file->filePath = path.str();
  StringRef bytes = data->getBuffer();
  file->source.addFile(path.str(), std::move(data));
  if (Error error = GGUFParser(*file, bytes).run())
    return std::move(error);
  return std::move(file);
}

Expected<std::unique_ptr<GGUFFile>> GGUFFile::open(StringRef path) {
  auto data = mapFile(path);
  if (!data)
    return data.takeError();
  return parse(std::move(*data), path);
}

} // namespace seqc::importer
