//===- Describe.cpp - What a module's header says -------------------------===//

#include "Describe.h"
#include "Executed.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "seq/Analysis/Cost.h"
#include "seq/Codegen/Lowering/Interface.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
namespace file = seqc::file;

namespace {

llvm::Expected<file::ElementType> elementType(Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << type;
  if (type.isInteger(1))
    name = "bool"; // a byte, in buffers too
  if (auto parsed = file::parseElementType(name))
    return *parsed;
  return llvm::createStringError("a module can not hold elements of type " + name + " in the signature of an export");
}

file::StateComponent component(Type element, std::vector<file::StateDim> dims, double fill) {
  file::StateComponent result;
  result.type = *file::parseElementType(element.isInteger(64) ? "i64"
                                        : element.isF32()     ? "f32"
                                        : element.isF64()     ? "f64"
                                        : element.isF16()     ? "f16"
                                                              : "bf16");
  result.dims = std::move(dims);
  result.fill = fill;
  return result;
}

file::State describeState(Type type, llvm::StringRef name) {
  using Dim = file::StateDim;
  file::State state;
  state.name = name.str();
  if (auto kv = dyn_cast<mlir::seq::KVType>(type)) {
    Type element = kv.getElementType();
    state.kind = "kv";
    state.hasCapacity = true;
    constexpr int64_t panel = mlir::seq::KVType::kPanel;
    state.components.push_back(component(
        element,
        {Dim::batch(), Dim::fixed(kv.getHeads()), Dim::capacity(panel), Dim::fixed(kv.getKeyDim()), Dim::fixed(panel)},
        0));
    state.components.push_back(component(
        element, {Dim::batch(), Dim::fixed(kv.getHeads()), Dim::capacity(1), Dim::fixed(kv.getValueDim())}, 0));
    return state;
  }
  auto fixed = cast<mlir::seq::StateType>(type);
  state.kind = fixed.getElementType().isInteger(64) ? "position" : fixed.getShape().size() == 3 ? "matrix" : "shift";
  std::vector<Dim> dims{Dim::batch()};
  for (int64_t extent : fixed.getShape())
    dims.push_back(Dim::fixed(extent));
  state.components.push_back(component(fixed.getElementType(), dims, fixed.getInit().convertToDouble()));
  return state;
}

/// Describes one export after the other, collecting the states that they share by name.
class Describer {
public:
  explicit Describer(ModuleOp module) : module(module) {}

  llvm::Error exportOf(mlir::seqm::ExportOp op) {
    auto function = module.lookupSymbol<func::FuncOp>(op.getFunction());
    symbols = seqc::symbolicDims(function);
    file::Export result;
    result.name = op.getName().str();
    result.kind = op.getKind().str();
    describeDims(result);
    if (op.getKind() == "step")
      result.tokensPerCall = 1;
    unsigned nextName = 0;
    for (BlockArgument argument : function.getArguments()) {
      if (auto type = dyn_cast<RankedTensorType>(argument.getType())) {
        auto tensor = tensorOf(type, cast<StringAttr>(op.getArgumentNames()[nextName++]).getValue());
        if (!tensor)
          return tensor.takeError();
        result.arguments.push_back(*tensor);
      } else {
        auto state = stateOf(op, function, argument);
        if (!state)
          return state.takeError();
        result.states.push_back(*state);
      }
    }
    nextName = 0;
    for (Type type : function.getResultTypes()) {
      auto ranked = dyn_cast<RankedTensorType>(type);
      if (!ranked)
        continue;
      auto tensor = tensorOf(ranked, cast<StringAttr>(op.getResultNames()[nextName++]).getValue());
      if (!tensor)
        return tensor.takeError();
      result.results.push_back(*tensor);
    }
    addCosts(function, result);
    description.exports.push_back(std::move(result));
    return llvm::Error::success();
  }

  file::Module description;

private:
  void describeDims(file::Export &result) {
    int64_t context = 0;
    if (auto limit = module->getAttrOfType<IntegerAttr>("seqm.context"))
      context = limit.getInt();
    for (auto [i, d] : llvm::enumerate(symbols.dimensions)) {
      file::Dim dim{seqc::SymbolicDims::nameOf(d), 1, 0};
      if (d == 0)
        result.batchDim = static_cast<int32_t>(i);
      if (d == 1) {
        result.timeDim = static_cast<int32_t>(i);
        dim.max = context;
      }
      result.dims.push_back(dim);
    }
  }

  llvm::Expected<file::Tensor> tensorOf(RankedTensorType type, llvm::StringRef name) {
    auto element = elementType(type.getElementType());
    if (!element)
      return element.takeError();
    file::Tensor tensor{name.str(), *element, {}};
    for (int64_t d = 0; d < type.getRank(); ++d)
      tensor.shape.push_back(type.isDynamicDim(d) ? file::symbolicDim(symbols.indexOf(d)) : type.getDimSize(d));
    return tensor;
  }

  /// The number of a state: exports share those that have one name.
  llvm::Expected<uint32_t> stateOf(mlir::seqm::ExportOp op, func::FuncOp function, BlockArgument argument) {
    auto named = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "seqm.name");
    std::string name = named ? named.getValue().str() : "state" + std::to_string(argument.getArgNumber());
    auto [it, isNew] = states.try_emplace(name, static_cast<uint32_t>(description.states.size()), argument.getType());
    auto [number, type] = it->second;
    if (isNew)
      description.states.push_back(describeState(argument.getType(), name));
    if (type != argument.getType()) {
      std::string types;
      llvm::raw_string_ostream(types) << type << " and " << argument.getType();
      return llvm::createStringError("export '" + op.getName().str() + "': the state '" + name + "' is both " + types +
                                     ": give the arguments other names (seqm.name)");
    }
    return number;
  }

  /// What a call computes, and the weights and states that it reads and writes. Recurrences count as token by token:
  /// their form depends on the target.
  void addCosts(func::FuncOp function, file::Export &result) {
    seqc::Cost cost;
    seqc::forEachExecuted(module, function, [&](func::FuncOp, Operation *op) { cost += seqc::costOf(op); });
    addTerms(result, result.flops, cost.flops);
    seqc::Amount bytes = cost.weights;
    bytes += cost.states;
    addTerms(result, result.bytes, bytes);
  }

  static void addTerms(const file::Export &of, file::Polynomial &to, const seqc::Amount &amount) {
    std::vector<uint8_t> none(of.dims.size() + 1, 0);
    std::vector<uint8_t> rows = none;
    if (of.batchDim >= 0)
      rows[of.batchDim] = 1;
    std::vector<uint8_t> tokens = rows;
    if (of.timeDim >= 0)
      tokens[of.timeDim] = 1;
    auto withContext = [](std::vector<uint8_t> exponents) {
      exponents.back() = 1;
      return exponents;
    };
    for (const auto &[coefficient, exponents] :
         {std::pair(amount.perToken, tokens), std::pair(amount.perRow, rows), std::pair(amount.perCall, none),
          std::pair(amount.perPair, withContext(tokens)), std::pair(amount.perKey, withContext(rows))})
      if (coefficient != 0)
        to.push_back({coefficient, exponents});
  }

  ModuleOp module;
  seqc::SymbolicDims symbols;
  llvm::StringMap<std::pair<uint32_t, Type>> states;
};

} // namespace

llvm::Expected<file::Module> seqc::describe(ModuleOp module) {
  Describer describer(module);
  for (auto exported : module.getOps<mlir::seqm::ExportOp>())
    if (llvm::Error error = describer.exportOf(exported))
      return error;
  file::Module &description = describer.description;
  if (description.exports.empty()) {
    auto file = dyn_cast<FileLineColLoc>(module.getLoc());
    return llvm::createStringError((file ? file.getFilename().str() : "the module") +
                                   ": it exports nothing: add seqm.export for the functions to call");
  }
  description.producer = "seqc 0.1.0";
  if (auto name = module->getAttrOfType<StringAttr>("seqm.name"))
    description.name = name.getValue().str();
  if (auto context = module->getAttrOfType<IntegerAttr>("seqm.context"))
    description.contextLength = context.getInt();
  if (auto vocabulary = module->getAttrOfType<IntegerAttr>("seqm.vocabulary"))
    description.vocabularySize = vocabulary.getInt();
  if (auto stops = module->getAttrOfType<DenseI64ArrayAttr>("seqm.stop_tokens"))
    description.stopTokens.assign(stops.asArrayRef().begin(), stops.asArrayRef().end());
  return std::move(description);
}
