//===- Norm.cpp - Norms of the innermost dimension ------------------------===//
//
// All four norms are y = (x - mean) * factor * gain + bias over a row, or over each of
// its groups: rms and l2 have no mean, and they differ in how the factor follows from
// the sum of squares. A row is read twice (three times with a mean, since centred
// squares keep their digits where E[x^2] - E[x]^2 loses them); it stays in the L1 cache.
// A gate is a factor silu(gate) of y, or of x, whose product is then kept in y first.
//
//===----------------------------------------------------------------------===//

#include "Pieces.h"
#include "Rows.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "seq/Conversion/Activations.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Sums run in so many chains, so that additions do not wait for each other.
constexpr int64_t kChains = 4;

/// What a norm op asks for.
struct Norm {
  int64_t groups = 1;
  bool centred = false; ///< subtracts the mean
  bool weight = false, bias = false;
  bool gate = false;
  bool gateFirst = false; ///< gates x, not y
  double weightOffset = 0;
  double eps = 0;
  bool sum = false;        ///< of squares, instead of their mean
  bool epsIsFloor = false; ///< max(root, eps) instead of sqrt(... + eps)
};

Norm describe(Operation *op) {
  Norm norm;
  TypeSwitch<Operation *>(op)
      .Case([&](mlir::seq::RmsNormOp rms) {
        norm.weight = static_cast<bool>(rms.getWeight());
        norm.weightOffset = rms.getWeightOffset().convertToDouble();
        norm.eps = rms.getEps().convertToDouble();
        norm.groups = static_cast<int64_t>(rms.getGroups());
        norm.gate = static_cast<bool>(rms.getGate());
        norm.gateFirst = rms.getGateFirst();
      })
      .Case([&](mlir::seq::L2NormOp l2) {
        norm.sum = true;
        norm.epsIsFloor = l2.getMode() == mlir::seq::EpsMode::Max;
        norm.eps = l2.getEps().convertToDouble();
      })
      .Case<mlir::seq::LayerNormOp, mlir::seq::GroupNormOp>([&](auto layer) {
        norm.centred = true;
        norm.weight = static_cast<bool>(layer.getWeight());
        norm.bias = static_cast<bool>(layer.getBias());
        norm.eps = layer.getEps().convertToDouble();
        if constexpr (std::is_same_v<decltype(layer), mlir::seq::GroupNormOp>) {
          norm.groups = static_cast<int64_t>(layer.getGroups());
          norm.gate = static_cast<bool>(layer.getGate());
          norm.gateFirst = layer.getGateFirst();
        }
      });
  return norm;
}

/// Emits the norm of one group of one row.
class GroupEmitter {
public:
  GroupEmitter(KernelBuilder &b, const Norm &norm, int64_t width) : b(b), norm(norm), width(width) {}

  Value x, y, weight, bias;
  Value gate;                             ///< null: none
  SmallVector<Value> xRow, yRow, gateRow; ///< indices of the row in x, y and gate
  Value start;                            ///< of the group in the row

  void emit() {
    if (gate && norm.gateFirst) {
      b.vectorLoop(b.index(width), [&](Value i, Value rest) { store(gated(loadX(i, rest), i, rest), i, rest); });
      x = y;
      xRow = yRow;
    }
    Value mean;
    if (norm.centred)
      mean = b.mul(sum([&](Value sum, Value i, Value rest) { return b.add(sum, loadX(i, rest)); }), b.f32(1.0 / width));
    Value meanVector = mean ? b.broadcast(mean) : Value();
    Value squares = sum([&](Value sum, Value i, Value rest) {
      Value value = loadX(i, rest);
      if (meanVector)
        value = b.sub(value, meanVector);
      if (meanVector && rest)
        value = keepFirst(value, rest);
      return b.fma(value, value, sum);
    });
    Value factorVector = b.broadcast(factor(squares));
    b.vectorLoop(b.index(width), [&](Value i, Value rest) { writeVector(i, rest, meanVector, factorVector); });
  }

private:
  Value at(Value i) { return b.add(start, i); }

  Value load(Value memref, ArrayRef<Value> indices, Value rest) {
    return rest ? b.loadMasked(memref, indices, rest) : b.loadVector(memref, indices);
  }
  Value loadX(Value i, Value rest) { return load(x, join(xRow, at(i)), rest); }
  void store(Value value, Value i, Value rest) {
    if (rest)
      b.storeMasked(value, y, join(yRow, at(i)), rest);
    else
      b.storeVector(value, y, join(yRow, at(i)));
  }
  Value gated(Value value, Value i, Value rest) {
    Value factor = load(gate, join(gateRow, at(i)), rest);
    return b.mul(value, seqc::emitActivation(b, b.getLoc(), mlir::seq::Activation::Silu, factor));
  }

  Value keepFirst(Value vector, Value count) {
    auto maskType = VectorType::get({b.target.lanes()}, b.getI1Type());
    Value mask = vector::CreateMaskOp::create(b, maskType, count);
    return arith::SelectOp::create(b, mask, vector, b.splat(0));
  }

  /// Adds up `accumulate` over the vectors of the group; masked lanes read as 0.
  Value sum(llvm::function_ref<Value(Value, Value, Value)> accumulate) {
    int64_t lanes = b.target.lanes(), step = lanes * kChains, main = width / step * step;
    SmallVector<Value> sums(kChains, b.splat(0));
    if (main > 0)
      sums = b.loop(b.index(0), b.index(main), step, sums, [&](Value i, ValueRange carried) {
        SmallVector<Value> next;
        for (int64_t chain = 0; chain < kChains; ++chain)
          next.push_back(accumulate(carried[chain], b.addIndex(i, chain * lanes), Value()));
        return next;
      });
    for (int64_t i = main, chain = 0; i < width; i += lanes, ++chain) {
      Value rest = i + lanes <= width ? Value() : b.index(width - i);
      sums[chain] = accumulate(sums[chain], b.index(i), rest);
    }
    return b.reduceAdd(b.add(b.add(sums[0], sums[1]), b.add(sums[2], sums[3])));
  }

  Value factor(Value squares) {
    Value size = norm.sum ? squares : b.mul(squares, b.f32(1.0 / width));
    if (!norm.epsIsFloor)
      size = b.add(size, b.f32(norm.eps));
    Value root = math::SqrtOp::create(b, size);
    if (norm.epsIsFloor)
      root = b.max(root, b.f32(norm.eps));
    return b.div(b.f32(1), root);
  }

  void writeVector(Value i, Value rest, Value mean, Value factor) {
    Value value = loadX(i, rest);
    if (mean)
      value = b.sub(value, mean);
    value = b.mul(value, factor);
    Value gain = weight ? load(weight, {at(i)}, rest) : Value();
    if (gain && norm.weightOffset != 0)
      gain = b.add(gain, b.splat(norm.weightOffset));
    if (gain && bias)
      value = b.fma(value, gain, load(bias, {at(i)}, rest));
    else if (gain)
      value = b.mul(value, gain);
    else if (bias)
      value = b.add(value, load(bias, {at(i)}, rest));
    if (gate && !norm.gateFirst)
      value = gated(value, i, rest);
    store(value, i, rest);
  }

  KernelBuilder &b;
  const Norm &norm;
  int64_t width;
};

} // namespace

LogicalResult seqc::cpu::emitNorm(Operation *op, func::FuncOp kernel, KernelBuilder &b) {
  Norm norm = describe(op);
  Value x = kernel.getArgument(0), y = kernel.getArguments().back();
  auto type = cast<MemRefType>(x.getType());
  int64_t width = type.getShape().back() / norm.groups;
  GroupEmitter group(b, norm, width);
  unsigned next = 1;
  if (norm.weight)
    group.weight = kernel.getArgument(next++);
  if (norm.bias)
    group.bias = kernel.getArgument(next++);

  Rows from(b, x), to(b, y), gates(b, norm.gate ? kernel.getArgument(next) : x);
  group.x = from.memory();
  group.y = to.memory();
  if (norm.gate)
    group.gate = gates.memory();
  b.parallel(from.count(), grainOf(type.getShape().back() / 2), [&](Value row, Value) {
    GroupEmitter ofRow = group;
    ofRow.xRow = from.at(b, row);
    ofRow.yRow = to.at(b, row);
    if (norm.gate)
      ofRow.gateRow = gates.at(b, row);
    b.loop(b.index(0), b.index(norm.groups), 1, [&](Value g) {
      ofRow.start = b.mul(g, b.index(width));
      ofRow.emit();
    });
  });
  return success();
}
