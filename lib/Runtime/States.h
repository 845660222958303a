//===- States.h - The memory of a context's states --------------*- C++ -*-===//
//
// All states of a context live in one reservation of zeroed pages. A key-value
// cache for 8192 tokens thus takes the memory of the tokens that it holds.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_RUNTIME_STATES_H
#define SEQ_LIB_RUNTIME_STATES_H

#include "Memory.h"
#include "seq/Module/Module.h"
#include "seq/Module/Status.h"
#include "seq/Runtime/ABI.h"

#include <cstdint>
#include <vector>

namespace seqc::rt {

/// Where a component is, seen as [outer, blocks, inner bytes]: only the first
/// blocks of each outer row are filled by tokens.
struct ComponentLayout {
  uint64_t offset = 0; ///< in the reservation
  uint64_t outer = 1;
  uint64_t blocks = 1;
  int64_t blockTokens = 0; ///< tokens in a block, 0: does not grow
  uint64_t inner = 0;      ///< bytes of a block
  std::vector<int64_t> shape;

  uint64_t bytes() const { return outer * blocks * inner; }
};

class States {
public:
  /// Fresh states of `module`, which stays alive. `capacity` is 0 when no
  /// state has one.
  file::Status create(const file::Module &module, int64_t batch, int64_t capacity);

  /// Bytes that create() reserves.
  static file::Status measure(const file::Module &module, int64_t batch, int64_t capacity, uint64_t &bytes);

  /// Back to what create() made.
  void reset();

  /// Takes over the tokens of states of the same module, batch and capacity
  /// into fresh ones.
  void copyFrom(const States &other);

  /// Row b becomes row rows[b] of `from`, states of the same module, batch and
  /// capacity. The rows are inside the batch.
  void selectRows(const States &from, const int64_t *rows);

  /// Forgets all tokens but the first `tokens`; fails, changing nothing, where a
  /// state is neither a cache of keys and values nor a position.
  file::Status truncate(int64_t tokens);

  size_t size() const { return abiStates.size(); }
  seq_abi_state &state(size_t index) { return abiStates[index]; }
  const seq_abi_state &state(size_t index) const { return abiStates[index]; }
  const ComponentLayout &layout(size_t state, size_t component) const { return layouts[state][component]; }

  /// The counts of all states, [states, batch].
  std::vector<int64_t> &counts() { return countStorage; }
  const std::vector<int64_t> &counts() const { return countStorage; }
  /// The most tokens that a row of the state holds.
  int64_t tokens(size_t state) const;

  /// Calls visit(bytes, size) for the pieces of memory, in order, that hold
  /// `tokens` tokens of a component.
  template <typename Visit>
  static void forEachPiece(const ComponentLayout &layout, uint8_t *data, int64_t tokens, Visit visit);
  /// The same for everything that `tokens` (one a state) fill.
  template <typename Visit> void forEachPiece(const std::vector<int64_t> &tokens, Visit visit) const;

private:
  static file::Status layOut(const file::Module &module, int64_t batch, int64_t capacity,
                             std::vector<std::vector<ComponentLayout>> &layouts, uint64_t &bytes);
  void fill();

  const file::Module *module = nullptr;
  int64_t batch = 0;
  Pages pages;
  std::vector<std::vector<ComponentLayout>> layouts;
  std::vector<seq_abi_state> abiStates;
  std::vector<int64_t> countStorage;
};

template <typename Visit>
void States::forEachPiece(const ComponentLayout &layout, uint8_t *data, int64_t tokens, Visit visit) {
  uint64_t used = layout.blocks;
  if (layout.blockTokens != 0)
    used = static_cast<uint64_t>((tokens + layout.blockTokens - 1) / layout.blockTokens);
  if (used == layout.blocks) {
    visit(data, layout.bytes());
    return;
  }
  for (uint64_t row = 0; used != 0 && row < layout.outer; ++row)
    visit(data + row * layout.blocks * layout.inner, used * layout.inner);
}

template <typename Visit> void States::forEachPiece(const std::vector<int64_t> &tokens, Visit visit) const {
  for (size_t i = 0; i < layouts.size(); ++i)
    for (const ComponentLayout &layout : layouts[i])
      forEachPiece(layout, pages.data() + layout.offset, tokens[i], visit);
}

} // namespace seqc::rt

#endif // SEQ_LIB_RUNTIME_STATES_H
