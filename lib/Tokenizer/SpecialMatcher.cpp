#include "SpecialMatcher.h"

#include "Utf8.h"

#include <algorithm>

namespace seqc::tokenizer {

SpecialMatcher::SpecialMatcher(std::vector<Entry> all) : entries(std::move(all)) {
  std::erase_if(entries, [](const Entry &entry) { return entry.text.empty(); });
  std::sort(entries.begin(), entries.end(),
            [](const Entry &a, const Entry &b) { return std::pair(a.text, a.id) < std::pair(b.text, b.id); });
  for (const Entry &entry : entries)
    startsEntry[static_cast<uint8_t>(entry.text.front())] = true;
}

/// Narrows the sorted entries down byte by byte to those that the text spells.
const SpecialMatcher::Entry *SpecialMatcher::longestAt(std::string_view text, bool withControl) const {
  const Entry *longest = nullptr;
  auto low = entries.begin(), high = entries.end();
  for (size_t depth = 0; depth < text.size() && low != high; ++depth) {
    auto byteAt = [&](const Entry &entry) {
      return depth < entry.text.size() ? static_cast<int>(static_cast<uint8_t>(entry.text[depth])) : -1;
    };
    int byte = static_cast<uint8_t>(text[depth]);
    low = std::partition_point(low, high, [&](const Entry &entry) { return byteAt(entry) < byte; });
    high = std::partition_point(low, high, [&](const Entry &entry) { return byteAt(entry) == byte; });
    if (low != high && low->text.size() == depth + 1 && (withControl || !low->control))
      longest = &*low;
  }
  return longest;
}

/// How many bytes of white space `text` starts with.
static size_t leadingSpace(std::string_view text) {
  size_t size = 0;
  while (size < text.size()) {
    Utf8Unit unit = nextUtf8(text.substr(size));
    if (!unit.valid || !isWhiteSpace(unit.codepoint))
      break;
    size += unit.length;
  }
  return size;
}

/// How many bytes of white space `text` ends with.
static size_t trailingSpace(std::string_view text) {
  size_t end = text.size();
  while (end > 0) {
    size_t begin = end - 1;
    while (begin > 0 && (static_cast<uint8_t>(text[begin]) & 0xC0) == 0x80)
      --begin;
    Utf8Unit unit = nextUtf8(text.substr(begin, end - begin));
    if (!unit.valid || unit.length != end - begin || !isWhiteSpace(unit.codepoint))
      break;
    end = begin;
  }
  return text.size() - end;
}

SpecialMatcher::Match SpecialMatcher::find(std::string_view text, size_t begin, bool withControl) const {
  if (entries.empty())
    return {};
  for (size_t at = begin; at < text.size(); ++at) {
    if (!startsEntry[static_cast<uint8_t>(text[at])])
      continue;
    const Entry *entry = longestAt(text.substr(at), withControl);
    if (!entry)
      continue;
    Match match = {entry->id, at, at + entry->text.size()};
    if (entry->stripLeft)
      match.begin -= trailingSpace(text.substr(begin, at - begin));
    if (entry->stripRight)
      match.end += leadingSpace(text.substr(match.end));
    return match;
  }
  return {};
}

} // namespace seqc::tokenizer
