#include "seq/Import/Safetensors.h"

#include "ByteReader.h"
#include "seq/Import/Error.h"
#include "seq/Import/JSON.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace seqc::importer {

namespace {
struct DType {
  ElementKind kind = ElementKind::Other;
  uint64_t bits = 0; ///< 0: the type is not known
};
} // namespace

static DType getDType(StringRef name) {
  constexpr ElementKind other = ElementKind::Other;
  return StringSwitch<DType>(name)
      .Case("F32", {ElementKind::F32, 32})
      .Case("F16", {ElementKind::F16, 16})
      .Case("BF16", {ElementKind::BF16, 16})
      .Cases({"F64", "I64", "U64", "C64"}, {other, 64})
      .Cases({"I32", "U32"}, {other, 32})
      .Cases({"I16", "U16"}, {other, 16})
      .Cases({"I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"}, {other, 8})
      .Cases({"F6_E2M3", "F6_E3M2"}, {other, 6})
      .Case("F4", {other, 4})
      .Default({});
}

namespace {
class HeaderParser {
public:
  HeaderParser(StringRef data, StringRef path) : data(data), path(path) {}

  Expected<SafetensorsHeader> run();

private:
  Error readMetadata(const json::Value &value);
  Error readTensor(StringRef name, const json::Value &value);
  Error readShape(TensorEntry &entry, const json::Object &object);
  Error readRange(TensorEntry &entry, const json::Object &object);
  Error checkCoverage();
  Error error(StringRef name, const Twine &message) const {
    return makeError(path, "tensor " + quoted(name) + ": " + message);
  }

  StringRef data;
  StringRef path;
  uint64_t start = 0; ///< of the tensors' bytes in the file
  SafetensorsHeader header;
};
} // namespace

Expected<SafetensorsHeader> HeaderParser::run() {
  ByteReader reader(data);
  auto length = reader.read<uint64_t>();
  if (reader.failed())
    return makeError(path, "is too short for a safetensors file");
  if (length > kMaxSafetensorsHeader)
    return makeError(path, "is not a safetensors file, or its header of " + Twine(length) +
                               " bytes is over the limit of " + Twine(kMaxSafetensorsHeader));
  StringRef text = reader.take(length);
  if (reader.failed())
    return makeError(path, "the header's " + Twine(length) +
                               " bytes go beyond the end of the file; it is "
                               "truncated or corrupted");
  start = reader.position();
  if (!text.starts_with("{"))
    return makeError(path, "byte 8: the header does not start with '{'");
  Expected<json::Object> object = parseJSONObject(text, path);
  if (!object)
    return object.takeError();
  for (auto &[key, value] : *object) {
    StringRef name = key;
    if (Error error = name == "__metadata__" ? readMetadata(value) : readTensor(name, value))
      return std::move(error);
  }
  if (Error error = checkCoverage())
    return std::move(error);
  return std::move(header);
}

Error HeaderParser::readMetadata(const json::Value &value) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return makeError(path, "'__metadata__' is not an object");
  for (auto &[key, entry] : *object) {
    std::optional<StringRef> text = entry.getAsString();
    if (!text)
      return makeError(path, "'__metadata__': the value of " + quoted(StringRef(key)) + " is not a string");
    header.metadata[StringRef(key).str()] = text->str();
  }
  return Error::success();
}

Error HeaderParser::readTensor(StringRef name, const json::Value &value) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return error(name, "its description is not an object");
  TensorEntry entry;
  entry.name = name.str();
  std::optional<StringRef> typeName = object->getString("dtype");
  if (!typeName)
    return error(name, "'dtype' is missing or not a string");
  DType type = getDType(*typeName);
  if (type.bits == 0)
    return error(name, "dtype " + quoted(*typeName) + " is not known");
  entry.kind = type.kind;
  entry.typeName = typeName->str();
  if (Error error = readShape(entry, *object))
    return error;
  if (Error error = readRange(entry, *object))
    return error;

  std::optional<uint64_t> count = countElements(entry.shape);
  bool overflow = false;
  uint64_t bits = SaturatingMultiply<uint64_t>(count.value_or(0), type.bits, &overflow);
  if (!count || overflow || bits % 8 != 0 || entry.size != bits / 8)
    return error(name, Twine(entry.size) + " bytes do not fit the shape " + formatShape(entry.shape) + " of " +
                           entry.typeName);
  header.tensors.push_back(std::move(entry));
  return Error::success();
}

Error HeaderParser::readShape(TensorEntry &entry, const json::Object &object) {
  const json::Array *dims = object.getArray("shape");
  if (!dims)
    return error(entry.name, "'shape' is missing or not an array");
  for (const json::Value &value : *dims) {
    std::optional<int64_t> dim = value.getAsInteger();
    if (!dim || *dim < 0)
      return error(entry.name, "'shape' holds " + formatJSON(value) + ", which is not a size");
    entry.shape.push_back(*dim);
  }
  return Error::success();
}

Error HeaderParser::readRange(TensorEntry &entry, const json::Object &object) {
  const json::Array *range = object.getArray("data_offsets");
  if (!range || range->size() != 2)
    return error(entry.name, "'data_offsets' is not an array of two offsets");
  std::optional<int64_t> begin = (*range)[0].getAsInteger();
  std::optional<int64_t> end = (*range)[1].getAsInteger();
  if (!begin || !end || *begin < 0 || *end < *begin)
    return error(entry.name, "'data_offsets' " + formatJSON(*object.get("data_offsets")) + " is not a range");
  if (static_cast<uint64_t>(*end) > data.size() - start)
    return error(entry.name, "its bytes end at " + Twine(*end) + ", but the file holds " + Twine(data.size() - start) +
                                 " bytes of tensors; it is truncated or "
                                 "corrupted");
  entry.offset = start + *begin;
  entry.size = *end - *begin;
  return Error::success();
}

Error HeaderParser::checkCoverage() {
  llvm::sort(header.tensors, [](const TensorEntry &a, const TensorEntry &b) {
    return std::tie(a.offset, a.size, a.name) < std::tie(b.offset, b.size, b.name);
  });
  uint64_t end = start;
  for (const TensorEntry &entry : header.tensors) {
    if (entry.offset != end)
      return error(entry.name, "its bytes start at " + Twine(entry.offset - start) +
                                   (entry.offset < end ? ", inside those of another tensor" : ", behind a hole"));
    end += entry.size;
  }
  if (end != data.size())
    return makeError(path, Twine(data.size() - end) + " bytes at the end belong to no tensor; the "
                                                      "file is corrupted");
  return Error::success();
}

Expected<SafetensorsHeader> parseSafetensorsHeader(StringRef data, StringRef path) {
  return HeaderParser(data, path).run();
}

/// Maps a file and adds it and those of its tensors that `wanted` accepts.
static Error addFile(WeightSource &source, StringRef path, function_ref<bool(StringRef)> wanted) {
  auto data = mapFile(path);
  if (!data)
    return data.takeError();
  Expected<SafetensorsHeader> header = parseSafetensorsHeader((*data)->getBuffer(), path);
  if (!header)
    return header.takeError();
  unsigned number = source.addFile(path.str(), std::move(*data));
  for (TensorEntry &entry : header->tensors) {
    if (!wanted(entry.name))
      continue;
    entry.file = number;
    source.addTensor(std::move(entry));
  }
  return Error::success();
}

Expected<WeightSource> openSafetensors(StringRef path) {
  WeightSource source;
  if (Error error = addFile(source, path, [](StringRef) { return true; }))
    return std::move(error);
  return std::move(source);
}

/// A shard's name may not lead out of the folder.
static bool isPlainFileName(StringRef name) {
  return !name.empty() && name != "." && name != ".." && name.find_first_of(StringRef("/\\\0", 3)) == StringRef::npos;
}

Expected<WeightSource> openSafetensorsIndex(StringRef indexPath) {
  auto text = mapFile(indexPath);
  if (!text)
    return text.takeError();
  auto index = parseJSONObject((*text)->getBuffer(), indexPath);
  if (!index)
    return index.takeError();
  const json::Object *map = index->getObject("weight_map");
  if (!map)
    return makeError(indexPath, "'weight_map' is missing or not an object");

  std::map<std::string, std::vector<std::string>> tensorsOfShard;
  for (auto &[key, value] : *map) {
    std::optional<StringRef> shard = value.getAsString();
    if (!shard || !isPlainFileName(*shard))
      return makeError(indexPath, "'weight_map': " + formatJSON(value) + " is not the name of a shard");
    tensorsOfShard[shard->str()].push_back(StringRef(key).str());
  }

  WeightSource source;
  for (auto &[shard, tensors] : tensorsOfShard) {
    SmallString<256> path(sys::path::parent_path(indexPath));
    sys::path::append(path, shard);
    StringMap<bool> wanted;
    for (const std::string &tensor : tensors)
      wanted[tensor] = true;
    if (Error error = addFile(source, path, [&](StringRef name) { return wanted.contains(name); }))
      return std::move(error);
    for (const std::string &tensor : tensors)
      if (!source.find(tensor))
        return makeError(path, "tensor " + quoted(tensor) + " is missing, but " + sys::path::filename(indexPath) +
                                   " says that it is here");
  }
  return std::move(source);
}

} // namespace seqc::importer
