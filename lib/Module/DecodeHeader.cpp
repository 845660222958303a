#include "Header.h"

#include "Module_generated.h"

#include <algorithm>
#include <limits>

namespace seqc::file {

namespace {

/// Copies a verified FlatBuffer into a Module. The verifier allows many
/// references to one string or vector, so a small hostile header could ask for
/// a huge copy; our writer never shares, and its payload is smaller than the
/// buffer. The budget holds every header to that.
class Decoder {
public:
  explicit Decoder(uint64_t budget) : budget(budget) {}

  void decode(const fb::Header &in, Module &out) {
    out.producer = copy(in.producer());
    out.name = copy(in.name());
    out.contextLength = in.context_length();
    out.vocabularySize = in.vocabulary_size();
    each(in.metadata(), out.metadata);
    each(in.exports(), out.exports);
    each(in.states(), out.states);
    each(in.parameters(), out.parameters);
    each(in.targets(), out.targets);
    each(in.sections(), out.sections);
    copy(in.stop_tokens(), out.stopTokens);
  }

  bool exhausted() const { return overrun; }

private:
  /// Whether `bytes` more may be copied.
  bool spend(uint64_t bytes) {
    overrun = overrun || bytes > budget;
    if (overrun)
      return false;
    budget -= bytes;
    return true;
  }

  std::string copy(const flatbuffers::String *text) {
    if (!text || !spend(text->size()))
      return std::string();
    return text->str();
  }

  /// A vector of scalars.
  template <typename T> void copy(const flatbuffers::Vector<T> *in, std::vector<T> &out) {
    if (in && spend(uint64_t(in->size()) * sizeof(T)))
      out.assign(in->begin(), in->end());
  }

  /// A vector of tables or strings (4 bytes a reference) or structs.
  template <typename In, typename Out> void each(const flatbuffers::Vector<In> *in, std::vector<Out> &out) {
    if (!in || !spend(uint64_t(in->size()) * 4))
      return;
    out.reserve(in->size());
    for (const auto *item : *in) {
      decode(*item, out.emplace_back());
      if (overrun)
        return;
    }
  }

  void decode(const flatbuffers::String &in, std::string &out) { out = copy(&in); }

  void decode(const fb::Metadata &in, std::pair<std::string, std::string> &out) {
    out.first = copy(in.key());
    out.second = copy(in.value());
  }

  void decode(const fb::Tensor &in, Tensor &out) {
    out.name = copy(in.name());
    out.type = ElementType(in.type());
    copy(in.shape(), out.shape);
  }

  void decode(const fb::Dim &in, Dim &out) {
    out.name = copy(in.name());
    out.min = in.min();
    out.max = in.max();
  }

  void decode(const fb::Term &in, Term &out) {
    out.coefficient = in.coefficient();
    copy(in.exponents(), out.exponents);
  }

  void decode(const fb::Export &in, Export &out) {
    out.name = copy(in.name());
    out.kind = copy(in.kind());
    each(in.arguments(), out.arguments);
    each(in.results(), out.results);
    each(in.dims(), out.dims);
    out.batchDim = in.batch_dim();
    out.timeDim = in.time_dim();
    out.tokensPerCall = in.tokens_per_call();
    copy(in.states(), out.states);
    each(in.flops(), out.flops);
    each(in.bytes(), out.bytes);
  }

  void decode(const fb::StateDim &in, StateDim &out) {
    out.kind = StateDim::Kind(in.kind());
    out.value = in.value();
  }

  void decode(const fb::StateComponent &in, StateComponent &out) {
    out.type = ElementType(in.type());
    each(in.dims(), out.dims);
    out.fill = in.fill();
  }

  void decode(const fb::State &in, State &out) {
    out.name = copy(in.name());
    out.kind = copy(in.kind());
    each(in.components(), out.components);
    out.hasCapacity = in.has_capacity();
  }

  void decode(const fb::Parameter &in, Parameter &out) {
    out.name = copy(in.name());
    out.type = copy(in.type());
    copy(in.shape(), out.shape);
    out.packing = copy(in.packing());
    out.section = in.section();
    out.offset = in.offset();
    out.size = in.size();
  }

  void decode(const fb::Entry &in, Entry &out) {
    out.function = in.function();
    out.arena = in.arena();
  }

  void decode(const fb::Target &in, Target &out) {
    out.name = copy(in.name());
    out.device = copy(in.device());
    each(in.features(), out.features);
    out.rank = in.rank();
    out.abiVersion = in.abi_version();
    out.section = in.section();
    each(in.entries(), out.entries);
  }

  void decode(const fb::Section &in, Section &out) {
    out.kind = copy(in.kind());
    out.name = copy(in.name());
    out.file = copy(in.file());
    if (const fb::Range *range = in.range()) {
      out.offset = range->offset();
      out.size = range->size();
      out.digest = {range->digest().low(), range->digest().high()};
    }
  }

  uint64_t budget;
  bool overrun = false;
};

} // namespace

Status decodeHeader(const uint8_t *data, uint64_t size, Module &module) {
  // A table takes at least 8 bytes: its offset to the vtable and a reference.
  constexpr uint64_t maxTables = std::numeric_limits<uint32_t>::max();
  flatbuffers::Verifier verifier(data, size, /*_max_depth=*/16,
                                 static_cast<flatbuffers::uoffset_t>(std::min(size / 8, maxTables)));
  // The verifier reads the identifier without a look at the size.
  if (size < 16 || !fb::VerifyHeaderBuffer(verifier))
    return makeError(SEQRT_CORRUPT, "the header is not a valid FlatBuffer");
  Decoder decoder(size);
  decoder.decode(*fb::GetHeader(data), module);
  if (decoder.exhausted())
    return makeError(SEQRT_CORRUPT, "the header refers to the same bytes more "
                                    "often than a writer would");
  return Status();
}

} // namespace seqc::file
