#include "seq/Import/JSON.h"

#include "seq/Import/Error.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

#include <vector>

using namespace llvm;

namespace seqc::importer {

static constexpr size_t kMaxDepth = 64;

namespace {
/// Walks over the tokens of a text once, before it is parsed, to find what the
/// parser would not report. It accepts anything that is not JSON: the parser
/// refuses that afterwards.
class Prescan {
public:
  Prescan(StringRef text, StringRef file) : text(text), file(file) {}

  Error run() {
    while (at < text.size()) {
      char c = text[at];
      if (c == '"') {
        if (Error error = scanString())
          return error;
        continue;
      }
      ++at;
      if (c == '{' || c == '[') {
        open.push_back({c == '{', c == '{', {}});
        if (open.size() > kMaxDepth)
          return makeError(file, "byte " + Twine(at - 1) + ": values nest more than " + Twine(kMaxDepth) + " deep");
      } else if (c == '}' || c == ']') {
        if (!open.empty())
          open.pop_back();
      } else if (!open.empty() && (c == ',' || c == ':')) {
        open.back().expectsKey = c == ',' && open.back().isObject;
      }
    }
    return Error::success();
  }

private:
  struct Level {
    bool isObject;
    bool expectsKey;
    StringSet<> keys;
  };

  Error scanString() {
    size_t start = at++;
    while (at < text.size() && text[at] != '"')
      at += text[at] == '\\' ? 2 : 1;
    at = std::min(at + 1, text.size());
    if (open.empty() || !open.back().expectsKey)
      return Error::success();
    open.back().expectsKey = false;
    StringRef literal = text.slice(start, at);
    if (open.back().keys.insert(decode(literal)).second)
      return Error::success();
    return makeError(file, "byte " + Twine(start) + ": key " + quoted(decode(literal)) + " is there twice");
  }

  /// What a string literal spells, without its quotes; malformed ones as they
  /// stand.
  static std::string decode(StringRef literal) {
    if (literal.contains('\\')) {
      Expected<json::Value> value = json::parse(literal);
      if (value)
        return value->getAsString().value_or("").str();
      consumeError(value.takeError());
    }
    literal.consume_front("\"");
    literal.consume_back("\"");
    return literal.str();
  }

  StringRef text;
  StringRef file;
  size_t at = 0;
  std::vector<Level> open;
};
} // namespace

/// The text with the words Infinity and -Infinity, which Python writes for numbers that JSON
/// does not have, as objects {"__float__": "Infinity"}.
static std::string spellInfinities(StringRef text) {
  std::string result;
  while (!text.empty()) {
    size_t length = 1;
    if (text.front() == '"') {
      while (length < text.size() && text[length] != '"')
        length += text[length] == '\\' ? 2 : 1;
      length = std::min(length + 1, text.size());
    } else if (text.starts_with("Infinity") || text.starts_with("-Infinity")) {
      length = text.front() == '-' ? 9 : 8;
      result += "{\"__float__\":\"" + text.take_front(length).str() + "\"}";
      text = text.drop_front(length);
      continue;
    }
    result += text.take_front(length);
    text = text.drop_front(length);
  }
  return result;
}

Expected<json::Object> parseJSONObject(StringRef text, StringRef file) {
  if (Error error = Prescan(text, file).run())
    return std::move(error);
  Expected<json::Value> value = text.contains("Infinity") ? json::parse(spellInfinities(text)) : json::parse(text);
  if (!value)
    return makeError(file, "is not valid JSON: " + printable(toString(value.takeError()), 200));
  json::Object *object = value->getAsObject();
  if (!object)
    return makeError(file, "is not a JSON object");
  return std::move(*object);
}

std::string formatJSON(const json::Value &value) {
  std::string text;
  raw_string_ostream(text) << value;
  return printable(text, 60);
}

} // namespace seqc::importer
