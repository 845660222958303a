//===- HuggingFaceReader.h - The parts of tokenizer.json --------*- C++ -*-===//

#ifndef SEQ_LIB_TOKENIZER_HUGGINGFACEREADER_H
#define SEQ_LIB_TOKENIZER_HUGGINGFACEREADER_H

#include "seq/Tokenizer/HuggingFace.h"

#include <nlohmann/json.hpp>

namespace seqc::tokenizer {

/// Members of a JSON value, whatever it is: null, the default or nothing where
/// there is no member of this name and type.
const nlohmann::json &member(const nlohmann::json &value, const char *name);
std::string textOf(const nlohmann::json &value, const char *name);
bool flagOf(const nlohmann::json &value, const char *name, bool otherwise);

/// Reads the steps around the model of a tokenizer.json into `data`. The
/// methods return an error that starts with the place, or "".
class StepReader {
public:
  explicit StepReader(TokenizerData &data) : data(data) {}

  std::string readNormalizer(const nlohmann::json &step, const std::string &place);
  std::string readPreTokenizer(const nlohmann::json &step, const std::string &place);
  /// Sets addBos, addEos and the tokens' spellings below.
  std::string readPostProcessor(const nlohmann::json &step, const std::string &place);

  bool byteLevel = false;      ///< a step maps bytes to GPT-2's alphabet
  bool spacesReplaced = false; ///< spaces become U+2581
  std::string bos, eos;        ///< spelled; what the post-processor puts around a text

private:
  std::string readSplit(const nlohmann::json &step, const std::string &place);
  std::string readByteLevel(const nlohmann::json &step, const std::string &place);
  std::string readMetaspace(const nlohmann::json &step, const std::string &place);
  std::string readTemplate(const nlohmann::json &step, const std::string &place);

  TokenizerData &data;
};

} // namespace seqc::tokenizer

#endif // SEQ_LIB_TOKENIZER_HUGGINGFACEREADER_H
