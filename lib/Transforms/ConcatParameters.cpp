//===- ConcatParameters.cpp - Parameters behind one another ---------------===//

#include "ConcatParameters.h"
#include "Calls.h"

using namespace mlir;
using namespace seqc;
using mlir::seqm::ConcatAttr;
using mlir::seqm::LoadOp;
using mlir::seqm::ParameterOp;

/// The operands of a call that arrive as `arguments` of its callee.
static SmallVector<Value> operandsFor(func::CallOp call, ArrayRef<Value> arguments) {
  return llvm::map_to_vector(
      arguments, [&](Value argument) { return call.getOperand(cast<BlockArgument>(argument).getArgNumber()); });
}

/// The function whose arguments all of `parts` are.
static func::FuncOp functionOfArguments(ArrayRef<Value> parts) {
  auto first = dyn_cast<BlockArgument>(parts.front());
  if (!first || !llvm::all_of(parts, [&](Value part) {
        auto argument = dyn_cast<BlockArgument>(part);
        return argument && argument.getOwner() == first.getOwner();
      }))
    return {};
  return dyn_cast<func::FuncOp>(first.getOwner()->getParentOp());
}

std::string ParameterConcatenator::whyNot(ArrayRef<Value> parts) {
  if (!llvm::all_of(parts, [](Value part) { return part.hasOneUse(); }))
    return "a weight or bias has other uses as well";
  if (llvm::all_of(parts, [](Value part) { return part.getDefiningOp<LoadOp>(); }))
    return "";
  func::FuncOp function = functionOfArguments(parts);
  if (!function)
    return "weights or biases are neither all parameters nor all arguments of the function";
  std::optional<SmallVector<func::CallOp>> calls = findCalls(function, module);
  if (!calls || calls->empty())
    return "weights or biases are arguments of @" + function.getSymName().str() +
           ", which is not only called from inside the module";
  for (func::CallOp call : *calls)
    if (std::string reason = whyNot(operandsFor(call, parts)); !reason.empty())
      return reason;
  return "";
}

Value ParameterConcatenator::concat(ArrayRef<Value> parts, OpBuilder &builder) {
  if (functionOfArguments(parts)) {
    for (Value part : parts)
      replacedArguments.insert(cast<BlockArgument>(part));
    return concatArguments(parts);
  }
  for (Value part : parts)
    replacedLoads.insert(part.getDefiningOp<LoadOp>());
  return concatLoads(parts, builder);
}

Value ParameterConcatenator::concatLoads(ArrayRef<Value> parts, OpBuilder &builder) {
  SmallVector<FlatSymbolRefAttr> symbols;
  std::string name;
  int64_t extent = 0;
  for (Value part : parts) {
    symbols.push_back(part.getDefiningOp<LoadOp>().getParameterAttr());
    name += (name.empty() ? "" : "+") + symbols.back().getValue().str();
    extent += cast<RankedTensorType>(part.getType()).getDimSize(0);
  }
  auto type = cast<RankedTensorType>(parts.front().getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.front() = extent;
  auto source = ConcatAttr::get(builder.getContext(), symbols);
  // Another call may have made the same concatenation, another symbol have its name.
  auto isSame = [&](Operation *symbol) {
    auto parameter = dyn_cast<ParameterOp>(symbol);
    return parameter && parameter.getSource() == source;
  };
  Operation *known = module.lookupSymbol(name);
  for (; known && !isSame(known); known = module.lookupSymbol(name))
    name += "'";
  Location loc = builder.getFusedLoc(llvm::map_to_vector(parts, [](Value part) { return part.getLoc(); }));
  if (!known) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointAfter(module.lookupSymbol(symbols.back().getAttr()));
    ParameterOp::create(builder, loc, name, type.clone(shape), source, StringAttr());
  }
  return LoadOp::create(builder, loc, type.clone(shape), name);
}

Value ParameterConcatenator::concatArguments(ArrayRef<Value> parts) {
  func::FuncOp function = functionOfArguments(parts);
  Type type;
  SmallVector<func::CallOp> calls = *findCalls(function, module);
  for (func::CallOp call : calls) {
    OpBuilder builder(call);
    Value operand = concat(operandsFor(call, parts), builder);
    call.getOperandsMutable().append(operand);
    type = operand.getType();
  }
  unsigned position = function.getNumArguments();
  (void)function.insertArgument(position, type, {}, parts.front().getLoc());
  return function.getArgument(position);
}

void ParameterConcatenator::eraseArguments(func::FuncOp function) {
  llvm::BitVector erased(function.getNumArguments());
  for (BlockArgument argument : function.getArguments())
    if (replacedArguments.contains(argument))
      erased.set(argument.getArgNumber());
  if (erased.none())
    return;
  SmallVector<func::CallOp> calls = *findCalls(function, module);
  for (func::CallOp call : calls)
    call->eraseOperands(erased);
  (void)function.eraseArguments(erased);
}

void ParameterConcatenator::eraseUnused() {
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal())
      eraseArguments(function);
  for (LoadOp load : replacedLoads)
    if (load->use_empty())
      load.erase();
}
