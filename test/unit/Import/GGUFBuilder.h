//===- GGUFBuilder.h - Small GGUF files for tests ---------------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_IMPORT_GGUFBUILDER_H
#define SEQ_TEST_UNIT_IMPORT_GGUFBUILDER_H

#include "seq/Import/GGUF.h"

#include <cstring>
#include <string>
#include <vector>

namespace seqc::test {

using importer::GGUFType;

/// Packs little-endian values one behind the other.
class Bytes {
public:
  template <typename T> Bytes &add(T value) {
    data.append(reinterpret_cast<const char *>(&value), sizeof(T));
    return *this;
  }
  Bytes &add(GGUFType type) { return add(static_cast<uint32_t>(type)); }
  Bytes &text(llvm::StringRef value) {
    add<uint64_t>(value.size());
    data.append(value.data(), value.size());
    return *this;
  }
  Bytes &raw(llvm::StringRef value) {
    data.append(value.data(), value.size());
    return *this;
  }

  std::string data;
};

/// Writes a GGUF file field by field, right or wrong.
struct GGUFBuilder {
  uint32_t version = 3;
  uint64_t alignment = 32; ///< that the padding uses
  uint64_t keyCount = 0;
  uint64_t tensorCount = 0;
  Bytes keys;
  Bytes tensors;
  std::string values; ///< of the tensors

  /// A key; the value's bytes are added to what this returns.
  Bytes &key(llvm::StringRef name, GGUFType type) {
    ++keyCount;
    return keys.text(name).add(type);
  }
  void text(llvm::StringRef name, llvm::StringRef value) { key(name, GGUFType::String).text(value); }
  void u32(llvm::StringRef name, uint32_t value) { key(name, GGUFType::U32).add(value); }
  void f32(llvm::StringRef name, float value) { key(name, GGUFType::F32).add(value); }
  void strings(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> list) {
    Bytes &bytes = key(name, GGUFType::Array);
    bytes.add(GGUFType::String).add<uint64_t>(list.size());
    for (llvm::StringRef element : list)
      bytes.text(element);
  }

  /// A tensor whose bytes stand at `offset` behind the header.
  void tensorAt(llvm::StringRef name, llvm::ArrayRef<uint64_t> dims, uint32_t type, uint64_t offset) {
    ++tensorCount;
    tensors.text(name).add<uint32_t>(dims.size());
    for (uint64_t dim : dims)
      tensors.add(dim);
    tensors.add(type).add(offset);
  }
  /// A tensor with `size` bytes of its own; dimensions innermost first.
  void tensor(llvm::StringRef name, llvm::ArrayRef<uint64_t> dims, uint32_t type, uint64_t size) {
    values.resize(llvm::alignTo(values.size(), alignment), '\0');
    tensorAt(name, dims, type, values.size());
    for (uint64_t i = 0; i < size; ++i)
      values.push_back(static_cast<char>(i));
  }

  std::string build() const {
    Bytes file;
    file.raw("GGUF").add(version).add(tensorCount).add(keyCount);
    file.raw(keys.data).raw(tensors.data);
    file.data.resize(llvm::alignTo(file.data.size(), alignment), '\0');
    return file.data + values;
  }
};

/// Reads a file from memory.
inline llvm::Expected<std::unique_ptr<importer::GGUFFile>> parseGGUF(llvm::StringRef data) {
  return importer::GGUFFile::parse(llvm::MemoryBuffer::getMemBufferCopy(data, "test.gguf"), "test.gguf");
}

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_IMPORT_GGUFBUILDER_H
