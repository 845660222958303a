//===- Transpose.cpp - Square tiles in registers --------------------------===//

#include "Transpose.h"

using namespace mlir;
using namespace seqc::cpu;

SmallVector<Value> seqc::cpu::emitTranspose(KernelBuilder &b, SmallVector<Value> rows) {
  int64_t lanes = b.target.lanes();
  // Eklundh's method: exchange the off-diagonal quarters, then the same within each quarter.
  for (int64_t step = lanes / 2; step > 0; step /= 2) {
    SmallVector<int64_t> upper, lower; // numbers from `lanes` on are elements of the second vector
    for (int64_t lane = 0; lane < lanes; ++lane) {
      bool second = lane & step;
      upper.push_back(second ? lanes + lane - step : lane);
      lower.push_back(second ? lanes + lane : lane + step);
    }
    for (int64_t i = 0; i < lanes; ++i) {
      if (i & step)
        continue;
      Value first = rows[i], other = rows[i + step];
      rows[i] = vector::ShuffleOp::create(b, first, other, upper);
      rows[i + step] = vector::ShuffleOp::create(b, first, other, lower);
    }
  }
  return rows;
}

void seqc::cpu::emitColumns(KernelBuilder &b, int64_t width, llvm::function_ref<Value(int64_t, int64_t, int64_t)> load,
                            llvm::function_ref<void(int64_t, Value)> write) {
  int64_t lanes = b.target.lanes();
  for (int64_t start = 0; start < width; start += lanes) {
    int64_t count = std::min(lanes, width - start);
    SmallVector<Value> rows;
    for (int64_t lane = 0; lane < lanes; ++lane)
      rows.push_back(load(lane, start, count));
    rows = emitTranspose(b, rows);
    for (int64_t k = 0; k < count; ++k)
      write(start + k, rows[k]);
  }
}
