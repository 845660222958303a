//===----------------------------------------------------------------------===//
//
// Choosing rows of the states (beams, slots) and forgetting their newest
// tokens (speculation).
//
//===----------------------------------------------------------------------===//

#include "Context.h"

#include <algorithm>
#include <cstring>

using seqc::file::makeError;
using seqc::file::Status;
using namespace seqc::rt;

/// The part of a component that one row of the batch takes; batch is the
/// outermost dimension of every component.
static ComponentLayout layoutOfRow(const ComponentLayout &whole, int64_t batch) {
  ComponentLayout row = whole;
  (whole.blockTokens ? row.outer : row.inner) /= static_cast<uint64_t>(batch);
  return row;
}

void States::selectRows(const States &from, const int64_t *rows) {
  for (size_t i = 0; i < layouts.size(); ++i)
    for (int64_t b = 0; b < batch; ++b) {
      int64_t tokens = from.abiStates[i].count[rows[b]];
      abiStates[i].count[b] = tokens;
      for (const ComponentLayout &whole : layouts[i]) {
        ComponentLayout row = layoutOfRow(whole, batch);
        uint8_t *source = from.pages.data() + whole.offset + static_cast<uint64_t>(rows[b]) * row.bytes();
        uint8_t *target = pages.data() + whole.offset + static_cast<uint64_t>(b) * row.bytes();
        if (rows[b] == b)
          continue;
        forEachPiece(row, source, tokens,
                     [&](const uint8_t *piece, uint64_t size) { std::memcpy(target + (piece - source), piece, size); });
      }
    }
}

Status States::truncate(int64_t tokens) {
  for (size_t i = 0; i < layouts.size(); ++i)
    if (module->states[i].kind != "kv" && module->states[i].kind != "position")
      return makeError(SEQRT_INVALID_ARGUMENT, "state \"", module->states[i].name,
                       "\" does not know its past: clone the context before the tokens and go back to the clone");
  for (size_t i = 0; i < layouts.size(); ++i)
    for (int64_t b = 0; b < batch; ++b) {
      abiStates[i].count[b] = std::min(abiStates[i].count[b], tokens);
      if (module->states[i].kind == "position")
        static_cast<int64_t *>(abiStates[i].component[0])[b] = tokens;
    }
  return Status();
}

Status seqrt_context::selectRows(const int64_t *rows, size_t count) {
  if (count != static_cast<size_t>(batch))
    return makeError(SEQRT_INVALID_ARGUMENT, count, " rows are given for a context of ", batch);
  for (size_t b = 0; b < count; ++b)
    if (rows[b] < 0 || rows[b] >= batch)
      return makeError(SEQRT_OUT_OF_RANGE, "row ", rows[b], " is outside the batch of ", batch);
  // Rows may move in cycles, so they are copied from a copy.
  States before;
  if (Status status = before.create(module->description(), batch, capacity); status.failed())
    return status;
  before.copyFrom(states);
  states.selectRows(before, rows);
  return Status();
}

Status seqrt_context::truncate(int64_t kept) {
  if (kept < 0 || kept > tokens)
    return makeError(SEQRT_INVALID_ARGUMENT, "can not keep ", kept, " of ", tokens, " tokens");
  if (kept == tokens)
    return Status();
  if (Status status = states.truncate(kept); status.failed())
    return status;
  tokens = kept;
  return Status();
}
