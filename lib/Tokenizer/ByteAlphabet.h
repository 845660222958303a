//===- ByteAlphabet.h - GPT-2's printable bytes -----------------*- C++ -*-===//
//
// Byte-level vocabularies spell each byte as one printable character: those
// that are printable in Latin-1 as themselves, the others, in order, from
// U+0100 on.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_TOKENIZER_BYTEALPHABET_H
#define SEQ_LIB_TOKENIZER_BYTEALPHABET_H

#include <string>
#include <string_view>

namespace seqc::tokenizer {

/// The bytes that `text` spells; false (and `bytes` unspecified) where a
/// character is not of the alphabet.
bool bytesFromAlphabet(std::string_view text, std::string &bytes);

/// The reverse.
std::string alphabetFromBytes(std::string_view bytes);

} // namespace seqc::tokenizer

#endif // SEQ_LIB_TOKENIZER_BYTEALPHABET_H
