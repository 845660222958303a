//===- Rotary.cpp - Rotary position embedding -----------------------------===//
//
// Angles are positions times frequencies, up to millions of radians where f32 has lost
// all digits of the phase: they are reduced to [-pi/4, pi/4] in f64, and only then
// sine and cosine are polynomials in f32. That is done once a token; all heads share it.
//
//===----------------------------------------------------------------------===//

#include "Pieces.h"
#include "Rows.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace seqc::cpu;

namespace {

/// Minimax polynomials on [-pi/4, pi/4] in z = r^2: sin r = r + r z S(z) (0.7 ulp) and
/// cos r = 1 - z/2 + z^2 C(z) (1.3 ulp).
constexpr double kSin[] = {-0.16666654591355035, 0.00833215958630649, -0.0001951512044752882};
constexpr double kCos[] = {0.04166664565091947, -0.0013887314659674654, 2.4432971156080178e-05};
constexpr double kTwoOverPi = 0.63661977236758134308;
/// pi/2 = kHalfPi + kHalfPiLow to twice the digits of f64.
constexpr double kHalfPi = 1.57079632679489661923, kHalfPiLow = 6.123233995736766e-17;

struct SinCos {
  Value sin, cos;
};

/// Emits the rotation of one kernel.
class RotaryEmitter {
public:
  RotaryEmitter(mlir::seq::RotaryOp op, func::FuncOp kernel, KernelBuilder &b)
      : b(b), lanes(b.target.lanes()), interleaved(op.getLayout() == mlir::seq::RotaryLayout::Interleaved),
        magnitude(op.getMagnitude().convertToDouble()), frequencies(op.getPairFrequencies()),
        pairs(static_cast<int64_t>(frequencies.size())), x(kernel.getArgument(0)), positions(kernel.getArgument(1)),
        y(kernel.getArgument(2)) {}

  void emit() {
    int64_t padded = llvm::divideCeil(pairs, lanes) * lanes;
    // Interleaved pairs have their cosine twice, and their sine with both signs.
    int64_t columns = interleaved ? 2 * padded : padded;
    Value table = b.scratch({b.workers(), b.getIndexAttr(2), b.getIndexAttr(columns)});
    auto type = cast<MemRefType>(x.getType());
    int64_t heads = type.isDynamicDim(2) ? 1 : type.getDimSize(2);
    Value time = b.dim(x, 1), count = b.mul(b.dim(x, 0), time);
    b.parallel(count, grainOf(heads * type.getDimSize(3) / 2), [&](Value token, Value worker) {
      Value row = arith::DivUIOp::create(b, token, time), t = arith::RemUIOp::create(b, token, time);
      writeTable(b.load(positions, {row, t}), table, worker);
      b.loop(b.index(0), b.dim(x, 2), 1, [&](Value head) {
        SmallVector<Value> at{row, t, head};
        if (interleaved)
          rotateNeighbours(at, table, worker);
        else
          rotateHalves(at, table, worker);
        copyRest(at);
      });
    });
  }

private:
  Value splat64(double value) {
    auto type = VectorType::get({lanes}, b.getF64Type());
    return arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, ArrayRef(value)));
  }

  Value frequenciesFrom(int64_t first) {
    SmallVector<double> values(lanes, 0.0);
    for (int64_t i = 0; i < lanes && first + i < pairs; ++i)
      values[i] = frequencies[first + i];
    auto type = VectorType::get({lanes}, b.getF64Type());
    return arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, ArrayRef<double>(values)));
  }

  Value polynomial(Value z, ArrayRef<double> coefficients) {
    Value p = b.splat(coefficients.back());
    for (double c : llvm::reverse(coefficients.drop_back()))
      p = b.fma(p, z, b.splat(c));
    return p;
  }

  /// Sine and cosine, times the magnitude, of a vector of angles in f64.
  SinCos sinCos(Value angle) {
    Value quadrant = math::RoundEvenOp::create(b, b.mul(angle, splat64(kTwoOverPi)));
    Value reduced = b.fma(quadrant, splat64(-kHalfPi), angle);
    reduced = b.fma(quadrant, splat64(-kHalfPiLow), reduced);
    Value r = arith::TruncFOp::create(b, b.vec(), reduced);
    Value z = b.mul(r, r);
    Value sin = b.fma(b.mul(r, z), polynomial(z, kSin), r);
    Value cos = b.fma(b.mul(z, z), polynomial(z, kCos), b.fma(z, b.splat(-0.5), b.splat(1)));
    return turn({sin, cos}, quadrant);
  }

  /// Turns by `quadrant` right angles.
  SinCos turn(SinCos value, Value quadrant) {
    auto intType = VectorType::get({lanes}, b.getI32Type());
    auto constant = [&](int32_t i) -> Value {
      return arith::ConstantOp::create(b, intType, DenseElementsAttr::get(intType, ArrayRef(i)));
    };
    Value q = arith::FPToSIOp::create(b, intType, quadrant);
    auto bitSet = [&](Value bits, int32_t bit) -> Value {
      Value masked = arith::AndIOp::create(b, bits, constant(bit));
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, masked, constant(0));
    };
    Value odd = bitSet(q, 1);
    Value sin = arith::SelectOp::create(b, odd, value.cos, value.sin);
    Value cos = arith::SelectOp::create(b, odd, value.sin, value.cos);
    Value plus = b.splat(magnitude), minus = b.splat(-magnitude);
    // sin is negative in quadrants 2 and 3, cos in 1 and 2.
    Value sinSign = arith::SelectOp::create(b, bitSet(q, 2), minus, plus);
    Value cosSign = arith::SelectOp::create(b, bitSet(b.add(q, constant(1)), 2), minus, plus);
    return {b.mul(sin, sinSign), b.mul(cos, cosSign)};
  }

  void writeTable(Value position, Value table, Value worker) {
    Value scalar = arith::SIToFPOp::create(b, b.getF64Type(), position);
    Value vector = b.broadcast(scalar);
    for (int64_t first = 0; first < pairs; first += lanes) {
      SinCos value = sinCos(b.mul(vector, frequenciesFrom(first)));
      if (!interleaved) {
        b.storeVector(value.cos, table, {worker, b.index(0), b.index(first)});
        b.storeVector(value.sin, table, {worker, b.index(1), b.index(first)});
        continue;
      }
      Value minusSin = b.neg(value.sin);
      for (int64_t half = 0; half < 2; ++half) {
        Value column = b.index(2 * first + half * lanes);
        b.storeVector(interleave(value.cos, value.cos, half), table, {worker, b.index(0), column});
        b.storeVector(interleave(minusSin, value.sin, half), table, {worker, b.index(1), column});
      }
    }
  }

  /// Half 0 or 1 of a0 b0 a1 b1 …
  Value interleave(Value even, Value odd, int64_t half) {
    SmallVector<int64_t> order;
    for (int64_t i = half * lanes / 2; i < (half + 1) * lanes / 2; ++i)
      order.append({i, lanes + i});
    return vector::ShuffleOp::create(b, even, odd, order);
  }

  Value load(ArrayRef<Value> at, Value channel, Value rest) {
    return rest ? b.loadMasked(x, join(at, channel), rest) : b.loadVector(x, join(at, channel));
  }
  void store(Value value, ArrayRef<Value> at, Value channel, Value rest) {
    if (rest)
      b.storeMasked(value, y, join(at, channel), rest);
    else
      b.storeVector(value, y, join(at, channel));
  }

  /// Pairs (i, i + dims/2).
  void rotateHalves(SmallVector<Value> at, Value table, Value worker) {
    b.vectorLoop(b.index(pairs), [&](Value i, Value rest) {
      Value other = b.addIndex(i, pairs);
      Value low = load(at, i, rest), high = load(at, other, rest);
      Value cos = b.loadVector(table, {worker, b.index(0), i}), sin = b.loadVector(table, {worker, b.index(1), i});
      store(b.sub(b.mul(low, cos), b.mul(high, sin)), at, i, rest);
      store(b.fma(high, cos, b.mul(low, sin)), at, other, rest);
    });
  }

  /// Pairs (2i, 2i + 1).
  void rotateNeighbours(SmallVector<Value> at, Value table, Value worker) {
    SmallVector<int64_t> swapped;
    for (int64_t i = 0; i < lanes; ++i)
      swapped.push_back(i ^ 1);
    b.vectorLoop(b.index(2 * pairs), [&](Value i, Value rest) {
      Value value = load(at, i, rest);
      Value partner = vector::ShuffleOp::create(b, value, value, swapped);
      Value cos = b.loadVector(table, {worker, b.index(0), i}), sin = b.loadVector(table, {worker, b.index(1), i});
      store(b.fma(partner, sin, b.mul(value, cos)), at, i, rest);
    });
  }

  void copyRest(ArrayRef<Value> at) {
    int64_t first = 2 * pairs, width = constantDim(x, 3);
    for (int64_t i = first; i < width; i += lanes) {
      Value rest = i + lanes <= width ? Value() : b.index(width - i);
      store(load(at, b.index(i), rest), at, b.index(i), rest);
    }
  }

  KernelBuilder &b;
  int64_t lanes;
  bool interleaved;
  double magnitude;
  SmallVector<double> frequencies;
  int64_t pairs;
  Value x, positions, y;
};

} // namespace

LogicalResult seqc::cpu::emitRotary(mlir::seq::RotaryOp op, func::FuncOp kernel, KernelBuilder &b) {
  RotaryEmitter(op, kernel, b).emit();
  return success();
}
