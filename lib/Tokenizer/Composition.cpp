#include "Composition.h"

#include "Utf8.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace seqc::tokenizer {

namespace {

struct Decomposition {
  uint32_t character;
  uint32_t first;
  uint32_t second; ///< 0 for none
  bool composes;   ///< the pair becomes the character again
};

struct CombiningRange {
  uint32_t first;
  uint32_t last;
  uint8_t combiningClass;
};

struct Character {
  uint32_t codepoint;
  uint8_t combiningClass;
  uint32_t place = 0; ///< keeps the order of equal classes
};

#include "CompositionTables.inc"

// Hangul syllables are composed of their letters by arithmetic.
constexpr uint32_t syllables = 0xAC00, leads = 0x1100, vowels = 0x1161, tails = 0x11A7;
constexpr uint32_t leadCount = 19, vowelCount = 21, tailCount = 28, syllableCount = leadCount * vowelCount * tailCount;

} // namespace

static uint8_t combiningClass(uint32_t codepoint) {
  auto *range = std::lower_bound(std::begin(combiningRanges), std::end(combiningRanges), codepoint,
                                 [](const CombiningRange &range, uint32_t code) { return range.last < code; });
  return range != std::end(combiningRanges) && range->first <= codepoint ? range->combiningClass : 0;
}

/// Appends the full decomposition.
static void decompose(uint32_t codepoint, std::vector<Character> &out) {
  if (codepoint >= syllables && codepoint < syllables + syllableCount) {
    uint32_t index = codepoint - syllables;
    out.push_back({leads + index / (vowelCount * tailCount), 0});
    out.push_back({vowels + index / tailCount % vowelCount, 0});
    if (index % tailCount != 0)
      out.push_back({tails + index % tailCount, 0});
    return;
  }
  auto *entry = std::lower_bound(std::begin(decompositions), std::end(decompositions), codepoint,
                                 [](const Decomposition &entry, uint32_t code) { return entry.character < code; });
  if (entry == std::end(decompositions) || entry->character != codepoint) {
    out.push_back({codepoint, combiningClass(codepoint)});
    return;
  }
  decompose(entry->first, out);
  if (entry->second != 0)
    decompose(entry->second, out);
}

/// The character that two become, or 0.
static uint32_t composePair(uint32_t first, uint32_t second) {
  if (first >= leads && first < leads + leadCount && second >= vowels && second < vowels + vowelCount)
    return syllables + ((first - leads) * vowelCount + (second - vowels)) * tailCount;
  if (first >= syllables && first < syllables + syllableCount && (first - syllables) % tailCount == 0 &&
      second > tails && second < tails + tailCount)
    return first + (second - tails);
  static const std::map<std::pair<uint32_t, uint32_t>, uint32_t> pairs = [] {
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> pairs;
    for (const Decomposition &entry : decompositions)
      if (entry.composes)
        pairs[{entry.first, entry.second}] = entry.character;
    return pairs;
  }();
  auto found = pairs.find({first, second});
  return found == pairs.end() ? 0 : found->second;
}

/// Puts marks that stand together in the order of their classes.
static void reorder(std::vector<Character> &text) {
  auto isStarter = [](const Character &c) { return c.combiningClass == 0; };
  for (auto at = text.begin(); at != text.end();) {
    auto end = std::find_if(at, text.end(), isStarter);
    for (auto mark = at; mark != end; ++mark)
      mark->place = static_cast<uint32_t>(mark - at);
    std::sort(at, end, [](const Character &a, const Character &b) {
      return std::pair(a.combiningClass, a.place) < std::pair(b.combiningClass, b.place);
    });
    at = std::find_if_not(end, text.end(), isStarter);
  }
}

/// Composes each character with the last starter before it, unless something
/// of the same or a higher class stands between them.
static void compose(std::vector<Character> &text) {
  size_t size = 0, starter = SIZE_MAX;
  for (const Character &next : text) {
    bool adjacent = starter != SIZE_MAX && starter + 1 == size;
    bool blocked = !adjacent && starter != SIZE_MAX && text[size - 1].combiningClass >= next.combiningClass;
    if (starter != SIZE_MAX && !blocked)
      if (uint32_t composed = composePair(text[starter].codepoint, next.codepoint)) {
        text[starter].codepoint = composed;
        continue;
      }
    if (next.combiningClass == 0)
      starter = size;
    text[size++] = next;
  }
  text.resize(size);
}

static void flush(std::vector<Character> &text, std::string &out) {
  reorder(text);
  compose(text);
  for (const Character &character : text)
    appendUtf8(out, character.codepoint);
  text.clear();
}

std::string composeNFC(std::string_view text) {
  std::string out;
  std::vector<Character> run;
  while (!text.empty()) {
    Utf8Unit unit = nextUtf8(text);
    if (unit.valid) {
      decompose(unit.codepoint, run);
    } else {
      flush(run, out);
      out += text.substr(0, unit.length);
    }
    text.remove_prefix(unit.length);
  }
  flush(run, out);
  return out;
}

bool isPlainlyNFC(std::string_view text) {
  // 0xCC starts U+0300, the first character that composes with one before it
  // or has another form.
  return std::all_of(text.begin(), text.end(), [](char byte) { return static_cast<uint8_t>(byte) < 0xCC; });
}

} // namespace seqc::tokenizer
