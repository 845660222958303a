//===- DenseParameters.cpp - Parameters that are plain tensors ------------===//

#include "DenseParameters.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static bool isMatrixUse(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto linear = dyn_cast<mlir::seq::LinearOp>(user))
    return &use == &linear.getWeightMutable();
  if (auto embedding = dyn_cast<mlir::seq::EmbeddingOp>(user))
    return &use == &embedding.getTableMutable();
  if (auto experts = dyn_cast<mlir::seq::ExpertLinearOp>(user))
    return &use == &experts.getWeightMutable();
  return isa<func::CallOp>(user);
}

void seqc::constantsToParameters(ModuleOp module) {
  SmallVector<arith::ConstantOp> constants;
  module.walk([&](arith::ConstantOp constant) {
    auto type = dyn_cast<RankedTensorType>(constant.getType());
    if (type && (type.getRank() == 2 || type.getRank() == 3) && isa<FloatType>(type.getElementType()) &&
        llvm::any_of(constant->getUses(), isMatrixUse))
      constants.push_back(constant);
  });
  SymbolTable symbols(module);
  llvm::DenseMap<Attribute, mlir::seqm::ParameterOp> parameters;
  for (arith::ConstantOp constant : constants) {
    OpBuilder builder(constant);
    mlir::seqm::ParameterOp &parameter = parameters[constant.getValue()];
    if (!parameter) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(module.getBody());
      parameter = mlir::seqm::ParameterOp::create(builder, constant.getLoc(), "constant", constant.getType(),
                                                  constant.getValue(), StringAttr());
      symbols.insert(parameter); // makes the name unique
    }
    Value load = mlir::seqm::LoadOp::create(builder, constant.getLoc(), constant.getType(), parameter.getSymName());
    constant.getResult().replaceAllUsesWith(load);
    constant.erase();
  }
}

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

/// The values of a parameter as those of one with elements of type `element`.
static Attribute convertSource(Attribute source, Type from, Type element) {
  if (auto file = dyn_cast<mlir::seqm::FileAttr>(source))
    return mlir::seqm::FileAttr::get(file.getContext(), file.getPath(), file.getOffset(), file.getShape(),
                                     file.getStrides(), file.getStored() ? file.getStored() : from);
  if (auto dense = dyn_cast<DenseFPElementsAttr>(source))
    return dense.mapValues(element, [&](const APFloat &value) {
      APFloat converted = value;
      bool losesInfo;
      converted.convert(cast<FloatType>(element).getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
      return converted.bitcastToAPInt();
    });
  return source; // random values and parts of other parameters have no type of their own
}

static LogicalResult makeDenseParameter(mlir::seqm::ParameterOp parameter, Type f32) {
  RankedTensorType type = parameter.getTensorType();
  if (type.getElementType() == f32)
    return success();
  if (!isa<FloatType>(type.getElementType()))
    return parameter.emitOpError("of type ")
           << type << " is used as a plain tensor, which must hold floats"
           << (mlir::seq::getBlockFormat(type.getElementType())
                   ? ": give it the type f32 and name the type in its file by `stored`"
                   : "");
  parameter.setSourceAttr(convertSource(parameter.getSource(), type.getElementType(), f32));
  parameter.setType(type.clone(f32));
  return success();
}

/// Whether an op is as well with the type that one of its operands has now.
static bool isWellFormed(Operation *op) {
  ScopedDiagnosticHandler quiet(op->getContext(), [](Diagnostic &) { return success(); });
  // Result types that are inferred belong to the second kind of invariants.
  return succeeded(op->getName().verifyInvariants(op)) && succeeded(op->getName().verifyRegionInvariants(op));
}

static Value convert(OpBuilder &builder, Location loc, Value value, Type type) {
  auto from = cast<RankedTensorType>(value.getType()), to = cast<RankedTensorType>(type);
  if (from.getElementTypeBitWidth() < to.getElementTypeBitWidth())
    return arith::ExtFOp::create(builder, loc, to, value);
  return arith::TruncFOp::create(builder, loc, to, value);
}

/// Gives the users of `value`, whose type was `old`, what they ask for.
static void convertUsers(Value value, Type old, const llvm::SetVector<Value> &dense, ModuleOp module) {
  for (OpOperand &use : llvm::make_early_inc_range(value.getUses())) {
    Operation *user = use.getOwner();
    if (auto widened = dyn_cast<arith::ExtFOp>(user); widened && widened.getType() == value.getType()) {
      widened.getResult().replaceAllUsesWith(value);
      widened.erase();
      continue;
    }
    if (auto call = dyn_cast<func::CallOp>(user)) {
      auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
      if (!callee.isExternal() && dense.contains(callee.getArgument(use.getOperandNumber())))
        continue; // its argument becomes f32 too
    } else if (isa<mlir::seq::SeqDialect>(user->getDialect()) && isWellFormed(user)) {
      continue;
    }
    OpBuilder builder(user);
    use.set(convert(builder, user->getLoc(), value, old));
  }
}

LogicalResult seqc::makeDense(ArrayRef<Value> values, ModuleOp module) {
  Type f32 = Float32Type::get(module.getContext());
  llvm::SetVector<Value> dense(values.begin(), values.end());
  SmallVector<std::pair<Value, Type>> changed;
  for (Value value : dense) {
    if (auto load = value.getDefiningOp<mlir::seqm::LoadOp>())
      if (failed(makeDenseParameter(module.lookupSymbol<mlir::seqm::ParameterOp>(load.getParameter()), f32)))
        return failure();
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getElementType() == f32 || !isa<FloatType>(type.getElementType()))
      continue;
    changed.push_back({value, type});
    value.setType(type.clone(f32));
  }
  for (auto [value, old] : changed)
    convertUsers(value, old, dense, module);
  return success();
}
