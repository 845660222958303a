//===- HuggingFace.h - Tokenizers from Hugging Face folders -----*- C++ -*-===//
//
// Reads tokenizer.json (the "BPE" model, byte-level or with U+2581 for spaces
// and byte fallback) beside tokenizer_config.json. Whatever part of it would
// change ids and is not known here is an error that names it.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOKENIZER_HUGGINGFACE_H
#define SEQ_TOKENIZER_HUGGINGFACE_H

#include "seq/Tokenizer/TokenizerData.h"

namespace seqc::tokenizer {

/// The text of a folder's files; all but the first may be empty where the
/// folder has no such file.
struct HuggingFaceFiles {
  std::string_view tokenizer;        ///< tokenizer.json
  std::string_view tokenizerConfig;  ///< tokenizer_config.json
  std::string_view generationConfig; ///< generation_config.json: further stops
  std::string_view chatTemplate;     ///< chat_template.jinja
};

/// Errors start with the name of the file and the place in it.
Result<TokenizerData> fromHuggingFace(const HuggingFaceFiles &files);

} // namespace seqc::tokenizer

#endif // SEQ_TOKENIZER_HUGGINGFACE_H
