//===- Config.h - config.json with typed access -----------------*- C++ -*-===//
//
// The configuration of a Hugging Face folder. Getters name the file and the key
// in their errors, and the object keeps account of the keys that were asked
// for: an importer ends with checkAllUsed(), so that an option which it does
// not know is an error and never ignored silently.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_CONFIG_H
#define SEQ_IMPORT_CONFIG_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <memory>
#include <string>
#include <vector>

namespace seqc::importer {

/// A JSON object of a configuration file. A null value counts as missing, as it
/// does in the library that writes these files.
///
/// Getters that can fail record the first error and return a value that is
/// safe to go on with (the default, `min`, empty): an importer reads a block
/// of options and then asks takeError() once.
class Config {
public:
  /// `path` is for messages; `place` names the object in the file, "" for the
  /// top level.
  Config(llvm::json::Object object, std::string path, std::string place = "");
  ~Config();
  Config(Config &&) noexcept;
  Config &operator=(Config &&) noexcept;

  static llvm::Expected<Config> open(llvm::StringRef path);

  llvm::StringRef path() const { return filePath; }
  /// Whether the key has a value other than null. Does not count as a use.
  bool has(llvm::StringRef key) const;
  /// Whether the key is there with the value null. Does not count as a use.
  bool isNull(llvm::StringRef key) const;
  /// Whether the value is this string; if so, that counts as a use.
  bool isText(llvm::StringRef key, llvm::StringRef text);

  int64_t getInt(llvm::StringRef key, int64_t min, int64_t max);
  int64_t getInt(llvm::StringRef key, int64_t min, int64_t max, int64_t absent);
  double getFloat(llvm::StringRef key);
  double getFloat(llvm::StringRef key, double absent);
  /// A number, 0 or more.
  double getEps(llvm::StringRef key);
  double getEps(llvm::StringRef key, double absent);
  bool getBool(llvm::StringRef key, bool absent);
  std::string getString(llvm::StringRef key);
  std::string getString(llvm::StringRef key, llvm::StringRef absent);
  /// With `infinite`, elements may be the object {"__float__": "Infinity"}, which the
  /// library writes for what JSON has no number for.
  std::vector<double> getFloats(llvm::StringRef key, bool infinite = false);
  std::vector<std::string> getStrings(llvm::StringRef key);
  /// An int or an array of ints (token ids); empty if missing.
  std::vector<int64_t> getIntOrInts(llvm::StringRef key);
  /// A nested object, owned by this one; null if missing.
  Config *getObject(llvm::StringRef key);

  /// The key must be missing or have this value: everything else is an error
  /// that says so by key and value.
  void expectBool(llvm::StringRef key, bool value);
  /// Gives the value of an older spelling of a key to the newer one, unless
  /// that has a value.
  void rename(llvm::StringRef older, llvm::StringRef newer);
  /// Gives a key a value unless it has one.
  void setDefault(llvm::StringRef key, llvm::json::Value value);
  /// Keys that have no meaning for inference.
  void ignore(llvm::ArrayRef<llvm::StringRef> keys);
  /// Keys of the library's own bookkeeping, which every model may have.
  void ignoreBookkeeping();
  /// Records an error for this key: "... is VALUE, `message`".
  void fail(llvm::StringRef key, const llvm::Twine &message);
  /// Records an error for a key that was not asked for, here or in a nested
  /// object.
  void checkAllUsed();

  /// The first error that was recorded here or in a nested object, or success.
  llvm::Error takeError();

private:
  const llvm::json::Value *find(llvm::StringRef key);
  const llvm::json::Value *require(llvm::StringRef key);
  std::string describe(llvm::StringRef key) const;

  llvm::json::Object object;
  std::string filePath;
  std::string place;
  llvm::StringSet<> used;
  std::string firstError;
  std::vector<std::unique_ptr<Config>> nested;
  std::vector<std::string> nestedKeys;
};

} // namespace seqc::importer

#endif // SEQ_IMPORT_CONFIG_H
