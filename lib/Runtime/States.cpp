#include "States.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace seqc::rt {

using file::ElementType;
using file::makeError;
using file::Status;

/// More address space than a process has to give.
static constexpr uint64_t maxBytes = uint64_t(1) << 46;

static Status layOutComponent(const file::StateComponent &component, int64_t batch, int64_t capacity,
                              ComponentLayout &layout) {
  uint64_t total = elementSize(component.type);
  layout.inner = total;
  for (const file::StateDim &dim : component.dims) {
    int64_t size = dim.value;
    if (dim.kind == file::StateDim::Kind::Batch)
      size = batch;
    if (dim.kind == file::StateDim::Kind::Capacity)
      size = (capacity + dim.value - 1) / dim.value;
    layout.shape.push_back(size);
    if (__builtin_mul_overflow(total, static_cast<uint64_t>(size), &total) || total > maxBytes)
      return makeError(SEQRT_OUT_OF_MEMORY, "its states would take over ", maxBytes,
                       " bytes (ask for a smaller batch or capacity)");
    if (dim.kind == file::StateDim::Kind::Capacity) {
      // What came before are rows, what comes after is a block.
      layout.blockTokens = dim.value;
      layout.blocks = static_cast<uint64_t>(size);
      layout.outer = layout.inner / elementSize(component.type);
      layout.inner = elementSize(component.type);
    } else {
      layout.inner *= static_cast<uint64_t>(size);
    }
  }
  return Status();
}

Status States::layOut(const file::Module &module, int64_t batch, int64_t capacity,
                      std::vector<std::vector<ComponentLayout>> &layouts, uint64_t &bytes) {
  bytes = 0;
  for (const file::State &state : module.states) {
    std::vector<ComponentLayout> &parts = layouts.emplace_back();
    for (const file::StateComponent &component : state.components) {
      ComponentLayout &layout = parts.emplace_back();
      layout.offset = bytes;
      if (Status status = layOutComponent(component, batch, capacity, layout); status.failed())
        return status;
      uint64_t size = layout.bytes() + SEQ_ABI_ALIGNMENT - 1;
      bytes += size / SEQ_ABI_ALIGNMENT * SEQ_ABI_ALIGNMENT;
      if (bytes > maxBytes)
        return makeError(SEQRT_OUT_OF_MEMORY, "its states would take over ", maxBytes,
                         " bytes (ask for a smaller batch or capacity)");
    }
  }
  return Status();
}

Status States::measure(const file::Module &module, int64_t batch, int64_t capacity, uint64_t &bytes) {
  std::vector<std::vector<ComponentLayout>> layouts;
  return layOut(module, batch, capacity, layouts, bytes);
}

Status States::create(const file::Module &described, int64_t rows, int64_t capacity) {
  module = &described;
  batch = rows;
  uint64_t bytes = 0;
  if (Status status = layOut(*module, batch, capacity, layouts, bytes); status.failed())
    return status;
  if (Status status = pages.allocate(bytes, "states"); status.failed())
    return status;
  // With a row of a cache per head and layer, one token touches hundreds of
  // places: in huge pages these would be hundreds of megabytes.
  pages.keepPagesSmall();
  countStorage.assign(layouts.size() * static_cast<size_t>(batch), 0);
  for (size_t i = 0; i < layouts.size(); ++i) {
    seq_abi_state &state = abiStates.emplace_back();
    state = {};
    for (size_t j = 0; j < layouts[i].size(); ++j)
      state.component[j] = pages.data() + layouts[i][j].offset;
    state.count = countStorage.data() + i * static_cast<size_t>(batch);
    state.batch = batch;
    state.capacity = module->states[i].hasCapacity ? capacity : 0;
  }
  fill();
  return Status();
}

void States::reset() {
  pages.clear();
  std::fill(countStorage.begin(), countStorage.end(), 0);
  fill();
}

/// The bytes of `value` as an element of `type`, in the low bytes.
static uint64_t encodeElement(ElementType type, double value) {
  switch (type) {
  case ElementType::F64:
    return std::bit_cast<uint64_t>(value);
  case ElementType::F32:
    return std::bit_cast<uint32_t>(static_cast<float>(value));
  case ElementType::F16:
    return std::bit_cast<uint16_t>(static_cast<_Float16>(value));
  case ElementType::BF16: {
    uint32_t bits = std::bit_cast<uint32_t>(static_cast<float>(value));
    if (value != value)
      return bits >> 16 | 0x40; // a quiet NaN, whatever is cut off
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  }
  default:
    return static_cast<uint64_t>(static_cast<int64_t>(value));
  }
}

/// Zeros are there already; writing them would make every page resident.
void States::fill() {
  for (size_t i = 0; i < layouts.size(); ++i)
    for (size_t j = 0; j < layouts[i].size(); ++j) {
      const file::StateComponent &component = module->states[i].components[j];
      uint64_t bits = encodeElement(component.type, component.fill);
      uint64_t size = elementSize(component.type);
      if (bits == 0)
        continue;
      uint8_t *data = pages.data() + layouts[i][j].offset;
      for (uint64_t at = 0; at < layouts[i][j].bytes(); at += size)
        std::memcpy(data + at, &bits, size);
    }
}

int64_t States::tokens(size_t state) const {
  const int64_t *count = abiStates[state].count;
  return *std::max_element(count, count + batch);
}

void States::copyFrom(const States &other) {
  std::copy(other.countStorage.begin(), other.countStorage.end(),
            countStorage.begin()); // the states point into it
  for (size_t i = 0; i < layouts.size(); ++i)
    for (size_t j = 0; j < layouts[i].size(); ++j) {
      const ComponentLayout &from = other.layouts[i][j];
      const uint8_t *source = other.pages.data() + from.offset;
      uint8_t *target = pages.data() + layouts[i][j].offset;
      forEachPiece(from, other.pages.data() + from.offset, other.tokens(i),
                   [&](const uint8_t *piece, uint64_t size) { std::memcpy(target + (piece - source), piece, size); });
    }
}

} // namespace seqc::rt
