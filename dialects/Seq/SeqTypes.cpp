//===- SeqTypes.cpp - States and block-quantised elements -----------------===//

#include "dialects/Seq/Seq.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::seq;

#define GET_TYPEDEF_CLASSES
#include "dialects/Seq/SeqTypes.cpp.inc"

void SeqDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Seq/SeqTypes.cpp.inc"
      >();
}

static bool isStateElement(Type type) { return isa<FloatType>(type) || type.isInteger(64); }

LogicalResult StateType::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape, Type elementType,
                                APFloat init) { // NOLINT(performance-unnecessary-value-param): MLIR declares it
  if (!isStateElement(elementType))
    return emitError() << "state_c1: the element type of a state is a float or i64, not " << elementType;
  if (llvm::any_of(shape, [](int64_t d) { return d <= 0; }))
    return emitError() << "state_c2: the dimensions of a state are positive constants";
  // 2^53: what a double holds exactly.
  if (elementType.isInteger() && !(init.isInteger() && llvm::abs(init).convertToDouble() <= 0x1p53))
    return emitError() << "state_c3: a state of integers starts from a whole number";
  return success();
}

Type StateType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  double init = 0;
  if (parser.parseLess() || parser.parseDimensionList(shape, /*allowDynamic=*/false) || parser.parseType(elementType))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("init") || parser.parseEqual() || parser.parseFloat(init)))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<StateType>(parser.getContext(), shape, elementType, APFloat(init));
}

/// A number by few digits where they say it exactly.
static std::string shortText(const APFloat &number) {
  for (int digits : {6, 17}) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format("%.*e", digits, number.convertToDouble());
    if (APFloat(number.getSemantics(), text).bitwiseIsEqual(number))
      return text;
  }
  llvm_unreachable("17 digits say every double exactly");
}

void StateType::print(AsmPrinter &printer) const {
  printer << '<';
  for (int64_t d : getShape())
    printer << d << 'x';
  printer << getElementType();
  if (!getInit().isZero()) {
    printer << ", init = " << shortText(getInit());
  }
  printer << '>';
}

LogicalResult KVType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t heads, int64_t keyDim,
                             int64_t valueDim, Type elementType) {
  if (!isa<FloatType>(elementType))
    return emitError() << "kv_c1: the element type of keys and values is a float, not " << elementType;
  if (heads <= 0 || keyDim <= 0 || valueDim <= 0)
    return emitError() << "kv_c2: heads and channels of a KV state are positive";
  return success();
}

Type KVType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseDimensionList(shape, /*allowDynamic=*/false) || parser.parseType(elementType) ||
      parser.parseGreater())
    return {};
  if (shape.size() != 2 && shape.size() != 3)
    return parser.emitError(loc, "a KV state has heads x channels, or heads x key channels x "
                                 "value channels"),
           Type();
  return parser.getChecked<KVType>(parser.getContext(), shape[0], shape[1], shape.back(), elementType);
}

void KVType::print(AsmPrinter &printer) const {
  printer << '<' << getHeads() << 'x' << getKeyDim() << 'x';
  if (getValueDim() != getKeyDim())
    printer << getValueDim() << 'x';
  printer << getElementType() << '>';
}

std::optional<BlockFormat> mlir::seq::getBlockFormat(Type elementType) {
  return TypeSwitch<Type, std::optional<BlockFormat>>(elementType)
      .Case<Q4_0Type, Q4_1Type, Q8_0Type>([](auto type) {
        using Quantised = decltype(type);
        return BlockFormat{Quantised::kBlockElements, Quantised::kBlockBytes};
      })
      .Default([](Type) { return std::nullopt; });
}
