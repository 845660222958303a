//===- Arithmetic.cpp - The arith dialect ---------------------------------===//

#include "Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace seqc::reference;

static constexpr llvm::StringLiteral kDividesByZero = "divides by zero (or overflows)";

/// The width of the elements of a value's type.
static unsigned widthOf(Value value) {
  Type type = getElementTypeOrSelf(value.getType());
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// The unsigned number with the bits of an integer of `width` bits.
static uint64_t unsignedOf(int64_t value, unsigned width) {
  return static_cast<uint64_t>(value) & llvm::maskTrailingOnes<uint64_t>(width);
}

/// The signed number that an integer means: an i1 is stored as 0 or 1 but its 1 is -1.
static int64_t signedOf(int64_t value, unsigned width) { return width == 1 ? -value : value; }

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// A function of two integers that is computed modulo 2^64 and wrapped to the type.
static void addModular(Handlers &handlers, StringRef name, uint64_t (*function)(uint64_t, uint64_t)) {
  addElementwise(handlers, name, {[function](Operation *, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{0, static_cast<int64_t>(function(x[0].integer, x[1].integer))};
                 }});
}

/// A function of two signed integers.
static void addSigned(Handlers &handlers, StringRef name, int64_t (*function)(int64_t, int64_t)) {
  addElementwise(handlers, name, {[function](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                   unsigned width = widthOf(op->getOperand(0));
                   return Number{0, function(signedOf(x[0].integer, width), signedOf(x[1].integer, width))};
                 }});
}

/// A function of two unsigned integers.
static void addUnsigned(Handlers &handlers, StringRef name, uint64_t (*function)(uint64_t, uint64_t)) {
  addElementwise(handlers, name, {[function](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                   unsigned width = widthOf(op->getOperand(0));
                   return Number{0, static_cast<int64_t>(
                                        function(unsignedOf(x[0].integer, width), unsignedOf(x[1].integer, width)))};
                 }});
}

/// A signed division: the divisor is not 0, and the quotient fits.
static void addDivision(Handlers &handlers, StringRef name, int64_t (*function)(int64_t, int64_t)) {
  addElementwise(handlers, name,
                 {[function](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                    unsigned width = widthOf(op->getOperand(0));
                    int64_t a = signedOf(x[0].integer, width), b = signedOf(x[1].integer, width);
                    if (b == 0 || (b == -1 && a == llvm::minIntN(width)))
                      return std::nullopt;
                    return Number{0, function(a, b)};
                  },
                  kDividesByZero});
}

static void addUnsignedDivision(Handlers &handlers, StringRef name, uint64_t (*function)(uint64_t, uint64_t)) {
  addElementwise(handlers, name,
                 {[function](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                    unsigned width = widthOf(op->getOperand(0));
                    if (x[1].integer == 0)
                      return std::nullopt;
                    return Number{0, static_cast<int64_t>(
                                         function(unsignedOf(x[0].integer, width), unsignedOf(x[1].integer, width)))};
                  },
                  kDividesByZero});
}

/// A shift by less than the width.
static void addShift(Handlers &handlers, StringRef name, int64_t (*function)(int64_t, uint64_t, unsigned)) {
  addElementwise(handlers, name,
                 {[function](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                    unsigned width = widthOf(op->getOperand(0));
                    uint64_t by = unsignedOf(x[1].integer, width);
                    if (by >= width)
                      return std::nullopt;
                    return Number{0, function(x[0].integer, by, width)};
                  },
                  "shifts by its width or more"});
}

static void addIntegers(Handlers &handlers) {
  addModular(handlers, "arith.addi", [](uint64_t a, uint64_t b) { return a + b; });
  addModular(handlers, "arith.subi", [](uint64_t a, uint64_t b) { return a - b; });
  addModular(handlers, "arith.muli", [](uint64_t a, uint64_t b) { return a * b; });
  addModular(handlers, "arith.andi", [](uint64_t a, uint64_t b) { return a & b; });
  addModular(handlers, "arith.ori", [](uint64_t a, uint64_t b) { return a | b; });
  addModular(handlers, "arith.xori", [](uint64_t a, uint64_t b) { return a ^ b; });
  addSigned(handlers, "arith.maxsi", [](int64_t a, int64_t b) { return std::max(a, b); });
  addSigned(handlers, "arith.minsi", [](int64_t a, int64_t b) { return std::min(a, b); });
  addUnsigned(handlers, "arith.maxui", [](uint64_t a, uint64_t b) { return std::max(a, b); });
  addUnsigned(handlers, "arith.minui", [](uint64_t a, uint64_t b) { return std::min(a, b); });
  addDivision(handlers, "arith.divsi", [](int64_t a, int64_t b) { return a / b; });
  addDivision(handlers, "arith.remsi", [](int64_t a, int64_t b) { return a % b; });
  addDivision(handlers, "arith.ceildivsi",
              [](int64_t a, int64_t b) { return a / b + (a % b != 0 && (a < 0) == (b < 0)); });
  addDivision(handlers, "arith.floordivsi",
              [](int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); });
  addUnsignedDivision(handlers, "arith.divui", [](uint64_t a, uint64_t b) { return a / b; });
  addUnsignedDivision(handlers, "arith.remui", [](uint64_t a, uint64_t b) { return a % b; });
  addUnsignedDivision(handlers, "arith.ceildivui", [](uint64_t a, uint64_t b) { return a / b + (a % b != 0); });
  addShift(handlers, "arith.shli",
           [](int64_t a, uint64_t by, unsigned) { return static_cast<int64_t>(static_cast<uint64_t>(a) << by); });
  addShift(handlers, "arith.shrsi", [](int64_t a, uint64_t by, unsigned) { return a >> by; });
  addShift(handlers, "arith.shrui",
           [](int64_t a, uint64_t by, unsigned width) { return static_cast<int64_t>(unsignedOf(a, width) >> by); });
}

static bool compareIntegers(arith::CmpIPredicate predicate, int64_t a, int64_t b, unsigned width) {
  uint64_t ua = unsignedOf(a, width), ub = unsignedOf(b, width);
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return ua == ub;
  case arith::CmpIPredicate::ne:
    return ua != ub;
  case arith::CmpIPredicate::slt:
    return a < b;
  case arith::CmpIPredicate::sle:
    return a <= b;
  case arith::CmpIPredicate::sgt:
    return a > b;
  case arith::CmpIPredicate::sge:
    return a >= b;
  case arith::CmpIPredicate::ult:
    return ua < ub;
  case arith::CmpIPredicate::ule:
    return ua <= ub;
  case arith::CmpIPredicate::ugt:
    return ua > ub;
  case arith::CmpIPredicate::uge:
    return ua >= ub;
  }
  llvm_unreachable("all predicates are above");
}

//===----------------------------------------------------------------------===//
// Reals
//===----------------------------------------------------------------------===//

static bool compareReals(arith::CmpFPredicate predicate, double a, double b) {
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case arith::CmpFPredicate::AlwaysFalse:
    return false;
  case arith::CmpFPredicate::AlwaysTrue:
    return true;
  case arith::CmpFPredicate::ORD:
    return !unordered;
  case arith::CmpFPredicate::UNO:
    return unordered;
  case arith::CmpFPredicate::OEQ:
    return a == b;
  case arith::CmpFPredicate::OGT:
    return a > b;
  case arith::CmpFPredicate::OGE:
    return a >= b;
  case arith::CmpFPredicate::OLT:
    return a < b;
  case arith::CmpFPredicate::OLE:
    return a <= b;
  case arith::CmpFPredicate::ONE:
    return !unordered && a != b;
  case arith::CmpFPredicate::UEQ:
    return unordered || a == b;
  case arith::CmpFPredicate::UGT:
    return !(a <= b);
  case arith::CmpFPredicate::UGE:
    return !(a < b);
  case arith::CmpFPredicate::ULT:
    return !(a >= b);
  case arith::CmpFPredicate::ULE:
    return !(a > b);
  case arith::CmpFPredicate::UNE:
    return unordered || a != b;
  }
  llvm_unreachable("all predicates are above");
}

/// The larger (or smaller) number; NaN if either is.
static double maximum(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::max(a, b); }
static double minimum(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::min(a, b); }

static void addReals(Handlers &handlers) {
  addReal(handlers, "arith.addf", +[](double a, double b) { return a + b; });
  addReal(handlers, "arith.subf", +[](double a, double b) { return a - b; });
  addReal(handlers, "arith.mulf", +[](double a, double b) { return a * b; });
  addReal(handlers, "arith.divf", +[](double a, double b) { return a / b; });
  addReal(handlers, "arith.remf", +[](double a, double b) { return std::fmod(a, b); });
  addReal(handlers, "arith.negf", +[](double a) { return -a; });
  addReal(handlers, "arith.maximumf", maximum);
  addReal(handlers, "arith.minimumf", minimum);
  addReal(handlers, "arith.maxnumf", +[](double a, double b) { return std::fmax(a, b); });
  addReal(handlers, "arith.minnumf", +[](double a, double b) { return std::fmin(a, b); });
  // The oracle never rounds to a narrower float.
  addReal(handlers, "arith.extf", +[](double a) { return a; });
  addReal(handlers, "arith.truncf", +[](double a) { return a; });
}

//===----------------------------------------------------------------------===//
// Casts, comparisons, constants
//===----------------------------------------------------------------------===//

static void addCasts(Handlers &handlers) {
  auto keep = [](Operation *, ArrayRef<Number> x) -> std::optional<Number> { return x[0]; };
  auto zeroExtend = [](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
    return Number{0, static_cast<int64_t>(unsignedOf(x[0].integer, widthOf(op->getOperand(0))))};
  };
  auto signExtend = [](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
    return Number{0, signedOf(x[0].integer, widthOf(op->getOperand(0)))};
  };
  for (StringRef name : {"arith.extui", "arith.index_castui"})
    addElementwise(handlers, name, {zeroExtend});
  for (StringRef name : {"arith.extsi", "arith.index_cast"})
    addElementwise(handlers, name, {signExtend});
  addElementwise(handlers, "arith.trunci", {keep});
  addElementwise(handlers, "arith.sitofp", {[signExtend](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{static_cast<double>(signExtend(op, x)->integer), 0};
                 }});
  addElementwise(handlers, "arith.uitofp", {[](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{static_cast<double>(unsignedOf(x[0].integer, widthOf(op->getOperand(0)))), 0};
                 }});
  addElementwise(handlers, "arith.fptosi",
                 {[](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                    double whole = std::trunc(x[0].real), limit = std::exp2(widthOf(op->getResult(0)) - 1.0);
                    if (!(whole >= -limit && whole < limit))
                      return std::nullopt;
                    return Number{0, static_cast<int64_t>(whole)};
                  },
                  "converts a number that its type can not hold"});
  addElementwise(handlers, "arith.fptoui",
                 {[](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                    double whole = std::trunc(x[0].real), limit = std::exp2(widthOf(op->getResult(0)));
                    if (!(whole >= 0 && whole < limit))
                      return std::nullopt;
                    return Number{0, static_cast<int64_t>(static_cast<uint64_t>(whole))};
                  },
                  "converts a number that its type can not hold"});
}

static void addChoices(Handlers &handlers) {
  addElementwise(handlers, "arith.cmpi", {[](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                   auto predicate = cast<arith::CmpIOp>(op).getPredicate();
                   unsigned width = widthOf(op->getOperand(0));
                   return Number{0, compareIntegers(predicate, signedOf(x[0].integer, width),
                                                    signedOf(x[1].integer, width), width)};
                 }});
  addElementwise(handlers, "arith.cmpf", {[](Operation *op, ArrayRef<Number> x) -> std::optional<Number> {
                   return Number{0, compareReals(cast<arith::CmpFOp>(op).getPredicate(), x[0].real, x[1].real)};
                 }});
}

/// A scalar condition chooses between any two values, a tensor of them element by element.
static LogicalResult runSelect(arith::SelectOp op, Frame &frame) {
  if (!isa<RankedTensorType>(op.getCondition().getType())) {
    frame.set(op.getResult(), frame.get(frame.integer(op.getCondition()) ? op.getTrueValue() : op.getFalseValue()));
    return success();
  }
  const Tensor &condition = frame.tensor(op.getCondition()), &yes = frame.tensor(op.getTrueValue());
  Tensor result = frame.tensor(op.getFalseValue());
  if (condition.shape() != yes.shape() || yes.shape() != result.shape())
    return op.emitOpError() << "has operands of " << shapeText(condition.shape()) << ", " << shapeText(yes.shape())
                            << " and " << shapeText(result.shape());
  for (int64_t i = 0; i < result.size(); ++i)
    if (condition.integers()[i])
      result.copyElement(i, yes, i);
  frame.set(op.getResult(), std::move(result));
  return success();
}

static LogicalResult runConstant(arith::ConstantOp op, Frame &frame) {
  Attribute value = op.getValue();
  if (auto real = dyn_cast<FloatAttr>(value)) {
    frame.set(op.getResult(), real.getValueAsDouble());
  } else if (auto integer = dyn_cast<IntegerAttr>(value); integer && integer.getValue().getBitWidth() <= 64) {
    frame.set(op.getResult(), wrapInteger(integer.getType(), integer.getValue().getSExtValue()));
  } else if (auto elements = dyn_cast<ElementsAttr>(value); elements && isa<RankedTensorType>(op.getType())) {
    auto tensor = tensorOf(op, elements);
    if (failed(tensor))
      return failure();
    frame.set(op.getResult(), std::move(*tensor));
  } else {
    return op.emitOpError() << "is a constant of a kind that the oracle does not know";
  }
  return success();
}

void seqc::reference::addArithmetic(Handlers &handlers) {
  addIntegers(handlers);
  addReals(handlers);
  addCasts(handlers);
  addChoices(handlers);
  handlers.add(runSelect);
  handlers.add(runConstant);
}
