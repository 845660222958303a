//===- SelectiveScan.cpp - Selective scans of heads through state_mix -----===//
//
// With one decay a head the scan is a state mix of decay head: q = C, k = B, v = dt x. The channel form
// has a kernel of its own.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "Patterns.h"

using namespace mlir;
using namespace mlir::seq;
using seqc::Arithmetic;

namespace {

/// dt as the recurrence takes it: with its bias, softplus and bounds.
Value prepareSteps(PatternRewriter &rewriter, const SelectiveScanParts &parts, Location loc) {
  if (!parts.dtBias && !parts.dtSoftplus && !parts.dtMin && !parts.dtMax)
    return parts.dt;
  SmallVector<Value> inputs{parts.dt};
  SmallVector<SmallVector<unsigned>> dims{{0, 1, 2}};
  if (parts.dtBias) {
    inputs.push_back(parts.dtBias);
    dims.push_back({2});
  }
  return seqc::elementwise(rewriter, loc, inputs, dims, [&](Arithmetic &a, ValueRange in) {
    Value dt = parts.dtBias ? a.add(in[0], in[1]) : in[0];
    if (parts.dtSoftplus)
      dt = a.apply(Activation::Softplus, dt);
    if (parts.dtMin)
      dt = a.max(dt, *parts.dtMin);
    return parts.dtMax ? a.min(dt, *parts.dtMax) : dt;
  });
}

/// y + skip x, then times silu(z); 0 for tokens that do not count.
Value finish(PatternRewriter &rewriter, const SelectiveScanParts &parts, Value y, Location loc) {
  if (!parts.skip && !parts.z)
    return y;
  SmallVector<Value> inputs{y};
  SmallVector<SmallVector<unsigned>> dims{{0, 1, 2, 3}};
  if (parts.skip) {
    bool perHead = cast<RankedTensorType>(parts.skip.getType()).getRank() == 1;
    inputs.append({parts.skip, parts.x});
    dims.append({perHead ? SmallVector<unsigned>{2} : SmallVector<unsigned>{2, 3}, {0, 1, 2, 3}});
  }
  if (parts.z) {
    inputs.push_back(parts.z);
    dims.push_back({0, 1, 2, 3});
  }
  size_t zAt = inputs.size() - 1;
  if (parts.lengths) {
    inputs.push_back(parts.lengths);
    dims.push_back({0});
  }
  return seqc::elementwise(rewriter, loc, inputs, dims, [&](Arithmetic &a, ValueRange in) {
    Value result = parts.skip ? a.add(a.mul(in[1], in[2]), in[0]) : in[0];
    if (parts.z)
      result = a.mul(result, a.apply(Activation::Silu, in[zAt]));
    return parts.lengths ? a.before(in.back(), 1, result) : result;
  });
}

struct LowerHeads : OpRewritePattern<SelectiveScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SelectiveScanOp op, PatternRewriter &rewriter) const override {
    if (!op.isHeadForm())
      return failure();
    SelectiveScanParts parts = op.getParts();
    Location loc = op.getLoc();
    Value dt = prepareSteps(rewriter, parts, loc);
    auto product = [](Arithmetic &a, ValueRange in) { return a.mul(in[0], in[1]); };
    Value g = seqc::elementwise(rewriter, loc, {dt, parts.a}, {{0, 1, 2}, {2}}, product);
    Value v = seqc::elementwise(rewriter, loc, {parts.x, dt}, {{0, 1, 2, 3}, {0, 1, 2}}, product);
    auto mix = StateMixOp::create(rewriter, loc,
                                  StateMixParts{.q = parts.c,
                                                .k = parts.b,
                                                .v = v,
                                                .g = g,
                                                .states = parts.states,
                                                .reset = parts.reset,
                                                .lengths = parts.lengths,
                                                .decay = Decay::Head,
                                                .form = parts.form,
                                                .chunk = parts.chunk});
    SmallVector<Value> results = llvm::to_vector(ValueRange(mix->getResults()));
    results[0] = finish(rewriter, parts, results[0], loc);
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void seqc::populateSelectiveScanPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerHeads>(patterns.getContext());
}
