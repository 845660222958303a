//===- CostRecurrences.cpp - What recurrences cost, by form ---------------===//

#include "CostCounter.h"
#include "Mix.h"
#include "seq/Analysis/Forms.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc;

/// FLOPs of a token and head, token by token. Each product of a vector and the state is 2 K V.
static double recurrentFlops(const Mix &mix) {
  double products = mix.isOuter() ? 2 : mix.isDelta() ? 3 : 4; // update and read, and feedback
  double state = static_cast<double>(mix.keyDim * mix.valueDim);
  return state * (2 * products + (mix.decays == Mix::None ? 0 : 1)) + static_cast<double>(mix.valueDim);
}

/// The same in blocks of tokens: the decay meets the state once a block, and every token all others of its block.
static double chunkwiseFlops(const Mix &mix) {
  double block = kMixBlock, keys = static_cast<double>(mix.keyDim), values = static_cast<double>(mix.valueDim);
  double products = mix.isOuter() ? 2 : mix.isDelta() ? 3 : 4;
  double scores = mix.isOuter() ? 1 : mix.isDelta() ? 2 : 4;   // pairs of q, k, a and b
  double sums = mix.isOuter() ? 1 : mix.isDelta() ? 1.5 : 3.5; // of values; the solution of a triangular system is half
  double decays = mix.decays == Mix::Channel ? 4 * keys : mix.decays == Mix::Head ? 2 * block : 0;
  return keys * values * (2 * products + (mix.decays == Mix::None ? 0 : 1 / block)) +
         2 * block * (scores * keys + sums * values) + decays;
}

static void countMix(CostCounter &c, const Mix &mix, Form form) {
  double heads = static_cast<double>(mix.heads), keys = static_cast<double>(mix.keyDim);
  bool inBlocks = form == Form::Chunkwise || (form == Form::Parallel && !mix.composesInTime());
  double flops = inBlocks ? chunkwiseFlops(mix) : recurrentFlops(mix);
  if (mix.hasNormaliser)
    flops += 4 * keys;
  if (mix.hasBonus)
    flops += 3 * keys + 2 * static_cast<double>(mix.valueDim);
  c.perToken(c.cost.flops, heads * flops);
  double decays = mix.decays == Mix::None ? 0 : mix.decays == Mix::Head ? 1 : keys;
  if (mix.isStatic && !mix.hasGate)
    c.cost.exps.perCall += heads * decays;
  else
    c.perToken(c.cost.exps, heads * decays);
  if (mix.hasGate)
    c.perToken(c.cost.exps, heads * (mix.readsBefore ? 4 : 2));
}

static void countStateMix(CostCounter &c, StateMixOp op, const Mix &mix) {
  if (mix.isChannelScan) {
    double numbers = static_cast<double>(mix.heads * mix.keyDim);
    c.perToken(c.cost.flops, 6 * numbers);
    c.perToken(c.cost.exps, numbers);
  } else {
    countMix(c, mix, op.getForm());
  }
  c.sequences(
      {op.getQ(), op.getK(), op.getV(), op.getA(), op.getB(), op.getBeta(), op.getI(), op.getReset(), op.getO()});
  if (mix.isStatic)
    c.constants(op.getG());
  else
    c.sequences(op.getG());
  c.constants({op.getRate(), op.getU()});
}

static void countSelectiveScan(CostCounter &c, SelectiveScanOp op) {
  auto x = cast<RankedTensorType>(op.getX().getType());
  double numbers = 1, elements = static_cast<double>(x.getDimSize(2));
  for (int64_t extent : cast<RankedTensorType>(op.getA().getType()).getShape())
    numbers *= static_cast<double>(extent); // pairs count as two
  if (auto mix = Mix::of(op)) {
    countMix(c, *mix, op.getForm());
    c.perToken(c.cost.flops, elements * static_cast<double>(1 + mix->valueDim)); // dt A and dt x
    elements *= static_cast<double>(mix->valueDim);
  } else {
    // h' = e h + u B and y = C h': of complex numbers four times as much, and a sine and a cosine beside each exp.
    c.perToken(c.cost.flops, numbers * (op.getComplex() ? 12 : 6));
    c.perToken(c.cost.exps, numbers * (op.getComplex() ? 1.5 : 1));
    c.perToken(c.cost.flops, elements);
  }
  double steps = static_cast<double>(x.getDimSize(2));
  c.perToken(c.cost.exps, (op.getDtSoftplus() ? 2 * steps : 0) + (op.getZ() ? elements : 0));
  c.perToken(c.cost.flops, (op.getSkip() ? 2 * elements : 0) + (op.getZ() ? 4 * elements : 0));
  c.sequences({op.getX(), op.getDt(), op.getB(), op.getC(), op.getZ(), op.getReset(), op.getY()});
  c.constants({op.getA(), op.getSkip(), op.getDtBias()});
}

static void countScan(CostCounter &c, ScanOp op) {
  double numbers = 1;
  auto x = cast<RankedTensorType>(op.getX().getType()), g = cast<RankedTensorType>(op.getG().getType());
  for (int64_t extent : x.getShape().drop_front(2))
    numbers *= static_cast<double>(extent);
  c.perToken(c.cost.flops, numbers * (op.getComplex() ? 4 : 2));
  double exps = numbers * (op.getComplex() ? 1.5 : 1);
  c.sequences({op.getX(), op.getReset(), op.getH()});
  if (g.getRank() == x.getRank()) {
    c.perToken(c.cost.exps, exps);
    c.sequences(op.getG());
  } else {
    c.cost.exps.perCall += exps;
    c.constants(op.getG());
  }
}

void seqc::countRecurrence(CostCounter &c, Operation *op) {
  if (auto scan = dyn_cast<ScanOp>(op))
    countScan(c, scan);
  else if (auto selective = dyn_cast<SelectiveScanOp>(op))
    countSelectiveScan(c, selective);
  else if (auto mix = dyn_cast<StateMixOp>(op))
    countStateMix(c, mix, *Mix::of(op));
  else if (auto retention = dyn_cast<RetentionOp>(op)) {
    countMix(c, *Mix::of(op), retention.getForm());
    c.sequences({retention.getQ(), retention.getK(), retention.getV(), retention.getReset(), retention.getO()});
  }
  c.states(cast<TimeInterface>(op).getGivenStates());
}
