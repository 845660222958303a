//===- CostTest.cpp - What ops cost, and in which form they are quick -----===//

#include "seq/Analysis/Cost.h"
#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "seq/Analysis/Forms.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::seq;
using namespace seqc;

namespace {

class CostTest : public testing::Test {
protected:
  CostTest() { context.loadDialect<SeqDialect, func::FuncDialect, arith::ArithDialect>(); }

  /// The first op with a result of a function with these arguments and this body.
  Operation *parse(const std::string &arguments, const std::string &body) {
    module = parseSourceString<ModuleOp>("func.func @f(" + arguments + ") {\n" + body + "\nreturn }", &context);
    return module ? &(*module->getOps<func::FuncOp>().begin()).getBody().front().front() : nullptr;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

constexpr CallSize kCall{2, 100, 1000};

TEST_F(CostTest, AmountsAreSumsOfTerms) {
  Amount amount{1, 10, 100, 1000, 10000};
  EXPECT_EQ(amount.at({2, 3, 5}), 1 + 2 * (10 + 3 * 100 + 5 * (1000 + 3 * 10000)));
  amount += amount;
  EXPECT_EQ(amount.at({1, 0, 0}), 2 * 11);
}

TEST_F(CostTest, LinearLayersReadTheirWeightsOnce) {
  Operation *op = parse("%x: tensor<?x?x64xf32>, %w: tensor<32x64xf32>, %b: tensor<32xf32>",
                        "%y = seq.linear %x, %w bias %b : tensor<?x?x64xf32>, tensor<32x64xf32> bias tensor<32xf32> "
                        "-> tensor<?x?x32xf32>");
  Cost cost = costOf(op);
  EXPECT_EQ(cost.flops.at(kCall), 2 * 100 * 32 * (2 * 64 + 1));
  EXPECT_EQ(cost.weights.at(kCall), 4 * (32 * 64 + 32));
  EXPECT_EQ(cost.activations.at(kCall), 2 * 100 * 4 * (64 + 32));
  EXPECT_EQ(cost.exps.at(kCall), 0);
  EXPECT_EQ(cost.states.at(kCall), 0);
}

TEST_F(CostTest, ConstantExtentsAreInTheCounts) {
  Operation *op = parse("%x: tensor<3x5x64xf32>, %w: tensor<32x64x!seq.q8_0>",
                        "%y = seq.linear %x, %w : tensor<3x5x64xf32>, tensor<32x64x!seq.q8_0> -> tensor<3x5x32xf32>");
  ASSERT_TRUE(op);
  Cost cost = costOf(op);
  EXPECT_EQ(cost.flops.perCall, 3 * 5 * 2 * 32 * 64);
  EXPECT_EQ(cost.flops.perRow + cost.flops.perToken, 0);
  EXPECT_EQ(cost.weights.perCall, 32 * 64 / 32 * 34);
}

TEST_F(CostTest, AttentionSeesTheContext) {
  Operation *op = parse("%q: tensor<?x?x6x16xf32>, %kv: !seq.kv<2x16x8xf32>",
                        "%o = seq.attention %q, %kv {causal} : tensor<?x?x6x16xf32>, !seq.kv<2x16x8xf32>");
  ASSERT_TRUE(op);
  Cost cost = costOf(op);
  EXPECT_EQ(cost.flops.at(kCall), 2.0 * 100 * 1000 * 6 * 2 * (16 + 8));
  EXPECT_EQ(cost.exps.at(kCall), 2.0 * 100 * 1000 * 6);
  EXPECT_EQ(cost.states.at(kCall), 2.0 * 1000 * 2 * (16 + 8) * 4);
}

TEST_F(CostTest, MatrixStatesTokenByToken) {
  Operation *op =
      parse("%q: tensor<?x?x2x8xf32>, %v: tensor<?x?x4x6xf32>, %g: tensor<?x?x4x8xf32>, "
            "%s: !seq.state<4x8x6xf32>",
            "%o, %n = seq.state_mix %q, %q, %v g(%g : tensor<?x?x4x8xf32>) states(%s : !seq.state<4x8x6xf32>) "
            "decay channel update outer read post : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, "
            "tensor<?x?x4x6xf32>");
  ASSERT_TRUE(op);
  Cost cost = costOf(op);
  // A head: S' = D S + k v^T is 3 K V, o = scale S^T q is 2 K V + V.
  EXPECT_EQ(cost.flops.at(kCall), 2 * 100 * 4 * (5 * 8 * 6 + 6));
  EXPECT_EQ(cost.exps.at(kCall), 2 * 100 * 4 * 8);
  EXPECT_EQ(cost.states.at(kCall), 2 * 2 * 4 * (4 * 8 * 6)); // read and written
  EXPECT_EQ(cost.activations.at(kCall), 2 * 100 * 4 * (2 * 2 * 8 + 2 * 4 * 6 + 4 * 8));
  EXPECT_EQ(cost.weights.at(kCall), 0);
}

TEST_F(CostTest, FreshStatesAreWritten) {
  Operation *op = parse("%b: index", "%s = seq.state_init %b : !seq.state<4x8x6xf32>");
  ASSERT_TRUE(op);
  EXPECT_EQ(costOf(op).states.at(kCall), 2 * 4 * (4 * 8 * 6));
}

TEST_F(CostTest, ChunksTradeDecaysForPairsOfTokens) {
  auto mix = [&](const std::string &form) {
    Operation *op = parse("%q: tensor<?x?x1x128xf32>, %g: tensor<?x?x1x128xf32>, %beta: tensor<?x?x1xf32>",
                          "%o = seq.state_mix %q, %q, %q g(%g : tensor<?x?x1x128xf32>) beta(%beta : tensor<?x?x1xf32>) "
                          "decay channel update delta read post form " +
                              form + " : tensor<?x?x1x128xf32>, tensor<?x?x1x128xf32>, tensor<?x?x1x128xf32>");
    return costOf(op).flops.perToken;
  };
  EXPECT_EQ(mix("recurrent"), 7 * 128 * 128 + 128);
  EXPECT_EQ(mix("chunkwise"), 128 * 128 * (6 + 1.0 / 16) + 2 * 16 * (2 * 128 + 1.5 * 128) + 4 * 128);
  EXPECT_EQ(mix("auto"), mix("recurrent"));
}

TEST_F(CostTest, StaticDecaysAreComputedOnce) {
  Operation *op = parse("%q: tensor<?x?x2x8xf32>", "%o = seq.retention %q, %q, %q : tensor<?x?x2x8xf32>, "
                                                   "tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>");
  Cost cost = costOf(op);
  EXPECT_EQ(cost.exps.at(kCall), 2);
  EXPECT_EQ(cost.states.at(kCall), 0); // nothing given, nothing kept
}

TEST_F(CostTest, SelectiveScansAreExps) {
  Operation *op = parse("%x: tensor<?x?x1536xf32>, %a: tensor<1536x16xf32>, %b: tensor<?x?x1x16xf32>",
                        "%y = seq.selective_scan %x, %x, %a, %b, %b : tensor<?x?x1536xf32>, tensor<?x?x1536xf32>, "
                        "tensor<1536x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>");
  ASSERT_TRUE(op);
  Cost cost = costOf(op);
  EXPECT_EQ(cost.exps.perToken, 1536 * 16);
  EXPECT_EQ(cost.flops.perToken, 1536 * (6 * 16 + 1));
  EXPECT_EQ(cost.weights.perCall, 4 * 1536 * 16);
  EXPECT_EQ(boundOf(cost, {1, 2048, 0}, Machine::typical(16, 2)).limit, Bound::Exp);
}

TEST_F(CostTest, TheBoundIsTheSlowestResource) {
  Cost cost;
  cost.flops.perCall = 100;
  cost.exps.perCall = 10;
  cost.weights.perCall = 8;
  cost.states.perCall = 1;
  cost.activations.perCall = 1;
  Bound bound = boundOf(cost, {}, {100, 100, 100});
  EXPECT_EQ(bound.limit, Bound::FMA);
  EXPECT_EQ(bound.seconds, 1);
  EXPECT_EQ(bound.intensity, 10);
  EXPECT_EQ(boundOf(cost, {}, {100, 1, 100}).limit, Bound::Exp);
  EXPECT_EQ(boundOf(cost, {}, {100, 100, 1}).limit, Bound::Bandwidth);
  EXPECT_EQ(boundOf(cost, {}, {100, 100, 1}).seconds, 10);
  EXPECT_EQ(boundOf({}, {}, {1, 1, 1}).intensity, 0);
}

class FormsTest : public CostTest {
protected:
  FormOp delta(const std::string &time, int64_t width) {
    std::string t = "tensor<1x" + time + "x8x" + std::to_string(width) + "xf32>", beta = "tensor<1x" + time + "x8xf32>";
    return FormOp(parse("%q: " + t + ", %beta: " + beta,
                        "%o = seq.state_mix %q, %q, %q g(%beta : " + beta + ") beta(%beta : " + beta +
                            ") decay head update delta read post : " + t + ", " + t + ", " + t));
  }
};

TEST_F(FormsTest, ChunksWinFromSomeWidthOn) {
  for (int64_t lanes : {8, 16}) {
    FormTarget target{lanes, 2, 2048};
    EXPECT_EQ(chooseForm(delta("?", 16), target).form, Form::Recurrent) << lanes;
    EXPECT_EQ(chooseForm(delta("?", 256), target).form, Form::Chunkwise) << lanes;
    EXPECT_EQ(chooseForm(delta("1", 256), target).form, Form::Recurrent) << lanes;
    EXPECT_EQ(chooseForm(delta("15", 256), target).form, Form::Recurrent) << lanes;
    EXPECT_EQ(chooseForm(delta("?", 256), {lanes, 2, 8}).form, Form::Recurrent) << lanes;
  }
}

TEST_F(FormsTest, RulesNameThemselves) {
  FormOp op = delta("?", 64);
  for (Form form : {Form::Recurrent, Form::Chunkwise, Form::Parallel})
    EXPECT_EQ(whyNotForm(op, form), "");
  op = FormOp(parse("%x: tensor<?x?x8xf32>, %a: tensor<8x4xf32>, %b: tensor<?x?x1x4xf32>",
                    "%y = seq.selective_scan %x, %x, %a, %b, %b : tensor<?x?x8xf32>, tensor<?x?x8xf32>, "
                    "tensor<8x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>"));
  EXPECT_EQ(whyNotForm(op, Form::Chunkwise), "");
  EXPECT_TRUE(StringRef(whyNotForm(op, Form::Parallel)).starts_with("selective_scan_c12"));
}

TEST_F(FormsTest, TokensThatMakeNoBlockAreAWeakness) {
  FormOp op = delta("?", 64);
  EXPECT_EQ(weaknessOf(op), "");
  op.setForm(Form::Chunkwise);
  for (int64_t chunk : {0, 16, 64}) {
    op.setChunk(chunk);
    EXPECT_EQ(weaknessOf(op), "") << chunk;
  }
  op.setChunk(40);
  EXPECT_EQ(weaknessOf(op), "8 of the 40 tokens of a chunk make no whole block of 16 and go token by token");
}

TEST_F(FormsTest, TasksOfScansGrowWithTheirElements) {
  EXPECT_EQ(scanTasks(1, 16), 1);
  EXPECT_EQ(scanTasks(128, 16), 8);
  EXPECT_EQ(scanTasks(129, 16), 9);
  EXPECT_EQ(scanTaskVectors(512, 16), 4);
  EXPECT_EQ(scanTasks(4096, 16), 64);
}

} // namespace
