//===- ArenaSize.cpp - What the memory plan takes -------------------------===//
//
// The planner writes a function for each export that computes its arena's size by index
// arithmetic. It is evaluated here by the folders of that arithmetic.
//
//===----------------------------------------------------------------------===//

#include "ArenaSize.h"
#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "seq/Codegen/Lowering/Interface.h"

using namespace mlir;
using namespace seqc;

namespace {

class SizeEvaluator {
public:
  explicit SizeEvaluator(ModuleOp module) : module(module) {}

  /// The result of a size function. The planner's functions hold nothing but constants,
  /// arithmetic and calls of each other.
  int64_t evaluate(func::FuncOp function, ArrayRef<Attribute> arguments) {
    llvm::DenseMap<Value, Attribute> values;
    for (auto [argument, value] : llvm::zip_equal(function.getArguments(), arguments))
      values[argument] = value;
    for (Operation &op : function.getBody().front().without_terminator())
      values[op.getResult(0)] = evaluate(&op, values);
    Value result = function.getBody().front().getTerminator()->getOperand(0);
    return cast<IntegerAttr>(values[result]).getInt();
  }

private:
  Attribute evaluate(Operation *op, llvm::DenseMap<Value, Attribute> &values) {
    SmallVector<Attribute> operands =
        llvm::map_to_vector(op->getOperands(), [&](Value operand) { return values[operand]; });
    if (auto call = dyn_cast<func::CallOp>(op))
      return index(evaluate(module.lookupSymbol<func::FuncOp>(call.getCallee()), operands));
    SmallVector<OpFoldResult> results;
    if (failed(op->fold(operands, results)))
      llvm::report_fatal_error("a size function of the memory plan has an op that does not fold");
    // Without results an op has folded to itself.
    auto value = results.empty() ? op->getResult(0) : dyn_cast<Value>(results.front());
    return value ? values[value] : cast<Attribute>(results.front());
  }

  Attribute index(int64_t value) { return IntegerAttr::get(IndexType::get(module.getContext()), value); }

  ModuleOp module;
};

/// The size function of an export, with what its arguments stand for.
class ExportSize {
public:
  ExportSize(ModuleOp module, func::FuncOp function) : module(module), function(function) {
    sizes = module.lookupSymbol<func::FuncOp>((function.getSymName() + ".arena").str());
  }

  bool hasTime() { return llvm::is_contained(symbolicDims(function).dimensions, 1); }

  /// Bytes for one sequence.
  int64_t bytes(int64_t tokens, int64_t workers) {
    if (!sizes)
      return 0;
    Builder builder(module.getContext());
    SmallVector<Attribute> arguments{builder.getIndexAttr(workers)};
    for (Type type : function.getArgumentTypes())
      if (auto memref = dyn_cast<MemRefType>(type))
        for (int64_t d = 0; d < memref.getRank(); ++d)
          if (memref.isDynamicDim(d))
            arguments.push_back(builder.getIndexAttr(d == 1 ? tokens : 1));
    return SizeEvaluator(module).evaluate(sizes, arguments);
  }

private:
  ModuleOp module;
  func::FuncOp function, sizes;
};

} // namespace

std::vector<ArenaSize> seqc::arenaSizes(ModuleOp module, llvm::StringRef target) {
  auto context = module->getAttrOfType<IntegerAttr>("seqm.context");
  int64_t most = context ? context.getInt() : 512;
  std::vector<ArenaSize> result;
  for (auto exported : module.getOps<mlir::seqm::ExportOp>()) {
    ExportSize size(module, module.lookupSymbol<func::FuncOp>(exported.getFunction()));
    ArenaSize arena{exported.getName().str(), target.str()};
    arena.tokens = size.hasTime() ? most : 0;
    arena.bytes = size.bytes(most, 1);
    if (size.hasTime() && most > 1)
      arena.perToken = static_cast<double>(arena.bytes - size.bytes(1, 1)) / static_cast<double>(most - 1);
    arena.perWorker = size.bytes(most, 2) - arena.bytes;
    result.push_back(std::move(arena));
  }
  return result;
}
