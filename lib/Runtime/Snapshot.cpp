//===----------------------------------------------------------------------===//
//
// Saved states: a header, then the counts and the filled part of every state
// in order, then the digest of all that. docs/ModuleFormat.md describes it.
//
//===----------------------------------------------------------------------===//

#include "Context.h"
#include "seq/Module/Digest.h"

#include <algorithm>
#include <cstring>

using namespace seqc;
using file::Digest;
using file::makeError;
using file::Status;

namespace {
struct SnapshotHeader {
  char magic[4];
  uint32_t version;
  uint64_t size; ///< of the whole snapshot
  uint64_t module[2];
  int64_t batch;
  int64_t tokens;
  uint64_t states;
  uint64_t reserved;
};
static_assert(sizeof(SnapshotHeader) == 64);
} // namespace

static constexpr char snapshotMagic[4] = {'S', 'E', 'Q', 'S'};
static constexpr uint32_t snapshotVersion = 1;
/// More than anybody feeds; keeps sums of counts in 64 bits.
static constexpr int64_t maxTokens = int64_t(1) << 40;

/// The most tokens of each state, from counts as [states, batch].
static std::vector<int64_t> mostTokens(const std::vector<int64_t> &counts, int64_t batch) {
  std::vector<int64_t> tokens;
  for (auto row = counts.begin(); row != counts.end(); row += batch)
    tokens.push_back(*std::max_element(row, row + batch));
  return tokens;
}

/// Bytes of a snapshot with these counts.
static uint64_t sizeFor(const rt::States &states, const std::vector<int64_t> &counts, int64_t batch) {
  uint64_t size = sizeof(SnapshotHeader) + counts.size() * sizeof(int64_t);
  states.forEachPiece(mostTokens(counts, batch), [&](const uint8_t *, uint64_t piece) { size += piece; });
  return size + sizeof(Digest);
}

uint64_t seqrt_context::snapshotSize() const { return sizeFor(states, states.counts(), batch); }

Status seqrt_context::save(const Sink &sink) const {
  const std::vector<int64_t> &counts = states.counts();
  SnapshotHeader header = {};
  std::memcpy(header.magic, snapshotMagic, sizeof(snapshotMagic));
  header.version = snapshotVersion;
  header.size = snapshotSize();
  header.module[0] = module->file->digest()[0];
  header.module[1] = module->file->digest()[1];
  header.batch = batch;
  header.tokens = tokens;
  header.states = states.size();

  file::Hasher hasher;
  Status status;
  auto put = [&](const void *data, uint64_t size) {
    if (status.failed())
      return;
    hasher.update(data, size);
    status = sink(data, size);
  };
  put(&header, sizeof(header));
  put(counts.data(), counts.size() * sizeof(int64_t));
  states.forEachPiece(mostTokens(counts, batch), put);
  Digest digest = hasher.digest();
  if (status.ok())
    status = sink(digest.data(), sizeof(digest));
  return status;
}

template <typename... Ts> static Status corrupt(const Ts &...pieces) { return makeError(SEQRT_CORRUPT, pieces...); }

/// Checks the header against the context.
static Status checkHeader(const SnapshotHeader &header, const seqrt_context &context, uint64_t size) {
  if (std::memcmp(header.magic, snapshotMagic, sizeof(snapshotMagic)) != 0)
    return corrupt("not a saved state (it does not begin with SEQS)");
  if (header.version != snapshotVersion)
    return makeError(SEQRT_VERSION, "a saved state of version ", header.version, ", but this seqrt reads ",
                     snapshotVersion);
  if (header.size != size)
    return corrupt("it has ", size, " bytes, but was saved with ", header.size, " (truncated?)");
  Digest digest = context.module->file->digest();
  if (header.module[0] != digest[0] || header.module[1] != digest[1])
    return makeError(SEQRT_INVALID_ARGUMENT, "it is the state of another module");
  if (header.batch != context.batch)
    return makeError(SEQRT_INVALID_ARGUMENT, "it has a batch of ", header.batch, ", but the context one of ",
                     context.batch);
  if (header.states != context.states.size() || header.tokens < 0)
    return corrupt("it does not fit its module");
  return Status();
}

/// Checks that the counts fit the capacity of the context's states.
static Status checkCounts(const std::vector<int64_t> &counts, const seqrt_context &context) {
  std::vector<int64_t> tokens = mostTokens(counts, context.batch);
  for (int64_t count : counts)
    if (count < 0 || count > maxTokens)
      return corrupt("it has a count of ", count, " tokens");
  for (size_t i = 0; i < tokens.size(); ++i) {
    int64_t room = context.states.state(i).capacity;
    if (room != 0 && tokens[i] > room)
      return makeError(SEQRT_STATE_FULL, "it holds ", tokens[i], " tokens, but the context has room for ", room,
                       ": create the context with a larger capacity");
  }
  return Status();
}

Status seqrt_context::load(const uint8_t *data, uint64_t size) {
  SnapshotHeader header;
  std::vector<int64_t> counts(states.counts().size());
  uint64_t fixed = sizeof(header) + counts.size() * sizeof(int64_t);
  if (size < sizeof(header) || std::memcmp(data, snapshotMagic, sizeof(snapshotMagic)) != 0)
    return corrupt("not a saved state (it does not begin with SEQS)");
  std::memcpy(&header, data, sizeof(header));
  if (Status status = checkHeader(header, *this, size); status.failed())
    return status;
  if (size < fixed + sizeof(Digest))
    return corrupt("it does not fit its module");
  Digest digest;
  std::memcpy(digest.data(), data + size - sizeof(digest), sizeof(digest));
  if (file::digestOf(data, size - sizeof(digest)) != digest)
    return corrupt("wrong digest, the saved state is damaged");
  std::memcpy(counts.data(), data + sizeof(header), counts.size() * sizeof(int64_t));
  if (Status status = checkCounts(counts, *this); status.failed())
    return status;
  if (sizeFor(states, counts, batch) != size)
    return corrupt("it does not fit its module");

  // Nothing can fail from here on.
  reset();
  std::copy(counts.begin(), counts.end(), states.counts().begin());
  const uint8_t *next = data + fixed;
  states.forEachPiece(mostTokens(counts, batch), [&](uint8_t *piece, uint64_t pieceSize) {
    std::memcpy(piece, next, pieceSize);
    next += pieceSize;
  });
  tokens = header.tokens;
  return Status();
}
