//===- GGUF.h - GGUF files --------------------------------------*- C++ -*-===//
//
// A reader of GGUF versions 2 and 3 (little-endian). Opening a file verifies
// the whole header: every length and count against the bytes that are left,
// names for duplicates, every tensor's place against the file. Strings and
// arrays of numbers are views into the mapping.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_GGUF_H
#define SEQ_IMPORT_GGUF_H

#include "seq/Import/WeightSource.h"

namespace seqc::importer {

/// The types of a value, numbered as in the format.
enum class GGUFType : uint32_t {
  U8 = 0,
  I8 = 1,
  U16 = 2,
  I16 = 3,
  U32 = 4,
  I32 = 5,
  F32 = 6,
  Bool = 7,
  String = 8,
  Array = 9,
  U64 = 10,
  I64 = 11,
  F64 = 12,
};

/// "u8", "string", ...
llvm::StringRef getName(GGUFType type);

/// The value of a key. Exactly one of the members that fit `type` counts.
struct GGUFValue {
  GGUFType type = GGUFType::U8;
  uint64_t bits = 0;    ///< unsigned and signed integers (sign-extended), bool
  double real = 0;      ///< F32, F64
  llvm::StringRef text; ///< String

  GGUFType elementType = GGUFType::U8;  ///< of an Array
  uint64_t count = 0;                   ///< elements of an Array
  llvm::ArrayRef<uint8_t> raw;          ///< an Array of numbers or bools, packed
  std::vector<llvm::StringRef> strings; ///< an Array of strings
  std::vector<GGUFValue> arrays;        ///< an Array of arrays
};

/// An opened file.
class GGUFFile {
public:
  static llvm::Expected<std::unique_ptr<GGUFFile>> open(llvm::StringRef path);
  /// Reads a file that is in memory already; `path` is for messages and for
  /// the entries of weights().
  static llvm::Expected<std::unique_ptr<GGUFFile>> parse(std::unique_ptr<llvm::MemoryBuffer> data,
                                                         llvm::StringRef path);

  llvm::StringRef path() const { return filePath; }
  unsigned version() const { return formatVersion; }
  /// Bytes that tensors are aligned to.
  uint64_t alignment() const { return dataAlignment; }

  /// The keys in the order of the file.
  llvm::ArrayRef<std::string> keys() const { return keyNames; }
  /// The value of a key, or null.
  const GGUFValue *find(llvm::StringRef key) const;

  /// Typed access. A missing key and a value of another type are errors that
  /// name the file and the key; any integer type will do for an integer, and
  /// an integer for a real number.
  llvm::Expected<llvm::StringRef> getString(llvm::StringRef key) const;
  llvm::Expected<int64_t> getInt(llvm::StringRef key, int64_t min, int64_t max) const;
  llvm::Expected<double> getFloat(llvm::StringRef key) const;
  llvm::Expected<bool> getBool(llvm::StringRef key) const;
  llvm::Expected<llvm::ArrayRef<llvm::StringRef>> getStrings(llvm::StringRef key) const;
  llvm::Expected<std::vector<int64_t>> getInts(llvm::StringRef key) const;
  llvm::Expected<std::vector<float>> getFloats(llvm::StringRef key) const;

  WeightSource &weights() { return source; }
  const WeightSource &weights() const { return source; }

private:
  GGUFFile() = default;
  friend class GGUFParser;

  llvm::Expected<const GGUFValue *> get(llvm::StringRef key) const;
  llvm::Error typeError(llvm::StringRef key, const GGUFValue &value, llvm::StringRef wanted) const;

  std::string filePath;
  unsigned formatVersion = 0;
  uint64_t dataAlignment = 32;
  std::vector<std::string> keyNames;
  llvm::StringMap<GGUFValue> values;
  WeightSource source;
};

} // namespace seqc::importer

#endif // SEQ_IMPORT_GGUF_H
