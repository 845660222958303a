//===- LinearOps.cpp - Linear layers, embeddings, activations -------------===//

#include "dialects/Seq/Verify.h"

using namespace mlir;
using namespace mlir::seq;

int64_t LinearOp::getInputs() { return innermost(getX()); }
int64_t LinearOp::getOutputs() { return innermost(getY()); }

/// A block-quantised tensor's innermost dimension is whole blocks.
static bool wholeBlocks(RankedTensorType type) {
  auto format = getBlockFormat(type.getElementType());
  return !format || type.getShape().back() % format->elements == 0;
}

LogicalResult LinearOp::verify() {
  auto x = tensorType(getX()), w = tensorType(getWeight()), y = tensorType(getY());
  if (!x || !w || !y || w.getRank() != 2 || !w.hasStaticShape() || x.getRank() < 1)
    return violate(*this, "linear_c1", "the weight is a matrix of constant shape");
  int64_t outputs = w.getDimSize(getTransposed() ? 1 : 0);
  int64_t inputs = w.getDimSize(getTransposed() ? 0 : 1);
  if (x.getShape().back() != inputs)
    return violate(*this, "linear_c2",
                   "x has " + Twine(x.getShape().back()) + " channels, the weight takes " + Twine(inputs));
  SmallVector<int64_t> shape(x.getShape());
  shape.back() = outputs;
  if (!hasShape(getY(), shape))
    return violate(*this, "linear_c3", "y is x with the outputs of the weight in place of its channels");
  if (!hasShape(getBias(), {outputs}))
    return violate(*this, "linear_c4", "bias is [N]");
  if (!wholeBlocks(w) || (getTransposed() && getBlockFormat(w.getElementType())))
    return violate(*this, "linear_c5", "a block-quantised weight is [N,K] with K in whole blocks");
  return success();
}

LogicalResult EmbeddingOp::verify() {
  auto ids = tensorType(getIds()), table = tensorType(getTable());
  if (!ids || !table || table.getRank() != 2 || !table.hasStaticShape())
    return violate(*this, "embedding_c1", "the table is a matrix of constant shape");
  SmallVector<int64_t> shape(ids.getShape());
  shape.push_back(table.getDimSize(1));
  if (!hasShape(getY(), shape))
    return violate(*this, "embedding_c2", "y is ids with the table's channels behind");
  if (!wholeBlocks(table))
    return violate(*this, "embedding_c3", "a block-quantised table has channels in whole blocks");
  return success();
}

LogicalResult ActivationOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getX().getType());
  return success();
}
LogicalResult GluOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getGate().getType());
  return success();
}
