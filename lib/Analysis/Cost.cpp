//===- Cost.cpp - What an op costs ----------------------------------------===//

#include "seq/Analysis/Cost.h"
#include "CostCounter.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc;

Amount &Amount::operator+=(const Amount &other) {
  perCall += other.perCall;
  perRow += other.perRow;
  perToken += other.perToken;
  perKey += other.perKey;
  perPair += other.perPair;
  return *this;
}

Cost &Cost::operator+=(const Cost &other) {
  flops += other.flops;
  exps += other.exps;
  weights += other.weights;
  states += other.states;
  activations += other.activations;
  return *this;
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

double CostCounter::bytesOf(Type element) {
  if (auto format = getBlockFormat(element))
    return static_cast<double>(format->bytes) / static_cast<double>(format->elements);
  return std::max(1.0, element.getIntOrFloatBitWidth() / 8.0);
}

void CostCounter::perToken(Amount &amount, double count) const {
  bool hasTime = like.getRank() > 1, rows = like.getRank() > 0 && like.isDynamicDim(0);
  if (like.getRank() > 0 && !rows)
    count *= static_cast<double>(like.getDimSize(0));
  if (hasTime && like.isDynamicDim(1))
    amount.perToken += count;
  else
    (rows ? amount.perRow : amount.perCall) += hasTime ? count * static_cast<double>(like.getDimSize(1)) : count;
}

void CostCounter::perRow(Amount &amount, double count) const {
  if (like.isDynamicDim(0))
    amount.perRow += count;
  else
    amount.perCall += count * static_cast<double>(like.getDimSize(0));
}

void CostCounter::perSeen(Amount &ofToken, double perPair, Amount &ofRow, double perKey) const {
  double rows = like.isDynamicDim(0) ? 1 : static_cast<double>(like.getDimSize(0));
  if (like.isDynamicDim(1))
    ofToken.perPair += rows * perPair;
  else
    ofToken.perKey += rows * perPair * static_cast<double>(like.getDimSize(1));
  ofRow.perKey += rows * perKey;
}

void CostCounter::sequences(ValueRange values) {
  for (Value value : values) {
    auto type = value ? dyn_cast<RankedTensorType>(value.getType()) : RankedTensorType();
    if (!type)
      continue;
    double count = 1;
    for (int64_t extent : type.getShape().drop_front(std::min<int64_t>(2, type.getRank())))
      count *= static_cast<double>(extent);
    perToken(cost.activations, count * bytesOf(type.getElementType()));
  }
}

void CostCounter::constants(ValueRange values) {
  for (Value value : values)
    if (auto type = value ? dyn_cast<RankedTensorType>(value.getType()) : RankedTensorType();
        type && type.hasStaticShape())
      cost.weights.perCall += static_cast<double>(type.getNumElements()) * bytesOf(type.getElementType());
}

/// The bytes of a row of a state.
static double rowBytes(StateType type) {
  double bytes = CostCounter::bytesOf(type.getElementType());
  for (int64_t extent : type.getShape())
    bytes *= static_cast<double>(extent);
  return bytes;
}

void CostCounter::states(ValueRange given) {
  for (Value value : given)
    if (auto type = dyn_cast<StateType>(value.getType()))
      perRow(cost.states, 2 * rowBytes(type));
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

namespace {

double innermost(Value value) { return static_cast<double>(cast<RankedTensorType>(value.getType()).getShape().back()); }

/// Elements of a token.
double elementsOf(Value value) {
  double count = 1;
  auto shape = cast<RankedTensorType>(value.getType()).getShape();
  for (int64_t extent : shape.drop_front(std::min<size_t>(2, shape.size())))
    count *= static_cast<double>(extent);
  return count;
}

/// FLOPs and exps of an activation function of one element.
std::pair<double, double> activationCost(Activation function) {
  switch (function) {
  case Activation::Identity:
    return {0, 0};
  case Activation::Relu:
    return {1, 0};
  case Activation::Relu2:
    return {2, 0};
  case Activation::Softplus:
    return {2, 2};
  default:
    return {3, 1}; // a sigmoid, tanh or erf, and what it is multiplied by
  }
}

void count(CostCounter &c, LinearOp op) {
  double outputs = op.getOutputs(), inputs = op.getInputs();
  c.perToken(c.cost.flops, outputs * (2 * inputs + (op.getBias() ? 1 : 0)));
  c.constants({op.getWeight(), op.getBias()});
  c.sequences({op.getX(), op.getY()});
}

void count(CostCounter &c, PackedLinearOp op) {
  auto packing = cast<PackingType>(op.getPacking());
  double outputs = packing.getOutputs(), inputs = packing.getInputs();
  c.perToken(c.cost.flops, outputs * (2 * inputs + (op.getBias() ? 1 : 0) + (op.getResidual() ? 1 : 0)));
  c.cost.weights.perCall += static_cast<double>(packing.getBytes());
  c.constants(op.getBias());
  c.sequences({op.getX(), op.getResidual(), op.getY()});
}

/// Layers of chosen experts: many tokens read all matrices, one token those that it chose.
void countExperts(CostCounter &c, Value x, Value indices, Value y, double outputs, double inputs, double matrices,
                  double matrixBytes) {
  auto type = cast<RankedTensorType>(indices.getType());
  double chosen = static_cast<double>(type.getShape().back());
  c.perToken(c.cost.flops, 2 * chosen * outputs * inputs);
  c.cost.weights.perCall += matrixBytes * (type.isDynamicDim(1) ? matrices : std::min(matrices, chosen));
  c.sequences({x, y});
}

void count(CostCounter &c, ExpertLinearOp op) {
  double outputs = op.getOutputs(), inputs = op.getInputs();
  double bytes = outputs * inputs * CostCounter::bytesOf(getElementTypeOrSelf(op.getWeight().getType()));
  countExperts(c, op.getX(), op.getIndices(), op.getY(), outputs, inputs, op.getExperts(), bytes);
}

void count(CostCounter &c, PackedExpertLinearOp op) {
  auto packing = cast<PackingType>(op.getPacking());
  double matrices = packing.getMatrices(), bytes = static_cast<double>(packing.getBytes()) / matrices;
  countExperts(c, op.getX(), op.getIndices(), op.getY(), packing.getOutputs(), packing.getInputs(), matrices, bytes);
}

void count(CostCounter &c, RouteOp op) {
  double experts = op.getExperts();
  c.perToken(c.cost.flops, experts * (3 + static_cast<double>(op.getTop())));
  c.perToken(c.cost.exps, experts);
  c.sequences({op.getLogits(), op.getWeights()});
}

void count(CostCounter &c, AttentionOp op) {
  double width = op.getKeyDim() + op.getValueDim(), heads = op.getQueryHeads();
  double keyBytes = static_cast<double>(op.getKvHeads()) * width;
  Value kv = op.getKv();
  Type element = kv ? cast<KVType>(kv.getType()).getElementType() : getElementTypeOrSelf(op.getQ().getType());
  keyBytes *= CostCounter::bytesOf(element);
  c.perSeen(c.cost.flops, 2 * heads * width, kv ? c.cost.states : c.cost.activations, keyBytes);
  Amount ignored;
  c.perSeen(c.cost.exps, heads, ignored, 0);
  c.sequences({op.getQ(), op.getO()});
}

void count(CostCounter &c, KvAppendOp op) {
  c.perToken(c.cost.states, (elementsOf(op.getK()) + elementsOf(op.getV())) *
                                CostCounter::bytesOf(op.getState().getType().getElementType()));
  c.sequences({op.getK(), op.getV()});
}

void count(CostCounter &c, ConvOp op) {
  double channels = elementsOf(op.getX()), taps = innermost(op.getW());
  auto [flops, exps] = activationCost(op.getActivation());
  c.perToken(c.cost.flops, channels * (2 * taps + flops));
  c.perToken(c.cost.exps, channels * exps);
  c.constants({op.getW(), op.getBias()});
  c.states(op.getStates());
  c.sequences({op.getX(), op.getY()});
}

void count(CostCounter &c, RotaryOp op) {
  double heads = elementsOf(op.getX()) / innermost(op.getX()), dims = op.getRotatedDims();
  c.perToken(c.cost.flops, 3 * heads * dims);
  c.perToken(c.cost.exps, dims); // a sine and a cosine a pair, shared by the heads
  c.sequences({op.getX(), op.getY()});
}

/// Two passes: what is summed, and what is divided by it.
void countNorm(CostCounter &c, Value x, Value y, ValueRange weights, Value gate, double flopsPerElement) {
  double elements = elementsOf(x);
  c.perToken(c.cost.flops, elements * (flopsPerElement + static_cast<double>(weights.size()) + (gate ? 4 : 0)));
  c.perToken(c.cost.exps, gate ? elements : 0);
  c.constants(weights);
  c.sequences({x, gate, y});
}

void countActivation(CostCounter &c, Value x, Activation kind, double moreFlops) {
  auto [flops, exps] = activationCost(kind);
  c.perToken(c.cost.flops, (flops + moreFlops) * elementsOf(x));
  c.perToken(c.cost.exps, exps * elementsOf(x));
}

SmallVector<Value> given(std::initializer_list<Value> values) {
  return llvm::filter_to_vector(values, [](Value value) { return static_cast<bool>(value); });
}

/// Arithmetic on tensors, one operation an element; what it reads and makes is fused with its neighbours.
void countElementwise(CostCounter &c, Operation *op) {
  double elements = elementsOf(op->getResult(0));
  bool isTranscendental = isa<math::ExpOp, math::Exp2Op, math::ExpM1Op, math::LogOp, math::Log1pOp, math::TanhOp,
                              math::ErfOp, math::SinOp, math::CosOp, math::PowFOp>(op);
  c.perToken(isTranscendental ? c.cost.exps : c.cost.flops, elements);
}

bool isArithmetic(Operation *op) {
  auto type = op->getNumResults() == 1 ? dyn_cast<RankedTensorType>(op->getResult(0).getType()) : RankedTensorType();
  return type && isa<FloatType>(type.getElementType()) && OpTrait::hasElementwiseMappableTraits(op) &&
         !isa<arith::ExtFOp, arith::TruncFOp, arith::SelectOp>(op);
}

} // namespace

Cost seqc::costOf(Operation *op) {
  CostCounter c(op);
  TypeSwitch<Operation *>(op)
      .Case<LinearOp, PackedLinearOp, ExpertLinearOp, PackedExpertLinearOp, RouteOp, AttentionOp, KvAppendOp, ConvOp,
            RotaryOp>([&](auto known) { count(c, known); })
      .Case<StateMixOp, RetentionOp, SelectiveScanOp, ScanOp>([&](auto) { countRecurrence(c, op); })
      .Case([&](EmbeddingOp embedding) {
        c.perToken(c.cost.weights, innermost(embedding.getTable()) *
                                       CostCounter::bytesOf(getElementTypeOrSelf(embedding.getTable().getType())));
        c.sequences(embedding.getY());
      })
      .Case([&](PackedEmbeddingOp embedding) {
        auto packing = cast<PackingType>(embedding.getPacking());
        c.perToken(c.cost.weights, static_cast<double>(packing.getBytes()) / static_cast<double>(packing.getOutputs()));
        c.sequences(embedding.getY());
      })
      .Case([&](PackOp pack) {
        c.constants(pack.getMatrix());
        c.cost.weights.perCall += static_cast<double>(cast<PackingType>(pack.getPacking()).getBytes());
      })
      .Case([&](RmsNormOp n) { countNorm(c, n.getX(), n.getY(), given({n.getWeight()}), n.getGate(), 3); })
      .Case([&](LayerNormOp n) { countNorm(c, n.getX(), n.getY(), given({n.getWeight(), n.getBias()}), {}, 5); })
      .Case(
          [&](GroupNormOp n) { countNorm(c, n.getX(), n.getY(), given({n.getWeight(), n.getBias()}), n.getGate(), 5); })
      .Case([&](L2NormOp n) { countNorm(c, n.getX(), n.getY(), {}, {}, 3); })
      .Case([&](ActivationOp activation) { countActivation(c, activation.getX(), activation.getKind(), 0); })
      .Case([&](GluOp glu) { countActivation(c, glu.getGate(), glu.getKind(), 1); })
      .Case([&](TokenShiftOp shift) {
        c.states(shift.getStates());
        c.sequences({shift.getX(), shift.getY()});
      })
      .Case([&](StateInitOp init) { // keys and values are not written
        if (auto type = dyn_cast<StateType>(init.getState().getType()))
          c.cost.states.perRow += rowBytes(type);
      })
      .Default([&](Operation *other) {
        if (isArithmetic(other))
          countElementwise(c, other);
      });
  return c.cost;
}

//===----------------------------------------------------------------------===//
// Limits
//===----------------------------------------------------------------------===//

Machine Machine::typical(int64_t lanes, int64_t threads) {
  // A core at 2.5 GHz with two FMA units, the exp of lib/Codegen/CPU, and two channels of DDR5 for all of them.
  double cores = static_cast<double>(std::max<int64_t>(1, threads)), width = static_cast<double>(lanes);
  return {cores * width * 10e9, cores * width * 0.36e9, 40e9};
}

Bound seqc::boundOf(const Cost &cost, const CallSize &size, const Machine &machine) {
  double bytes = cost.weights.at(size) + cost.states.at(size) + cost.activations.at(size);
  double flops = cost.flops.at(size);
  Bound bound{Bound::FMA, flops / machine.flops, bytes > 0 ? flops / bytes : 0};
  auto consider = [&](Bound::Limit limit, double seconds) {
    if (seconds > bound.seconds) {
      bound.limit = limit;
      bound.seconds = seconds;
    }
  };
  consider(Bound::Exp, cost.exps.at(size) / machine.exps);
  consider(Bound::Bandwidth, bytes / machine.bytes);
  return bound;
}

const char *seqc::nameOf(Bound::Limit limit) {
  return limit == Bound::FMA ? "FMA" : limit == Bound::Exp ? "exp" : "bandwidth";
}
