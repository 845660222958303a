//===- Pack.cpp - Packing matrices at run time ----------------------------===//

#include "PackedMatrix.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc::cpu;

/// Any float as f32.
static Value toF32(KernelBuilder &b, Value value) {
  if (value.getType().isF32())
    return value;
  if (value.getType().isF64())
    return arith::TruncFOp::create(b, b.getF32Type(), value);
  return arith::ExtFOp::create(b, b.getF32Type(), value);
}

LogicalResult seqc::cpu::emitPack(PackOp op, func::FuncOp kernel, KernelBuilder &b) {
  auto packing = cast<PackingType>(op.getPacking());
  if (!packing.getFormat().isF32())
    return op.emitOpError("packs in f32 only, not in ") << packing.getFormat();
  constexpr int64_t panelOutputs = PackingType::kPanel;
  Value matrix = kernel.getArgument(0);
  auto flat = MemRefType::get({packing.getBytes() / 4}, b.getF32Type());
  Value panels = memref::ViewOp::create(b, flat, kernel.getArgument(1), b.index(0), ValueRange());
  Value outputs = b.index(packing.getOutputs()), inputs = b.index(packing.getInputs());
  bool isStack = cast<MemRefType>(matrix.getType()).getRank() == 3;
  // Element (k, column) of a panel is input k of its output `column`.
  b.parallel(b.index(packing.getMatrices() * packing.getPanels()), 1, [&](Value panel, Value) {
    Value number = b.floorDiv(panel, packing.getPanels());
    Value first = b.mul(b.rem(panel, packing.getPanels()), b.index(panelOutputs));
    auto element = [&](Value output, Value k) {
      SmallVector<Value> at = op.getTransposed() ? SmallVector<Value>{k, output} : SmallVector<Value>{output, k};
      if (isStack)
        at.insert(at.begin(), number);
      return toF32(b, b.load(matrix, at));
    };
    b.loop(b.index(0), b.index(panelOutputs), 1, [&](Value column) {
      Value output = b.add(first, column);
      Value exists = b.less(output, outputs);
      Value source = b.min(output, b.index(packing.getOutputs() - 1)); // padding reads the last output
      b.loop(b.index(0), inputs, 1, [&](Value k) {
        Value padded = arith::SelectOp::create(b, exists, element(source, k), b.f32(0));
        Value row = b.add(b.mul(panel, inputs), k);
        b.store(padded, panels, b.add(b.mul(row, b.index(panelOutputs)), column));
      });
    });
  });
  return success();
}
