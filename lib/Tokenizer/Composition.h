//===- Composition.h - Unicode normalisation form C -------------*- C++ -*-===//

#ifndef SEQ_LIB_TOKENIZER_COMPOSITION_H
#define SEQ_LIB_TOKENIZER_COMPOSITION_H

#include <string>
#include <string_view>

namespace seqc::tokenizer {

/// `text` in normalisation form C (Unicode 14). Bytes that are no UTF-8 stay,
/// and nothing is composed across them.
std::string composeNFC(std::string_view text);

/// Whether composeNFC certainly changes nothing: quick, and true for most text.
bool isPlainlyNFC(std::string_view text);

} // namespace seqc::tokenizer

#endif // SEQ_LIB_TOKENIZER_COMPOSITION_H
