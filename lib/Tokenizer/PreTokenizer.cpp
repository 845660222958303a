#define PCRE2_CODE_UNIT_WIDTH 8
#include "PreTokenizer.h"

#include "Utf8.h"

#include <algorithm>
#include <pcre2.h>

namespace seqc::tokenizer {

namespace {

template <auto Free> struct Freed {
  template <typename T> void operator()(T *pointer) const { Free(pointer); }
};
using Code = std::unique_ptr<pcre2_code, Freed<pcre2_code_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Freed<pcre2_match_data_free>>;

/// A part of the text; what is not UTF-8 is not cut any further.
struct Piece {
  std::string_view text;
  bool valid;
};

} // namespace

struct PreTokenizer::Pattern {
  Code code;
  std::string text;
};

PreTokenizer::PreTokenizer() = default;
PreTokenizer::PreTokenizer(PreTokenizer &&) noexcept = default;
PreTokenizer &PreTokenizer::operator=(PreTokenizer &&) noexcept = default;
PreTokenizer::~PreTokenizer() = default;

/// PCRE2 counts U+180E as white space, Unicode (and the libraries that models
/// were trained with) do not: spells \s and \S out.
static std::string withUnicodeSpaces(std::string_view pattern) {
  std::string out;
  bool inClass = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      char next = pattern[++i];
      if (next == 's')
        out += inClass ? R"(\t-\r\x{85}\p{Z})" : R"([\t-\r\x{85}\p{Z}])";
      else if (next == 'S' && !inClass)
        out += R"([^\t-\r\x{85}\p{Z}])";
      else
        (out += c) += next;
      continue;
    }
    if (c == '[')
      inClass = true;
    else if (c == ']')
      inClass = false;
    out += c;
  }
  return out;
}

static std::string describe(int error) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(error, text, sizeof(text));
  return reinterpret_cast<const char *>(text);
}

Result<PreTokenizer> PreTokenizer::create(const std::vector<std::string> &texts) {
  PreTokenizer result;
  for (const std::string &text : texts) {
    std::string translated = withUnicodeSpaces(text);
    int error = 0;
    size_t at = 0;
    Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                            PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &at, nullptr));
    if (!code)
      return Failure{"the pattern '" + text + "' that splits text into words is not supported: " + describe(error)};
    // Without a compiler for it, the interpreter gives the same matches.
    pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);
    result.patterns.push_back(std::make_unique<Pattern>(Pattern{std::move(code), text}));
  }
  return result;
}

/// Separates what is UTF-8 from what is not.
static std::vector<Piece> validPieces(std::string_view text) {
  std::vector<Piece> pieces;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    Utf8Unit unit = nextUtf8(text.substr(at));
    if (!unit.valid) {
      if (at > begin)
        pieces.push_back({text.substr(begin, at - begin), true});
      pieces.push_back({text.substr(at, unit.length), false});
      begin = at + unit.length;
    }
    at += unit.length;
  }
  if (text.size() > begin)
    pieces.push_back({text.substr(begin), true});
  return pieces;
}

/// Cuts `piece` into matches and what lies between them; returns PCRE2's error
/// or 0.
static int cut(const pcre2_code *code, pcre2_match_data *match, std::string_view piece, std::vector<Piece> &out) {
  size_t begin = 0;
  while (begin < piece.size()) {
    int count = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(piece.data()), piece.size(), begin,
                            PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY, match, nullptr);
    if (count == PCRE2_ERROR_NOMATCH)
      break;
    if (count < 0)
      return count;
    const size_t *place = pcre2_get_ovector_pointer(match);
    // \K in a pattern could move the start: then only the end counts.
    size_t start = std::max(place[0], begin), end = place[1];
    if (end <= start)
      break;
    if (start > begin)
      out.push_back({piece.substr(begin, start - begin), true});
    out.push_back({piece.substr(start, end - start), true});
    begin = end;
  }
  if (begin < piece.size())
    out.push_back({piece.substr(begin), true});
  return 0;
}

Result<std::vector<std::string_view>> PreTokenizer::split(std::string_view text) const {
  std::vector<Piece> pieces, next;
  if (patterns.empty())
    pieces.push_back({text, true});
  else
    pieces = validPieces(text);
  for (const auto &pattern : patterns) {
    MatchData match(pcre2_match_data_create_from_pattern(pattern->code.get(), nullptr));
    if (!match)
      return Failure{"there is not enough memory to split the text into words"};
    next.clear();
    for (const Piece &piece : pieces) {
      if (!piece.valid)
        next.push_back(piece);
      else if (int error = cut(pattern->code.get(), match.get(), piece.text, next))
        return Failure{"the text can't be split into words by '" + pattern->text + "': " + describe(error)};
    }
    pieces.swap(next);
  }
  std::vector<std::string_view> words;
  words.reserve(pieces.size());
  for (const Piece &piece : pieces)
    words.push_back(piece.text);
  return words;
}

} // namespace seqc::tokenizer
