//===- Packing.cpp - From a weight's file form to packed bytes ------------===//

#include "seq/Codegen/CPU/Packing.h"
#include "BlockFormats.h"
#include "llvm/Support/Parallel.h"
#include <cstring>

using namespace mlir;
using namespace mlir::seq;
using namespace seqc;
using namespace seqc::cpu;

namespace {

constexpr int64_t kPanel = PackingType::kPanel;

float readFloat(Type element, const char *bytes) {
  if (element.isF32()) {
    float value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }
  if (element.isF64()) {
    double value;
    std::memcpy(&value, bytes, sizeof value);
    return static_cast<float>(value);
  }
  uint16_t half;
  std::memcpy(&half, bytes, sizeof half);
  if (element.isF16())
    return halfToFloat(half);
  uint32_t wide = static_cast<uint32_t>(half) << 16; // bf16 is the upper half of f32
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

int64_t elementsOf(const SourceView &view) {
  int64_t count = 1;
  for (int64_t extent : view.shape)
    count *= extent;
  return count;
}

/// Where the element with a row-major number lies, in elements.
int64_t offsetOf(const SourceView &view, int64_t number) {
  int64_t offset = 0;
  for (int64_t d = static_cast<int64_t>(view.shape.size()) - 1; d >= 0; --d) {
    offset += number % view.shape[d] * view.strides[d];
    number /= view.shape[d];
  }
  return offset;
}

/// `count` elements from the row-major number `first` on, `step` numbers apart, as f32.
void readValues(const SourceView &view, int64_t first, int64_t step, int64_t count, float *values) {
  int64_t bytes = view.element.getIntOrFloatBitWidth() / 8;
  int64_t inner = view.shape.empty() ? 1 : view.shape.back();
  for (int64_t i = 0; i < count;) {
    int64_t number = first + i * step;
    const char *at = view.data + offsetOf(view, number) * bytes;
    // As far as the innermost dimension goes, elements are a constant distance apart.
    int64_t run = step == 1 ? std::min(count - i, inner - number % inner) : 1;
    int64_t distance = view.strides.empty() ? bytes : view.strides.back() * bytes;
    for (int64_t j = 0; j < run; ++j)
      values[i + j] = readFloat(view.element, at + j * distance);
    i += run;
  }
}

/// The rows (outputs) of a matrix that is made of parts.
class Rows {
public:
  Rows(ArrayRef<SourceView> parts, bool transposed, int64_t inputs)
      : parts(parts), transposed(transposed), inputs(inputs) {
    for (const SourceView &part : parts)
      ends.push_back((ends.empty() ? 0 : ends.back()) + elementsOf(part) / inputs);
  }

  int64_t size() const { return ends.back(); }

  /// Block `number` of a row, if it is stored in blocks of this format.
  std::optional<QuantBlock> block(Type format, int64_t row, int64_t number) const {
    const SourceView &part = partOf(row);
    if (part.element != format)
      return std::nullopt;
    return readBlock(format, blockAddress(part, row, number));
  }

  void values(int64_t row, float *out) const {
    const SourceView &part = partOf(row);
    if (transposed)
      return readValues(part, row, size(), inputs, out);
    if (!getBlockFormat(part.element))
      return readValues(part, row * inputs, 1, inputs, out);
    for (int64_t i = 0; i < inputs / 32; ++i)
      dequantise(part.element, readBlock(part.element, blockAddress(part, row, i)), out + 32 * i);
  }

private:
  /// Finds the part of a row, which becomes the row within it.
  const SourceView &partOf(int64_t &row) const {
    size_t i = llvm::upper_bound(ends, row) - ends.begin();
    row -= i ? ends[i - 1] : 0;
    return parts[i];
  }

  static const char *blockAddress(const SourceView &part, int64_t row, int64_t number) {
    BlockFormat format = *getBlockFormat(part.element);
    int64_t rowStride = part.strides[part.strides.size() - 2];
    return part.data + (row * rowStride / format.elements + number) * format.bytes;
  }

  ArrayRef<SourceView> parts;
  bool transposed;
  int64_t inputs;
  SmallVector<int64_t> ends; ///< the row behind each part's last one
};

/// Whether quantised values are rows of whole blocks, an equal distance apart.
bool isWholeRows(const SourceView &part) {
  size_t rank = part.shape.size();
  if (rank < 2 || part.strides[rank - 1] != 1 || part.strides[rank - 2] % 32 != 0)
    return false;
  for (size_t d = 0; d + 2 < rank; ++d)
    if (part.strides[d] != part.strides[d + 1] * part.shape[d + 1])
      return false;
  return true;
}

void putHalf(uint8_t *at, uint16_t bits) { std::memcpy(at, &bits, sizeof bits); }

/// Puts a block into lane `lane` of a record.
void putBlock(PackingType packing, const QuantBlock &block, int64_t lane, uint8_t *record) {
  putHalf(record + 2 * lane, block.scale);
  record += 2 * kPanel;
  if (isa<Q4_1Type>(packing.getFormat())) {
    putHalf(record + 2 * lane, block.minimum);
    record += 2 * kPanel;
  }
  int64_t bits = isa<Q8_0Type>(packing.getFormat()) ? 8 : 4, each = 32 / bits;
  uint32_t mask = (1u << bits) - 1;
  for (int64_t i = 0; i < 32 / each; ++i) {
    uint32_t word = 0;
    for (int64_t j = 0; j < each; ++j)
      word |= (static_cast<uint32_t>(block.quants[each * i + j]) & mask) << (bits * j);
    std::memcpy(record + 4 * (i * kPanel + lane), &word, sizeof word);
  }
}

void putFloat(Type format, float value, int64_t number, uint8_t *panel) {
  if (format.isF32()) {
    std::memcpy(panel + 4 * number, &value, sizeof value);
    return;
  }
  uint16_t half;
  if (format.isF16()) {
    half = floatToHalf(value);
  } else { // bf16, to nearest even
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    half = static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }
  putHalf(panel + 2 * number, half);
}

void packRow(PackingType packing, const Rows &rows, int64_t row, int64_t lane, uint8_t *panel) {
  Type format = packing.getFormat();
  int64_t inputs = packing.getInputs();
  bool blocks = getBlockFormat(format).has_value();
  if (blocks && rows.block(format, row, 0)) {
    for (int64_t i = 0; i < inputs / 32; ++i)
      putBlock(packing, *rows.block(format, row, i), lane, panel + i * packing.getRecordBytes());
    return;
  }
  std::vector<float> values(inputs);
  rows.values(row, values.data());
  if (!blocks) {
    for (int64_t k = 0; k < inputs; ++k)
      putFloat(format, values[k], k * kPanel + lane, panel);
    return;
  }
  for (int64_t i = 0; i < inputs / 32; ++i)
    putBlock(packing, quantise(format, &values[32 * i]), lane, panel + i * packing.getRecordBytes());
}

} // namespace

llvm::Error seqc::cpu::packMatrix(PackingType packing, ArrayRef<SourceView> parts, bool transposed,
                                  MutableArrayRef<uint8_t> bytes) {
  if (transposed && parts.size() != 1)
    return llvm::createStringError("a transposed matrix can not be made of parts");
  for (const SourceView &part : parts)
    if (getBlockFormat(part.element) && !isWholeRows(part))
      return llvm::createStringError("a view of quantised values is whole rows");
  Rows rows(parts, transposed, packing.getInputs());
  int64_t outputs = packing.getOutputs(), expected = outputs * packing.getMatrices();
  if (rows.size() != expected)
    return llvm::createStringError("the values are " + llvm::Twine(rows.size()) + " rows, expected " +
                                   llvm::Twine(expected));
  std::fill(bytes.begin(), bytes.end(), 0);
  llvm::parallelFor(0, packing.getMatrices() * packing.getPanels(), [&](size_t number) {
    uint8_t *panel = bytes.data() + number * packing.getPanelBytes();
    int64_t matrix = static_cast<int64_t>(number) / packing.getPanels();
    int64_t first = static_cast<int64_t>(number) % packing.getPanels() * kPanel;
    for (int64_t row = first; row < std::min(first + kPanel, outputs); ++row)
      packRow(packing, rows, matrix * outputs + row, row - first, panel);
  });
  return llvm::Error::success();
}

llvm::Error seqc::cpu::convertDense(ArrayRef<SourceView> parts, MutableArrayRef<uint8_t> bytes) {
  auto *out = reinterpret_cast<float *>(bytes.data());
  for (const SourceView &part : parts) {
    if (getBlockFormat(part.element))
      return llvm::createStringError("quantised values can only be the matrices of linear layers and embeddings");
    readValues(part, 0, 1, elementsOf(part), out);
    out += elementsOf(part);
  }
  return llvm::Error::success();
}
