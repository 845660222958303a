//===- WeightSource.h - The named tensors of a checkpoint -------*- C++ -*-===//
//
// What a GGUF file, a safetensors file and a folder of shards have in common:
// tensors with a name, a type, a shape and a place in a file. Files are mapped,
// nothing is copied, and the values are only touched by who asks for them.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_WEIGHTSOURCE_H
#define SEQ_IMPORT_WEIGHTSOURCE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace seqc::importer {

/// The element types that seqc computes with. Everything else that a file may
/// hold is Other: known by TensorEntry::typeName, refused when it is used.
enum class ElementKind { F32, F16, BF16, Q4_0, Q4_1, Q8_0, Other };

/// "F32, F16, BF16, Q4_0, Q4_1 and Q8_0", for messages.
llvm::StringRef supportedElementKinds();

/// How many elements share one block of how many bytes (1 element for types
/// that are not block-quantised).
struct BlockSize {
  uint64_t elements;
  uint64_t bytes;
};

/// The storage of a kind; not for Other.
BlockSize getBlockSize(ElementKind kind);

/// One tensor. `offset` and `size` are bytes in the file numbered `file`; the
/// bytes were checked to lie inside it when the file was opened.
struct TensorEntry {
  std::string name;
  ElementKind kind = ElementKind::Other;
  std::string typeName;                ///< as the file format spells it
  llvm::SmallVector<int64_t, 4> shape; ///< outermost dimension first
  unsigned file = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
};

/// All tensors of a checkpoint and the mappings of its files. It also keeps
/// account of which tensors were taken, so that an importer can tell when a
/// checkpoint holds something that it does not know.
class WeightSource {
public:
  WeightSource() = default;
  WeightSource(WeightSource &&) noexcept = default;
  WeightSource &operator=(WeightSource &&) noexcept = default;

  /// Adds a file; its number is the one that entries refer to.
  unsigned addFile(std::string path, std::unique_ptr<llvm::MemoryBuffer> data);
  /// Adds a tensor; false if there is one of this name already.
  bool addTensor(TensorEntry entry);

  /// In the order of the file.
  llvm::ArrayRef<TensorEntry> tensors() const { return entries; }
  /// The path that the file was opened by.
  llvm::StringRef filePath(const TensorEntry &entry) const;
  /// The tensor's bytes in the mapping; alive as long as the source.
  llvm::ArrayRef<uint8_t> bytes(const TensorEntry &entry) const;

  /// The tensor of this name, or null. Does not count as a use.
  const TensorEntry *find(llvm::StringRef name) const;
  /// The tensor of this name for use. Errors: there is none; its type is not
  /// supported; its shape is not `shape` (where that is not empty; dimensions
  /// of 1 may be missing or additional at the front).
  llvm::Expected<const TensorEntry *> use(llvm::StringRef name, llvm::ArrayRef<int64_t> shape = {});
  /// Uses a small F32 tensor of `size` elements and reads its values, for what
  /// becomes an option of an op.
  llvm::Expected<std::vector<double>> readValues(llvm::StringRef name, int64_t size);
  /// Marks a tensor as known though nothing reads it (a stored causal mask).
  void ignore(llvm::StringRef name);
  /// The names of the tensors that were neither used nor ignored.
  std::vector<llvm::StringRef> unused() const;
  /// Where the tensors come from, for messages: the first file.
  llvm::StringRef description() const;

private:
  struct File {
    std::string path;
    std::unique_ptr<llvm::MemoryBuffer> data;
  };
  std::vector<File> files;
  std::vector<TensorEntry> entries;
  std::vector<bool> known; ///< used or ignored, by entry
  llvm::StringMap<size_t> byName;
};

/// Maps a file for reading; the error names it.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> mapFile(llvm::StringRef path);

/// "[2, 3]"
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// The product of a shape's dimensions; nothing if one is negative or the
/// product does not fit.
std::optional<uint64_t> countElements(llvm::ArrayRef<int64_t> shape);

} // namespace seqc::importer

#endif // SEQ_IMPORT_WEIGHTSOURCE_H
