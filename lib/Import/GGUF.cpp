// Typed access to the keys of a GGUF file.

#include "seq/Import/GGUF.h"

#include "seq/Import/Error.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace seqc::importer {

StringRef getName(GGUFType type) {
  static constexpr StringLiteral names[] = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                            "bool", "string", "array", "u64", "i64", "f64"};
  return names[static_cast<uint32_t>(type)];
}

static bool isInteger(GGUFType type) {
  switch (type) {
  case GGUFType::U8:
  case GGUFType::I8:
  case GGUFType::U16:
  case GGUFType::I16:
  case GGUFType::U32:
  case GGUFType::I32:
  case GGUFType::U64:
  case GGUFType::I64:
    return true;
  default:
    return false;
  }
}

/// An integer as i64; false where an u64 is too large for that.
static bool toInt(const GGUFValue &value, int64_t &result) {
  result = static_cast<int64_t>(value.bits);
  return value.type != GGUFType::U64 || result >= 0;
}

/// Element `i` of a packed array, read as an element of `type`.
template <typename T> static T readElement(ArrayRef<uint8_t> raw, uint64_t i) {
  return support::endian::read<T, endianness::little>(raw.data() + i * sizeof(T));
}

static int64_t readIntElement(const GGUFValue &value, uint64_t i) {
  switch (value.elementType) {
  case GGUFType::U8:
    return readElement<uint8_t>(value.raw, i);
  case GGUFType::I8:
    return readElement<int8_t>(value.raw, i);
  case GGUFType::U16:
    return readElement<uint16_t>(value.raw, i);
  case GGUFType::I16:
    return readElement<int16_t>(value.raw, i);
  case GGUFType::U32:
    return readElement<uint32_t>(value.raw, i);
  case GGUFType::I32:
    return readElement<int32_t>(value.raw, i);
  case GGUFType::U64:
  case GGUFType::I64:
    return readElement<int64_t>(value.raw, i);
  default:
    llvm_unreachable("not an integer type");
  }
}

const GGUFValue *GGUFFile::find(StringRef key) const {
  auto it = values.find(key);
  return it == values.end() ? nullptr : &it->second;
}

Expected<const GGUFValue *> GGUFFile::get(StringRef key) const {
  if (const GGUFValue *value = find(key))
    return value;
  return makeError(filePath, "key " + quoted(key) +
                                 " is missing; the file is incomplete or "
                                 "written by another kind of converter");
}

Error GGUFFile::typeError(StringRef key, const GGUFValue &value, StringRef wanted) const {
  std::string type = getName(value.type).str();
  if (value.type == GGUFType::Array)
    type += " of " + getName(value.elementType).str();
  return makeError(filePath, "key " + quoted(key) + " is of type " + type + "; expected " + wanted);
}

Expected<StringRef> GGUFFile::getString(StringRef key) const {
  auto value = get(key);
  if (!value)
    return value.takeError();
  if ((*value)->type != GGUFType::String)
    return typeError(key, **value, "a string");
  return (*value)->text;
}

Expected<int64_t> GGUFFile::getInt(StringRef key, int64_t min, int64_t max) const {
  auto value = get(key);
  if (!value)
    return value.takeError();
  if (!isInteger((*value)->type))
    return typeError(key, **value, "an integer");
  int64_t result = 0;
  if (!toInt(**value, result) || result < min || result > max) {
    std::string shown = (*value)->type == GGUFType::U64 ? std::to_string((*value)->bits) : std::to_string(result);
    return makeError(filePath, "key " + quoted(key) + " is " + shown + "; it must lie between " + Twine(min) + " and " +
                                   Twine(max));
  }
  return result;
}

Expected<double> GGUFFile::getFloat(StringRef key) const {
  auto value = get(key);
  if (!value)
    return value.takeError();
  GGUFType type = (*value)->type;
  if (type == GGUFType::F32 || type == GGUFType::F64)
    return (*value)->real;
  if (int64_t integer = 0; isInteger(type) && toInt(**value, integer))
    return static_cast<double>(integer);
  return typeError(key, **value, "a number");
}

Expected<bool> GGUFFile::getBool(StringRef key) const {
  auto value = get(key);
  if (!value)
    return value.takeError();
  if ((*value)->type != GGUFType::Bool)
    return typeError(key, **value, "a bool");
  return (*value)->bits != 0;
}

Expected<ArrayRef<StringRef>> GGUFFile::getStrings(StringRef key) const {
  auto value = get(key);
  if (!value)
    return value.takeError();
  if ((*value)->type != GGUFType::Array || (*value)->elementType != GGUFType::String)
    return typeError(key, **value, "an array of strings");
  return ArrayRef<StringRef>((*value)->strings);
}

Expected<std::vector<int64_t>> GGUFFile::getInts(StringRef key) const {
  auto value = get(key);
  if (!value)
    return value.takeError();
  const GGUFValue &array = **value;
  if (array.type != GGUFType::Array || !isInteger(array.elementType))
    return typeError(key, array, "an array of integers");
  std::vector<int64_t> result(array.count);
  for (uint64_t i = 0; i < array.count; ++i) {
    result[i] = readIntElement(array, i);
    if (array.elementType == GGUFType::U64 && result[i] < 0)
      return makeError(filePath, "key " + quoted(key) + ": element " + Twine(i) + " is too large");
  }
  return result;
}

Expected<std::vector<float>> GGUFFile::getFloats(StringRef key) const {
  auto value = get(key);
  if (!value)
    return value.takeError();
  const GGUFValue &array = **value;
  if (array.type != GGUFType::Array || array.elementType != GGUFType::F32)
    return typeError(key, array, "an array of f32");
  std::vector<float> result(array.count);
  for (uint64_t i = 0; i < array.count; ++i)
    result[i] = readElement<float>(array.raw, i);
  return result;
}

} // namespace seqc::importer
