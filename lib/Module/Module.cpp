#include "seq/Module/Module.h"

namespace seqc::file {

namespace {
struct ElementInfo {
  std::string_view name;
  uint64_t size;
};
} // namespace

/// In the order of ElementType.
static constexpr ElementInfo elements[] = {
    {"bool", 1}, {"i8", 1},  {"i16", 2}, {"i32", 4},  {"i64", 8}, {"u8", 1},  {"u16", 2},
    {"u32", 4},  {"u64", 8}, {"f16", 2}, {"bf16", 2}, {"f32", 4}, {"f64", 8},
};
static_assert(std::size(elements) == size_t(lastElementType) + 1);

uint64_t elementSize(ElementType type) { return elements[size_t(type)].size; }

std::string_view elementName(ElementType type) { return elements[size_t(type)].name; }

std::optional<ElementType> parseElementType(std::string_view name) {
  for (size_t i = 0; i < std::size(elements); ++i)
    if (elements[i].name == name)
      return ElementType(i);
  return std::nullopt;
}

} // namespace seqc::file
