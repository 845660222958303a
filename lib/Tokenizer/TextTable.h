//===- TextTable.h - Ids by text and by pair --------------------*- C++ -*-===//
//
// Open-addressing tables for vocabularies of some hundred thousand tokens:
// filled in milliseconds, one or two cache lines a look-up.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_TOKENIZER_TEXTTABLE_H
#define SEQ_LIB_TOKENIZER_TEXTTABLE_H

#include <bit>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace seqc::tokenizer {

/// Slots for `count` entries at a load of at most two thirds.
inline size_t tableSlots(size_t count) { return std::bit_ceil(count + count / 2 + 8); }

/// Text → id. The text is borrowed.
class TextTable {
public:
  void reserve(size_t count) { slots.assign(tableSlots(count), {{}, -1}); }

  /// The first id of a text stays. At most as many as reserved.
  void insert(std::string_view text, int32_t id) {
    Slot &slot = slots[place(text)];
    if (slot.id < 0)
      slot = {text, id};
  }

  /// The id of a text, or -1.
  int32_t find(std::string_view text) const { return slots.empty() ? -1 : slots[place(text)].id; }

private:
  struct Slot {
    std::string_view text;
    int32_t id;
  };

  size_t place(std::string_view text) const {
    size_t mask = slots.size() - 1, at = std::hash<std::string_view>()(text) & mask;
    while (slots[at].id >= 0 && slots[at].text != text)
      at = (at + 1) & mask;
    return at;
  }

  std::vector<Slot> slots;
};

/// What merging two tokens gives, and how early it is done.
struct PairMerge {
  uint32_t rank = UINT32_MAX;
  int32_t result = -1; ///< -1 for no merge
};

/// (left id, right id) → merge.
class PairTable {
public:
  void reserve(size_t count) { slots.assign(tableSlots(count), {0, {}}); }

  /// The first merge of a pair stays. At most as many as reserved.
  void insert(int32_t left, int32_t right, PairMerge merge) {
    Slot &slot = slots[place(key(left, right))];
    if (slot.merge.result < 0)
      slot = {key(left, right), merge};
  }

  PairMerge find(int32_t left, int32_t right) const {
    if (slots.empty() || left < 0 || right < 0)
      return {};
    return slots[place(key(left, right))].merge;
  }

private:
  struct Slot {
    uint64_t key;
    PairMerge merge;
  };

  static uint64_t key(int32_t left, int32_t right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  }

  size_t place(uint64_t key) const {
    // Fibonacci hashing: the upper bits of the product depend on all of key.
    size_t mask = slots.size() - 1, at = (key * 0x9E3779B97F4A7C15u >> 32) & mask;
    while (slots[at].merge.result >= 0 && slots[at].key != key)
      at = (at + 1) & mask;
    return at;
  }

  std::vector<Slot> slots;
};

} // namespace seqc::tokenizer

#endif // SEQ_LIB_TOKENIZER_TEXTTABLE_H
