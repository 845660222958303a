//===- MergeLinears.cpp - One product for linear layers of one input ------===//
//
// A layer's queries, keys and values, or its gate and up projections, multiply the same
// input. One product with their weights behind one another reads the input once and
// gives the threads one long loop. Weights mostly reach a layer as arguments, so each
// call site gets a concatenated parameter of its own.
//
//===----------------------------------------------------------------------===//

#include "ConcatParameters.h"
#include "seq/Transforms/Passes.h"
#include "llvm/ADT/MapVector.h"

namespace seqc {
#define GEN_PASS_DEF_SEQMERGELINEARS
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;

namespace {

using Group = SmallVector<LinearOp>;

/// Slices of the outputs of a merged layer start at whole panels of packed weights.
constexpr int64_t kOutputMultiple = PackingType::kPanel;

SmallVector<Value> weightsOf(const Group &group) {
  return llvm::map_to_vector(group, [](LinearOp part) -> Value { return part.getWeight(); });
}

SmallVector<Value> biasesOf(const Group &group) {
  SmallVector<Value> biases;
  for (LinearOp part : group)
    if (part.getBias())
      biases.push_back(part.getBias());
  return biases;
}

bool agree(LinearOp a, LinearOp b) {
  auto element = [](Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); };
  return element(a.getWeight()) == element(b.getWeight()) && element(a.getY()) == element(b.getY()) &&
         static_cast<bool>(a.getBias()) == static_cast<bool>(b.getBias());
}

void remark(LinearOp linear, const Twine &reason) {
  linear.emitRemark("not merged with other linear layers of the same input: ") << reason;
}

/// The linear layers of a block by input, in the order of the block, each list with
/// those first that agree with one another.
SmallVector<Group> findGroups(Block &block) {
  llvm::MapVector<Value, SmallVector<Group>> byInput;
  for (auto linear : block.getOps<LinearOp>()) {
    SmallVector<Group> &groups = byInput[linear.getX()];
    auto *found = llvm::find_if(groups, [&](const Group &group) { return agree(group.front(), linear); });
    if (found == groups.end())
      groups.push_back({linear});
    else
      found->push_back(linear);
  }
  SmallVector<Group> result;
  for (auto &[input, groups] : byInput) {
    if (groups.size() > 1)
      for (const Group &group : groups)
        if (group.size() == 1)
          remark(group.front(), "it alone has weights of this element type, or alone has or lacks a bias");
    llvm::append_range(result, llvm::make_filter_range(groups, [](const Group &group) { return group.size() > 1; }));
  }
  return result;
}

/// Drops what can not be part of any merged layer.
Group mergeable(const Group &group) {
  Group parts;
  for (LinearOp linear : group) {
    if (linear.getTransposed())
      remark(linear, "its weight is transposed");
    else if (linear.getOutputs() % kOutputMultiple != 0)
      remark(linear, "its " + Twine(linear.getOutputs()) + " outputs are no multiple of " + Twine(kOutputMultiple));
    else
      parts.push_back(linear);
  }
  return parts;
}

Value sliceChannels(OpBuilder &builder, Location loc, Value y, int64_t offset, int64_t size) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, y);
  SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  offsets.back() = builder.getIndexAttr(offset);
  sizes.back() = builder.getIndexAttr(size);
  return tensor::ExtractSliceOp::create(builder, loc, y, offsets, sizes, strides);
}

void merge(const Group &group, seqc::ParameterConcatenator &concatenator) {
  LinearOp first = group.front();
  OpBuilder builder(first);
  SmallVector<Location> locations = llvm::map_to_vector(group, [](LinearOp part) { return part.getLoc(); });
  Location loc = builder.getFusedLoc(locations);
  Value weight = concatenator.concat(weightsOf(group), builder);
  SmallVector<Value> biases = biasesOf(group);
  Value bias = biases.empty() ? Value() : concatenator.concat(biases, builder);
  auto type = cast<RankedTensorType>(first.getY().getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = cast<RankedTensorType>(weight.getType()).getDimSize(0);
  Value merged = LinearOp::create(builder, loc, type.clone(shape), first.getX(), weight, bias, /*transposed=*/false);
  int64_t offset = 0;
  for (LinearOp part : group) {
    part.getY().replaceAllUsesWith(sliceChannels(builder, part.getLoc(), merged, offset, part.getOutputs()));
    offset += part.getOutputs();
  }
  for (LinearOp part : group)
    part.erase();
}

struct SeqMergeLinears : seqc::impl::SeqMergeLinearsBase<SeqMergeLinears> {
  void runOnOperation() override {
    seqc::ParameterConcatenator concatenator(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      for (const Group &candidates : findGroups(function.getBody().front())) {
        Group group = mergeable(candidates);
        if (group.size() < 2)
          continue;
        std::string reason = concatenator.whyNot(weightsOf(group));
        if (SmallVector<Value> biases = biasesOf(group); reason.empty() && !biases.empty())
          reason = concatenator.whyNot(biases);
        if (reason.empty())
          merge(group, concatenator);
        else
          remark(group.front(), reason);
      }
    }
    concatenator.eraseUnused();
  }
};

} // namespace
