//===- GGUFOptions.h - The options of a GGUF file's model -------*- C++ -*-===//

#ifndef SEQ_IMPORT_GGUFOPTIONS_H
#define SEQ_IMPORT_GGUFOPTIONS_H

#include "seq/Import/GGUF.h"
#include "seq/Import/Rotary.h"
#include "llvm/ADT/StringSet.h"

namespace seqc::importer {

/// The keys of one architecture ("llama.block_count" is "block_count" here),
/// read as Config reads a configuration: getters record the first error and
/// return something safe, and checkAllUsed() refuses keys that nobody asked
/// for.
class GGUFOptions {
public:
  GGUFOptions(const GGUFFile &file, llvm::StringRef architecture) : file(file), prefix(architecture.str() + ".") {}

  bool has(llvm::StringRef key) const { return file.find(prefix + key.str()); }
  int64_t getInt(llvm::StringRef key, int64_t min, int64_t max);
  int64_t getInt(llvm::StringRef key, int64_t min, int64_t max, int64_t absent);
  double getFloat(llvm::StringRef key, double absent);
  /// A number, 0 or more.
  double getEps(llvm::StringRef key, double absent);
  std::string getString(llvm::StringRef key, llvm::StringRef absent);

  void ignore(llvm::ArrayRef<llvm::StringRef> keys);
  /// Records "FILE: key 'KEY': message".
  void fail(llvm::StringRef key, const llvm::Twine &message);
  void fail(llvm::Error error);
  void checkAllUsed();
  llvm::Error takeError();

private:
  template <typename T> T take(llvm::Expected<T> value, T standIn);

  const GGUFFile &file;
  std::string prefix;
  llvm::StringSet<> used;
  std::string firstError;
};

/// Reads the keys rope.* and the tensor rope_freqs.weight.
Rotary readRotary(GGUFOptions &options, WeightSource &weights, int64_t headDim);

} // namespace seqc::importer

#endif // SEQ_IMPORT_GGUFOPTIONS_H
