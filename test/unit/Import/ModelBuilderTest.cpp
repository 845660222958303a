// Weights that are part of a stored tensor.

#include "lib/Import/ModelBuilder.h"
#include "dialects/Module/Module.h"
#include "mlir/IR/MLIRContext.h"
#include "seq/Import/Import.h"
#include "gtest/gtest.h"

using namespace seqc::importer;

namespace {

/// A checkpoint of one Q4_1 matrix [96, 64], whose rows have 2 blocks of 20 bytes, at byte 100.
class QuantisedRows : public testing::Test {
protected:
  QuantisedRows() {
    mlir::DialectRegistry registry;
    registerImportDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    std::string bytes(100 + 96 * 40, '\0');
    unsigned file = source.addFile("weights", llvm::MemoryBuffer::getMemBufferCopy(bytes));
    source.addTensor({"w", ElementKind::Q4_1, "Q4_1", {96, 64}, file, 100, 96 * 40});
  }

  /// The module of a function that uses a weight, or the error.
  std::string import(llvm::function_ref<Weight(ModelBuilder &)> weight) {
    ModelBuilder builder(&context, source);
    Graph graph = builder.startForward();
    mlir::Value x = graph.embedding(graph.ids(), builder.filled("x", {10, 64}, 1));
    mlir::Value logits = graph.linear(x, weight(builder));
    auto module = builder.finish(graph, logits, {});
    if (!module)
      return llvm::toString(module.takeError());
    std::string text;
    llvm::raw_string_ostream(text) << **module;
    return text;
  }

  mlir::MLIRContext context;
  WeightSource source;
};

TEST_F(QuantisedRows, AreWholeBlocks) {
  std::string text = import([](ModelBuilder &model) { return model.rows("w", {96, 64}, "part", 32, 48); });
  EXPECT_NE(text.find("@w.part : tensor<48x64x!seq.q4_1> = #seqm.file<\"weights\", offset = 1380>"), std::string::npos)
      << text; // 100 + 32 * 40
}

TEST_F(QuantisedRows, RefusesOtherParts) {
  for (const View &view :
       {View{"columns", {96, 32}, 32, {96, 32}, {64, 1}}, View{"half", {2, 64}, 32, {2, 64}, {64, 1}},
        View{"transposed", {64, 96}, 0, {64, 96}, {1, 64}}, View{"narrow", {192, 32}, 0, {192, 32}, {32, 1}},
        View{"f32", {32, 64}, 0, {32, 64}, {64, 1}, /*asF32=*/true}}) {
    std::string text = import([&](ModelBuilder &model) { return model.view("w", {96, 64}, view); });
    EXPECT_NE(text.find("tensor 'w' is block-quantised; of such tensors only rows"), std::string::npos) << text;
  }
}

} // namespace
