//===- WeightLayouts.cpp - How the bytes of weights are used --------------===//

#include "WeightLayouts.h"
#include "Calls.h"

using namespace mlir;
using namespace seqc;

/// Packed layouts first: the parameter itself is packed, a copy of it is plain.
static constexpr WeightLayout kLayouts[] = {WeightLayout::Matrix, WeightLayout::Transposed, WeightLayout::Plain};

bool WeightLayouts::isChosen(Value value) {
  auto [known, isNew] = chosen.try_emplace(value, false); // so it is where functions call each other in a circle
  if (!isNew)
    return known->second;
  bool result = computeIsChosen(value);
  return chosen[value] = result;
}

bool WeightLayouts::computeIsChosen(Value value) {
  if (value.getDefiningOp<mlir::seqm::LoadOp>())
    return true;
  auto argument = dyn_cast<BlockArgument>(value);
  auto function = argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp();
  if (!function || !isa<RankedTensorType>(value.getType()))
    return false;
  auto calls = findCalls(function, module);
  return calls && !calls->empty() &&
         llvm::all_of(*calls, [&](func::CallOp call) { return isChosen(call.getOperand(argument.getArgNumber())); });
}

/// The argument that receives an operand of a call, if the callee has a body.
static Value argumentFor(ModuleOp module, func::CallOp call, OpOperand &use) {
  auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
  return callee && !callee.isExternal() ? Value(callee.getArgument(use.getOperandNumber())) : Value();
}

WeightLayout WeightLayouts::wantedBy(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto linear = dyn_cast<mlir::seq::LinearOp>(user); linear && &use == &linear.getWeightMutable())
    return linear.getTransposed() ? WeightLayout::Transposed : WeightLayout::Matrix;
  if (auto embedding = dyn_cast<mlir::seq::EmbeddingOp>(user); embedding && &use == &embedding.getTableMutable())
    return WeightLayout::Matrix;
  if (auto experts = dyn_cast<mlir::seq::ExpertLinearOp>(user); experts && &use == &experts.getWeightMutable())
    return WeightLayout::Matrix;
  if (auto call = dyn_cast<func::CallOp>(user))
    if (Value argument = argumentFor(module, call, use); argument && isChosen(argument))
      return of(argument);
  return WeightLayout::Plain;
}

WeightLayout WeightLayouts::of(Value value) {
  return value.use_empty() ? WeightLayout::Plain : wantedBy(*value.use_begin());
}

std::array<WeightLayouts::Uses, 3> WeightLayouts::usesByLayout(Value value) {
  std::array<Uses, 3> result;
  for (OpOperand &use : value.getUses())
    result[static_cast<size_t>(wantedBy(use))].push_back(&use);
  return result;
}

void WeightLayouts::separate() {
  // Arguments are doubled while functions are walked, never functions themselves.
  for (auto function : module.getOps<func::FuncOp>())
    separateArguments(function);
  SmallVector<mlir::seqm::LoadOp> loads;
  module.walk([&](mlir::seqm::LoadOp load) { loads.push_back(load); });
  // A parameter is loaded in many places: the layout that comes first keeps its name.
  for (WeightLayout layout : kLayouts)
    for (auto load : loads)
      if (!usesByLayout(load.getValue())[static_cast<size_t>(layout)].empty())
        (void)parameterFor(load, layout);
  for (auto load : loads)
    separateLoad(load);
}

/// Callees first: an argument has one layout before its callers ask for it.
void WeightLayouts::separateArguments(func::FuncOp function) {
  if (!separated.insert(function).second || function.isExternal())
    return;
  function.walk([&](func::CallOp call) {
    if (auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee()))
      separateArguments(callee);
  });
  for (BlockArgument argument : llvm::to_vector(function.getArguments()))
    if (isChosen(argument))
      separateArgument(function, argument);
}

void WeightLayouts::separateArgument(func::FuncOp function, BlockArgument argument) {
  unsigned position = argument.getArgNumber();
  SmallVector<func::CallOp> calls = *findCalls(function, module);
  if (argument.use_empty()) {
    chosen.erase(argument);
    for (func::CallOp call : calls)
      call->eraseOperand(position);
    return (void)function.eraseArgument(position);
  }
  std::array<Uses, 3> uses = usesByLayout(argument);
  bool isFirst = true;
  for (WeightLayout layout : kLayouts) {
    Uses &group = uses[static_cast<size_t>(layout)];
    if (group.empty())
      continue;
    if (std::exchange(isFirst, false))
      continue; // these keep the argument
    (void)function.insertArgument(++position, argument.getType(), {}, argument.getLoc());
    chosen[function.getArgument(position)] = true;
    for (OpOperand *use : group)
      use->set(function.getArgument(position));
    for (func::CallOp call : calls)
      call->insertOperands(position, call.getOperand(argument.getArgNumber()));
  }
}

mlir::seqm::ParameterOp WeightLayouts::parameterFor(mlir::seqm::LoadOp load, WeightLayout layout) {
  StringAttr name = load.getParameterAttr().getAttr();
  auto &parameter = stored[{name, layout}];
  if (parameter)
    return parameter;
  auto original = module.lookupSymbol<mlir::seqm::ParameterOp>(name);
  if (llvm::all_of(kLayouts, [&](WeightLayout other) { return !stored.lookup({name, other}); }))
    return parameter = original;
  original.emitRemark("is used in ways that need different layouts; it is stored once for each");
  parameter = original.clone();
  parameter.setSymName((name.getValue() + (layout == WeightLayout::Plain ? ".plain" : ".transposed")).str());
  SymbolTable(module).insert(parameter, std::next(Block::iterator(original))); // makes the name unique
  return parameter;
}

void WeightLayouts::separateLoad(mlir::seqm::LoadOp load) {
  std::array<Uses, 3> uses = usesByLayout(load.getValue());
  OpBuilder builder(load);
  for (WeightLayout layout : kLayouts) {
    Uses &group = uses[static_cast<size_t>(layout)];
    if (group.empty())
      continue;
    mlir::seqm::ParameterOp parameter = parameterFor(load, layout);
    Value loaded =
        mlir::seqm::LoadOp::create(builder, load.getLoc(), load.getValue().getType(), parameter.getSymName());
    chosen[loaded] = true;
    for (OpOperand *use : group)
      use->set(loaded);
  }
  chosen.erase(load.getValue());
  load.erase();
}
