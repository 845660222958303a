//===- Module.h - The description of a compiled module ----------*- C++ -*-===//
//
// What the header of a .seqm file says, as plain structures. Writer.h turns
// them into a file, Reader.h gives them back after verifying it. Nothing here
// needs LLVM, MLIR or FlatBuffers. docs/ModuleFormat.md describes the file.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_MODULE_MODULE_H
#define SEQ_MODULE_MODULE_H

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seqc::file {

/// The format version that this code writes. A reader accepts every file of
/// its major version that does not ask for a later minor version than its own.
inline constexpr uint16_t formatMajor = 1;
inline constexpr uint16_t formatMinor = 0;

/// Alignment in bytes of sections, and of parameters within theirs.
inline constexpr uint64_t sectionAlignment = 64;

/// Limits that the reader enforces and the writer respects.
inline constexpr size_t maxRank = 8;
inline constexpr size_t maxDims = 16;

enum class ElementType : uint8_t {
  Bool, ///< one byte, 0 or 1
  I8,
  I16,
  I32,
  I64,
  U8,
  U16,
  U32,
  U64,
  F16,
  BF16,
  F32,
  F64,
};
inline constexpr ElementType lastElementType = ElementType::F64;

/// Bytes of one element.
uint64_t elementSize(ElementType type);
/// "f32" and so on, as MLIR spells it; unsigned ones are "u8" and so on.
std::string_view elementName(ElementType type);
/// The inverse of elementName.
std::optional<ElementType> parseElementType(std::string_view name);

/// In a shape, sizes from 0 up are static and symbolicDim(i) stands for the
/// export's symbolic dimension i.
constexpr int64_t symbolicDim(size_t index) { return -1 - static_cast<int64_t>(index); }
constexpr size_t symbolicIndex(int64_t size) { return static_cast<size_t>(-1 - size); }

struct Tensor {
  std::string name;
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
};

/// A symbolic dimension of an export.
struct Dim {
  std::string name;
  int64_t min = 0;
  int64_t max = 0; ///< 0: no limit
};

/// coefficient · Π dim[i] ^ exponents[i]. There is one exponent for each
/// symbolic dimension and, optionally, a last one for the number of tokens in
/// the context after the call; missing ones are 0.
struct Term {
  double coefficient = 0;
  std::vector<uint8_t> exponents;
};

/// A sum of terms: FLOPs or bytes of a call.
using Polynomial = std::vector<Term>;

struct Export {
  std::string name;
  std::string kind = "other"; ///< forward, prefill, step, other
  std::vector<Tensor> arguments;
  std::vector<Tensor> results;
  std::vector<Dim> dims; ///< in the order of seq_abi_frame::dims
  int32_t batchDim = -1; ///< index into dims, -1 without
  int32_t timeDim = -1;  ///< index into dims, -1 without
  /// Tokens that a call adds to the states when timeDim is -1 (a step: 1).
  int64_t tokensPerCall = 0;
  std::vector<uint32_t> states; ///< indices into Module::states, in ABI order
  Polynomial flops;
  Polynomial bytes;
};

/// One dimension of a state component.
struct StateDim {
  enum class Kind : uint8_t {
    Static,   ///< value
    Batch,    ///< the context's batch
    Capacity, ///< ceil(capacity / value): tokens in blocks of `value`
  };
  Kind kind = Kind::Static;
  int64_t value = 1;

  static StateDim fixed(int64_t size) { return {Kind::Static, size}; }
  static StateDim batch() { return {Kind::Batch, 1}; }
  static StateDim capacity(int64_t block) { return {Kind::Capacity, block}; }
};

struct StateComponent {
  ElementType type = ElementType::F32;
  /// Outermost first, at most one of kind Capacity. Tokens fill that dimension
  /// from the front: what lies past the tokens so far is never read.
  std::vector<StateDim> dims;
  double fill = 0; ///< what a fresh component holds
};

struct State {
  std::string name;
  std::string kind;                       ///< "kv", "matrix", "shift", "position", …
  std::vector<StateComponent> components; ///< 1 to SEQ_ABI_STATE_COMPONENTS
  /// Whether the number of tokens is limited by the context's capacity. Needed
  /// when a component has a Capacity dimension.
  bool hasCapacity = false;
};

/// Packed weights, in the order in which compiled code indexes them.
struct Parameter {
  std::string name;
  std::string type;           ///< logical element type, such as "f32" or "q4_1"
  std::vector<int64_t> shape; ///< logical shape
  std::string packing;        ///< layout of the bytes, "" for row-major
  uint32_t section = 0;       ///< index into Module::sections
  uint64_t offset = 0;        ///< within the section, aligned to 64
  uint64_t size = 0;          ///< bytes
};

/// Where an export is in a code image, as virtual addresses of the image.
struct Entry {
  uint64_t function = 0; ///< a seq_abi_export
  uint64_t arena = 0;    ///< a seq_abi_export_arena; 0: needs no arena
};

/// Code for one kind of machine.
struct Target {
  std::string name;                  ///< such as "x86-64-v3"
  std::string device = "cpu";        ///< the runtime passes over devices it lacks
  std::vector<std::string> features; ///< as LLVM spells them: avx2, fma, …
  int32_t rank = 0;                  ///< higher is preferred
  uint32_t abiVersion = 0;           ///< SEQ_ABI_VERSION of the code
  uint32_t section = 0;              ///< the code image
  std::vector<Entry> entries;        ///< one for each export
};

/// XXH3, 128 bits: low and high half.
using Digest = std::array<uint64_t, 2>;

struct Section {
  std::string kind; ///< "code", "weights", "tokenizer", "debug", …
  std::string name;
  /// Empty: in the module file. Otherwise the name (no folder) of the file
  /// beside the module that consists of this section.
  std::string file;
  uint64_t offset = 0; ///< in its file, aligned to 64
  uint64_t size = 0;
  Digest digest = {0, 0};
};

/// Section kinds that have a meaning here; others are carried along.
inline constexpr std::string_view codeSection = "code";
inline constexpr std::string_view weightsSection = "weights";
inline constexpr std::string_view tokenizerSection = "tokenizer";
inline constexpr std::string_view debugSection = "debug";

struct Module {
  std::string producer;
  std::string name; ///< of the model
  std::vector<std::pair<std::string, std::string>> metadata;
  int64_t contextLength = 0;       ///< most tokens of a context, 0: no limit
  int64_t vocabularySize = 0;      ///< 0: no vocabulary
  std::vector<int64_t> stopTokens; ///< each ends a generation; the tokenizer may name more
  std::vector<Export> exports;
  std::vector<State> states;
  std::vector<Parameter> parameters;
  std::vector<Target> targets;
  std::vector<Section> sections;
};

} // namespace seqc::file

#endif // SEQ_MODULE_MODULE_H
