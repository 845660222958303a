#include "Patterns.h"

#include "dialects/Module/Module.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Reducer/ReductionPatternInterface.h"

using namespace mlir;

/// Whether the module calls the function: then its type stays.
static bool isCalled(func::FuncOp function) {
  auto uses = SymbolTable::getSymbolUses(function, function->getParentOp());
  return !uses ||
         llvm::any_of(*uses, [](const SymbolTable::SymbolUse &use) { return isa<CallOpInterface>(use.getUser()); });
}

/// Exports name every tensor among the arguments.
static void nameArguments(func::FuncOp function, PatternRewriter &rewriter) {
  SmallVector<std::string> names;
  for (Type type : function.getArgumentTypes())
    if (isa<TensorType>(type))
      names.push_back("x" + std::to_string(names.size()));
  SmallVector<StringRef> references(names.begin(), names.end());
  for (auto exported : function->getParentRegion()->getOps<mlir::seqm::ExportOp>())
    if (exported.getFunction() == function.getSymName())
      rewriter.modifyOpInPlace(exported, [&] { exported.setArgumentNamesAttr(rewriter.getStrArrayAttr(references)); });
}

/// A new argument behind those of its kind: tensors come before states.
static Value addArgument(func::FuncOp function, Type type, Location location) {
  unsigned number = function.getNumArguments();
  if (isa<TensorType>(type))
    while (number > 0 && !isa<TensorType>(function.getArgumentTypes()[number - 1]))
      --number;
  [[maybe_unused]] LogicalResult inserted = function.insertArgument(number, type, {}, location);
  assert(succeeded(inserted) && "types of functions take any argument");
  return function.getArgument(number);
}

namespace {

/// Takes operands of the same types for all results.
struct UseOperands : RewritePattern {
  UseOperands(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/2, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    SmallVector<Value> operands;
    for (Type type : op->getResultTypes()) {
      auto same = llvm::find_if(op->getOperands(), [&](Value operand) { return operand.getType() == type; });
      if (same == op->operand_end())
        return failure();
      operands.push_back(*same);
    }
    if (operands.empty())
      return failure();
    rewriter.replaceOp(op, operands);
    return success();
  }
};

/// Makes results arguments of the function: what they were computed from is not needed then.
struct UseArguments : RewritePattern {
  UseArguments(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    auto function = dyn_cast_or_null<func::FuncOp>(op->getParentOp());
    if (!function || op->getNumResults() == 0 || isCalled(function))
      return failure();
    for (OpResult result : op->getResults()) {
      if (result.use_empty())
        continue;
      Value argument;
      rewriter.modifyOpInPlace(function, [&] { argument = addArgument(function, result.getType(), op->getLoc()); });
      rewriter.replaceAllUsesWith(result, argument);
    }
    rewriter.eraseOp(op);
    nameArguments(function, rewriter);
    return success();
  }
};

struct DropUnusedArguments : OpRewritePattern<func::FuncOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(func::FuncOp function, PatternRewriter &rewriter) const override {
    if (function.isExternal() || isCalled(function))
      return failure();
    BitVector unused(function.getNumArguments());
    for (BlockArgument argument : function.getArguments())
      if (argument.use_empty())
        unused.set(argument.getArgNumber());
    if (unused.none())
      return failure();
    rewriter.modifyOpInPlace(function, [&] {
      [[maybe_unused]] LogicalResult erased = function.eraseArguments(unused);
      assert(succeeded(erased) && "types of functions do without any argument");
    });
    nameArguments(function, rewriter);
    return success();
  }
};

struct ReductionPatterns : DialectReductionPatternInterface {
  ReductionPatterns(Dialect *dialect) : DialectReductionPatternInterface(dialect) {}

  void populateReductionPatterns(RewritePatternSet &patterns) const override {
    patterns.add<UseOperands, UseArguments, DropUnusedArguments>(patterns.getContext());
  }
};

} // namespace

void seqc::registerReductionPatterns(DialectRegistry &registry) {
  // Of the dialect that every program has.
  registry.addExtension(+[](MLIRContext *, BuiltinDialect *dialect) { dialect->addInterfaces<ReductionPatterns>(); });
}
