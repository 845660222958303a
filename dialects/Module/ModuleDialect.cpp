//===- ModuleDialect.cpp - Registration and verifiers of seqm -------------===//

#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::seqm;

#include "dialects/Module/ModuleDialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Module/ModuleAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Module/ModuleOps.cpp.inc"

void SeqmDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Module/ModuleAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Module/ModuleOps.cpp.inc"
      >();
}

/// What a model says of itself as attributes of its module.
LogicalResult SeqmDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (!isa<ModuleOp>(op))
    return success();
  StringRef name = attribute.getName();
  if (name == "seqm.context" || name == "seqm.vocabulary") {
    auto count = dyn_cast<IntegerAttr>(attribute.getValue());
    if (!count || !count.getType().isInteger(64) || count.getInt() < 1)
      return op->emitOpError("model_c1: ") << name << " is a positive i64";
  } else if (name == "seqm.stop_tokens") {
    auto ids = dyn_cast<DenseI64ArrayAttr>(attribute.getValue());
    if (!ids || llvm::any_of(ids.asArrayRef(), [](int64_t id) { return id < 0; }))
      return op->emitOpError("model_c2: ") << name << " is an array of i64 that are not negative";
  } else if (name == "seqm.name" || name == "seqm.tokenizer") {
    if (!isa<StringAttr>(attribute.getValue()))
      return op->emitOpError("model_c3: ") << name << " is a string";
  }
  return success();
}

/// The number of elements of a shape; nothing where an extent is negative, or on overflow.
static std::optional<int64_t> countElements(ArrayRef<int64_t> shape) {
  int64_t result = 1;
  for (int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(result, extent, &result))
      return std::nullopt;
  return result;
}

LogicalResult ParameterOp::verify() {
  auto isTensor = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.hasStaticShape() && countElements(tensor.getShape());
  };
  // A packed parameter's type is bytes; its values are those of the logical type.
  auto logical = (*this)->getAttrOfType<TypeAttr>("seqm.logical");
  if (!isTensor(getType()) || (logical && !isTensor(logical.getValue())))
    return emitOpError("parameter_c1: the type is a tensor of constant shape");
  auto type = cast<RankedTensorType>(logical ? logical.getValue() : getType());
  if (auto dense = dyn_cast<ElementsAttr>(getSource())) {
    if (dense.getShapedType() != type)
      return emitOpError("parameter_c2: the values have the parameter's type");
    return success();
  }
  if (auto file = dyn_cast<FileAttr>(getSource())) {
    if (file.getOffset() < 0)
      return emitOpError("parameter_c3: an offset is not negative");
    if (file.getShape().size() != file.getStrides().size() ||
        (!file.getShape().empty() && countElements(file.getShape()) != countElements(type.getShape())))
      return emitOpError("parameter_c4: shape and strides enumerate the parameter's elements");
    return success();
  }
  if (!isa<NormalAttr, ConcatAttr>(getSource()))
    return emitOpError("parameter_c5: the values are #seqm.file, #seqm.normal, #seqm.concat or dense");
  return success();
}

LogicalResult LoadOp::verifySymbolUses(SymbolTableCollection &tables) {
  auto parameter = tables.lookupNearestSymbolFrom<ParameterOp>(*this, getParameterAttr());
  if (!parameter)
    return emitOpError("load_c1: there is no parameter ") << getParameterAttr();
  if (parameter.getType() != getValue().getType())
    return emitOpError("load_c2: parameter ") << getParameterAttr() << " is a " << parameter.getType();
  return success();
}

LogicalResult ExportOp::verify() {
  static constexpr StringRef kinds[] = {"forward", "prefill", "step", "other"};
  if (!llvm::is_contained(kinds, getKind()))
    return emitOpError("export_c1: the kind is forward, prefill, step or other");
  return success();
}

LogicalResult ExportOp::verifySymbolUses(SymbolTableCollection &tables) {
  auto function = tables.lookupNearestSymbolFrom<func::FuncOp>(*this, getFunctionAttr());
  if (!function)
    return emitOpError("export_c2: there is no function ") << getFunctionAttr();
  auto tensors = [](TypeRange types) { return llvm::count_if(types, llvm::IsaPred<TensorType>); };
  // Once tensors have become buffers, results are arguments.
  if (llvm::any_of(function.getArgumentTypes(), llvm::IsaPred<MemRefType>))
    return success();
  if (tensors(function.getArgumentTypes()) != static_cast<int64_t>(getArgumentNames().size()) ||
      tensors(function.getResultTypes()) != static_cast<int64_t>(getResultNames().size()))
    return emitOpError("export_c3: every tensor in the signature of ") << getFunctionAttr() << " has a name";
  return success();
}
