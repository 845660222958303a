//===- PackParameters.cpp - Pack matrices of linear layers ----------------===//
//
// Once every weight is used in one layout (WeightLayouts), types change: matrices become
// packed bytes, other parameters f32, wherever calls carry them. Matrices that are
// computed are packed where they are used.
//
//===----------------------------------------------------------------------===//

#include "DenseParameters.h"
#include "WeightLayouts.h"
#include "seq/Transforms/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQPACKPARAMETERS
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;
using seqc::WeightLayout;

namespace {

RankedTensorType bytesOf(PackingType packing) {
  return RankedTensorType::get({packing.getBytes()}, IntegerType::get(packing.getContext(), 8));
}

/// Chooses how matrices are packed.
class Packer {
public:
  Packer(MLIRContext *context, StringRef quantize) : context(context), quantize(quantize) {}

  PackingType packingOf(RankedTensorType type, bool transposed) const {
    Type format = isTooNarrow(type, transposed) ? dense(type.getElementType()) : formatOf(type.getElementType());
    return packingIn(format, type, transposed);
  }

  /// Whether quantisation was asked for but rows are no whole blocks.
  bool isTooNarrow(RankedTensorType type, bool transposed) const {
    auto block = getBlockFormat(formatOf(type.getElementType()));
    return block && packingIn({}, type, transposed).getInputs() % block->elements != 0;
  }

  /// The packing of a matrix that is computed: there is no reason to round it.
  PackingType packingOfComputed(RankedTensorType type, bool transposed) const {
    return packingIn(Float32Type::get(context), type, transposed);
  }

private:
  /// Of a matrix, or of a stack of them.
  PackingType packingIn(Type format, RankedTensorType type, bool transposed) const {
    auto [outputs, inputs] = std::pair(type.getShape().take_back(2).front(), type.getShape().back());
    if (transposed)
      std::swap(outputs, inputs);
    return PackingType::get(context, format, outputs, inputs, type.getRank() == 3 ? type.getDimSize(0) : 1);
  }

  Type dense(Type element) const { return element.isF64() ? Type(Float32Type::get(context)) : element; }

  Type formatOf(Type element) const {
    if (getBlockFormat(element))
      return element;
    if (quantize == "q8_0")
      return Q8_0Type::get(context);
    if (quantize == "q4_0")
      return Q4_0Type::get(context);
    if (quantize == "q4_1")
      return Q4_1Type::get(context);
    if (quantize == "bf16")
      return BFloat16Type::get(context);
    if (quantize == "f16")
      return Float16Type::get(context);
    return dense(element);
  }

  MLIRContext *context;
  StringRef quantize;
};

struct SeqPackParameters : seqc::impl::SeqPackParametersBase<SeqPackParameters> {
  using SeqPackParametersBase::SeqPackParametersBase;

  void runOnOperation() override {
    module = getOperation();
    static constexpr StringRef formats[] = {"none", "q8_0", "q4_0", "q4_1", "bf16", "f16"};
    if (!llvm::is_contained(formats, quantize.getValue())) {
      module.emitError("unknown quantisation '") << quantize.getValue() << "'";
      return signalPassFailure();
    }
    seqc::constantsToParameters(module);
    seqc::WeightLayouts layouts(module);
    layouts.separate();
    Packer packer(&getContext(), quantize);
    if (failed(changeTypes(layouts, packer)) || failed(rewriteUsers(packer)))
      return signalPassFailure();
  }

private:
  //--- Types

  LogicalResult changeTypes(seqc::WeightLayouts &layouts, const Packer &packer) {
    SmallVector<Value> plain;
    auto change = [&](Value value) {
      WeightLayout layout = layouts.of(value);
      if (layout == WeightLayout::Plain)
        return plain.push_back(value);
      packed[value] = packer.packingOf(cast<RankedTensorType>(value.getType()), layout == WeightLayout::Transposed);
    };
    module.walk([&](mlir::seqm::LoadOp load) { change(load.getValue()); });
    for (auto function : module.getOps<func::FuncOp>())
      for (BlockArgument argument : function.getArguments())
        if (layouts.isChosen(argument))
          change(argument);
    if (failed(seqc::makeDense(plain, module))) // first: it asks whether ops are well-formed
      return failure();
    for (auto [value, packing] : packed)
      if (auto load = value.getDefiningOp<mlir::seqm::LoadOp>())
        packParameter(load, packing, layouts.of(value) == WeightLayout::Transposed, packer);
    for (auto [value, packing] : packed)
      value.setType(bytesOf(packing));
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isExternal())
        function.setType(
            FunctionType::get(&getContext(), function.getBody().getArgumentTypes(), function.getResultTypes()));
    return success();
  }

  void packParameter(mlir::seqm::LoadOp load, PackingType packing, bool transposed, const Packer &packer) {
    auto parameter = module.lookupSymbol<mlir::seqm::ParameterOp>(load.getParameter());
    if (parameter->hasAttr("seqm.packing"))
      return; // by another load
    RankedTensorType type = parameter.getTensorType();
    if (packer.isTooNarrow(type, transposed))
      parameter.emitRemark("is not quantised: its rows of ")
          << packing.getInputs() << " elements are no whole blocks of " << Q8_0Type::kBlockElements;
    parameter->setAttr("seqm.packing", TypeAttr::get(packing));
    parameter->setAttr("seqm.logical", TypeAttr::get(type));
    if (transposed)
      parameter->setAttr("seqm.transposed", UnitAttr::get(&getContext()));
    parameter.setType(bytesOf(packing));
  }

  //--- Users

  LogicalResult rewriteUsers(const Packer &packer) {
    WalkResult result = module.walk([&](Operation *op) {
      if (auto linear = dyn_cast<LinearOp>(op))
        return WalkResult(rewrite(linear, packer));
      if (auto embedding = dyn_cast<EmbeddingOp>(op))
        return WalkResult(rewrite(embedding, packer));
      if (auto experts = dyn_cast<ExpertLinearOp>(op))
        return WalkResult(rewrite(experts, packer));
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }

  LogicalResult rewrite(LinearOp linear, const Packer &packer) {
    OpBuilder builder(linear);
    auto weight = packedForm(builder, linear, linear.getWeight(), linear.getTransposed(), packer);
    if (failed(weight))
      return failure();
    Value y = PackedLinearOp::create(builder, linear.getLoc(), linear.getY().getType(), linear.getX(), weight->first,
                                     linear.getBias(), Value(), TypeAttr::get(weight->second));
    linear.getY().replaceAllUsesWith(y);
    linear.erase();
    return success();
  }

  LogicalResult rewrite(EmbeddingOp embedding, const Packer &packer) {
    OpBuilder builder(embedding);
    auto table = packedForm(builder, embedding, embedding.getTable(), /*transposed=*/false, packer);
    if (failed(table))
      return failure();
    Value y = PackedEmbeddingOp::create(builder, embedding.getLoc(), embedding.getY().getType(), embedding.getIds(),
                                        table->first, TypeAttr::get(table->second));
    embedding.getY().replaceAllUsesWith(y);
    embedding.erase();
    return success();
  }

  LogicalResult rewrite(ExpertLinearOp experts, const Packer &packer) {
    OpBuilder builder(experts);
    auto weight = packedForm(builder, experts, experts.getWeight(), /*transposed=*/false, packer);
    if (failed(weight))
      return failure();
    Value y = PackedExpertLinearOp::create(builder, experts.getLoc(), experts.getY().getType(), experts.getX(),
                                           experts.getIndices(), weight->first, experts.getBias(), experts.getCombine(),
                                           TypeAttr::get(weight->second));
    experts.getY().replaceAllUsesWith(y);
    experts.erase();
    return success();
  }

  /// A matrix as packed bytes: it is, or they are made by the running call.
  FailureOr<std::pair<Value, PackingType>> packedForm(OpBuilder &builder, Operation *user, Value matrix,
                                                      bool transposed, const Packer &packer) {
    if (auto known = packed.find(matrix); known != packed.end())
      return std::pair(matrix, known->second);
    auto type = cast<RankedTensorType>(matrix.getType());
    if (getBlockFormat(type.getElementType()))
      return user->emitOpError("has a matrix of ")
             << type.getElementType() << " that is no parameter of the module: pass it from seqm.load, through "
             << "functions that only the module calls";
    user->emitRemark("its matrix is no parameter of the module, so every call packs it anew, in f32");
    PackingType packing = packer.packingOfComputed(type, transposed);
    Value bytes = PackOp::create(builder, user->getLoc(), bytesOf(packing), matrix, transposed, packing);
    return std::pair(bytes, packing);
  }

  ModuleOp module;
  llvm::MapVector<Value, PackingType> packed;
};

} // namespace
