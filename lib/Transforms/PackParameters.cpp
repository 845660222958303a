//===- PackParameters.cpp - Pack matrices of linear layers ----------------===//
//
// A matrix reaches its linear layer through calls, so uses are gathered over the whole
// module first: each function argument and each loaded parameter is a node, and what a
// callee does with an argument is done to what its callers pass. Then all types change
// at once.
//
//===----------------------------------------------------------------------===//

#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "seq/Transforms/Passes.h"

namespace seqc {
#define GEN_PASS_DEF_SEQPACKPARAMETERS
#include "lib/Transforms/Passes.h.inc"
} // namespace seqc

using namespace mlir;
using namespace mlir::seq;

namespace {

/// How a tensor is used.
struct Uses {
  bool matrix = false;     ///< weight [N,K] of a linear layer or table of an embedding
  bool transposed = false; ///< weight [K,N] of a linear layer
  bool plain = false;      ///< anything else

  bool isPacked() const { return matrix || transposed; }
};

struct SeqPackParameters : seqc::impl::SeqPackParametersBase<SeqPackParameters> {
  using SeqPackParametersBase::SeqPackParametersBase;

  void runOnOperation() override {
    module = getOperation();
    static constexpr StringRef formats[] = {"none", "q8_0", "q4_0", "q4_1", "bf16", "f16"};
    if (!llvm::is_contained(formats, quantize.getValue())) {
      module.emitError("unknown quantisation '") << quantize << "'";
      return signalPassFailure();
    }
    separateUses();
    for (auto function : module.getOps<func::FuncOp>())
      for (BlockArgument argument : function.getArguments())
        (void)usesOf(argument);
    SmallVector<mlir::seqm::LoadOp> loads;
    module.walk([&](mlir::seqm::LoadOp load) { loads.push_back(load); });
    for (auto load : loads)
      if (failed(packParameter(load)))
        return signalPassFailure();
    for (auto function : module.getOps<func::FuncOp>())
      if (failed(packArguments(function)))
        return signalPassFailure();
    rewriteUsers();
  }

private:
  //--- Uses

  Uses usesOf(Value value) {
    auto known = uses.find(value);
    if (known != uses.end())
      return known->second;
    Uses result;
    for (OpOperand &use : value.getUses())
      merge(result, usesBy(use));
    return uses[value] = result;
  }

  static void merge(Uses &into, const Uses &other) {
    into.matrix |= other.matrix;
    into.transposed |= other.transposed;
    into.plain |= other.plain;
  }

  Uses usesBy(OpOperand &use) {
    Operation *user = use.getOwner();
    Uses result;
    if (auto linear = dyn_cast<LinearOp>(user); linear && use.get() == linear.getWeight() && use.get() != linear.getX()) {
      (linear.getTransposed() ? result.transposed : result.matrix) = true;
    } else if (auto embedding = dyn_cast<EmbeddingOp>(user); embedding && use.get() == embedding.getTable()) {
      result.matrix = true;
    } else if (auto call = dyn_cast<func::CallOp>(user)) {
      auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
      if (callee && !callee.isExternal())
        return usesOf(callee.getArgument(use.getOperandNumber()));
      result.plain = true;
    } else {
      result.plain = true;
    }
    return result;
  }

  /// A parameter with uses that need different bytes is loaded once for each of them.
  void separateUses() {
    SmallVector<mlir::seqm::LoadOp> loads;
    module.walk([&](mlir::seqm::LoadOp load) { loads.push_back(load); });
    for (auto load : loads) {
      SmallVector<OpOperand *> plain, transposed;
      bool matrix = false;
      for (OpOperand &use : load.getValue().getUses()) {
        Uses by = usesBy(use);
        if (by.plain)
          plain.push_back(&use);
        else if (by.transposed)
          transposed.push_back(&use);
        matrix |= by.matrix;
      }
      if (!plain.empty() && (matrix || !transposed.empty()))
        copyFor(load, plain, ".plain");
      if (!transposed.empty() && matrix)
        copyFor(load, transposed, ".transposed");
    }
  }

  void copyFor(mlir::seqm::LoadOp load, ArrayRef<OpOperand *> users, StringRef suffix) {
    auto parameter = module.lookupSymbol<mlir::seqm::ParameterOp>(load.getParameter());
    parameter.emitRemark("is used in ways that need different layouts; it is stored twice");
    std::string name = (parameter.getSymName() + suffix).str();
    OpBuilder builder(parameter);
    builder.setInsertionPointAfter(parameter);
    if (!module.lookupSymbol(name)) {
      auto copy = cast<mlir::seqm::ParameterOp>(builder.clone(*parameter));
      copy.setSymName(name);
    }
    builder.setInsertionPoint(load);
    Value copy = mlir::seqm::LoadOp::create(builder, load.getLoc(), load.getValue().getType(), name);
    for (OpOperand *use : users)
      use->set(copy);
  }

  //--- Types

  Type formatOf(Type element) {
    if (getBlockFormat(element))
      return element;
    MLIRContext *context = &getContext();
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
    return element.isF64() ? Type(Float32Type::get(context)) : element;
  }

  PackingType packingOf(RankedTensorType type, bool transposed) {
    int64_t outputs = type.getDimSize(transposed ? 1 : 0), inputs = type.getDimSize(transposed ? 0 : 1);
    Type format = formatOf(type.getElementType());
    auto block = getBlockFormat(format);
    if (block && inputs % block->elements != 0) // rows that are no whole blocks stay as they are
      format = type.getElementType().isF64() ? Type(Float32Type::get(&getContext())) : type.getElementType();
    return PackingType::get(&getContext(), format, outputs, inputs);
  }

  static RankedTensorType bytesOf(PackingType packing) {
    return RankedTensorType::get({packing.getBytes()}, IntegerType::get(packing.getContext(), 8));
  }

  LogicalResult packParameter(mlir::seqm::LoadOp load) {
    auto parameter = module.lookupSymbol<mlir::seqm::ParameterOp>(load.getParameter());
    Uses use = usesOf(load.getValue());
    auto type = cast<RankedTensorType>(load.getValue().getType());
    if (!use.isPacked())
      return makeDense(parameter, load);
    if (!parameter->hasAttr("seqm.packing")) {
      PackingType packing = packingOf(type, use.transposed);
      parameter->setAttr("seqm.packing", TypeAttr::get(packing));
      parameter->setAttr("seqm.logical", TypeAttr::get(type));
      if (use.transposed)
        parameter->setAttr("seqm.transposed", UnitAttr::get(&getContext()));
      parameter.setType(bytesOf(packing));
    }
    packed[load.getValue()] = cast<PackingType>(parameter->getAttrOfType<TypeAttr>("seqm.packing").getValue());
    load.getValue().setType(parameter.getTensorType());
    return success();
  }

  /// Kernels work in f32: other floats are converted when the module is written.
  LogicalResult makeDense(mlir::seqm::ParameterOp parameter, mlir::seqm::LoadOp load) {
    auto type = cast<RankedTensorType>(load.getValue().getType());
    if (!type.getElementType().isF32())
      return load.emitOpError("parameter '") << parameter.getSymName() << "' of type " << type
             << " is used as a plain tensor: give it the type f32 and `stored = " << type.getElementType() << "`";
    return success();
  }

  LogicalResult packArguments(func::FuncOp function) {
    for (BlockArgument argument : function.getArguments()) {
      Uses use = usesOf(argument);
      if (!use.isPacked())
        continue;
      if (use.plain || (use.matrix && use.transposed))
        return function.emitOpError("uses argument ") << argument.getArgNumber()
               << " both as a matrix to pack and otherwise: pass it twice";
      PackingType packing = packingOf(cast<RankedTensorType>(argument.getType()), use.transposed);
      packed[argument] = packing;
      argument.setType(bytesOf(packing));
    }
    function.setType(FunctionType::get(&getContext(), function.getBody().getArgumentTypes(), function.getResultTypes()));
    return success();
  }

  void rewriteUsers() {
    module.walk([&](Operation *op) {
      OpBuilder builder(op);
      if (auto linear = dyn_cast<LinearOp>(op)) {
        auto packing = TypeAttr::get(packed[linear.getWeight()]);
        Value y = PackedLinearOp::create(builder, op->getLoc(), linear.getY().getType(), linear.getX(),
                                         linear.getWeight(), linear.getBias(), Value(), packing);
        linear.getY().replaceAllUsesWith(y);
        op->erase();
      } else if (auto embedding = dyn_cast<EmbeddingOp>(op)) {
        auto packing = TypeAttr::get(packed[embedding.getTable()]);
        Value y = PackedEmbeddingOp::create(builder, op->getLoc(), embedding.getY().getType(), embedding.getIds(),
                                            embedding.getTable(), packing);
        embedding.getY().replaceAllUsesWith(y);
        op->erase();
      }
    });
  }

  ModuleOp module;
  llvm::DenseMap<Value, Uses> uses;
  llvm::DenseMap<Value, PackingType> packed;
};

} // namespace
