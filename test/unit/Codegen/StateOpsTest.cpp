//===- StateOpsTest.cpp - Positions, shifts, KV states, the last token ----===//

#include "Compare.h"
#include "KernelHarness.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::test;

namespace {

template <typename T> T *as(float *memory) { return reinterpret_cast<T *>(memory); }

TEST(PositionsTest, CountFromZeroWithoutAState) {
  Compiled compiled("func.func @f(%x: tensor<?x?x3xf32>) -> tensor<?x?xi32> {\n"
                    "  %p = seq.positions %x : tensor<?x?x3xf32>\n  return %p : tensor<?x?xi32>\n}\n"
                    "seqm.export \"f\" = @f kind \"other\" arguments [\"x\"] results [\"p\"]\n",
                    "x86-64-v3");
  std::vector<float> x(2 * 3 * 3);
  std::vector<int32_t> p(6, -1);
  ASSERT_EQ(compiled.call({x.data()}, {p.data()}, {2, 3}), 0);
  EXPECT_EQ(p, (std::vector<int32_t>{0, 1, 2, 0, 1, 2}));
}

TEST(PositionsTest, ContinueFromTheState) {
  Compiled compiled("func.func @f(%x: tensor<?x?x3xf32>, %s: !seq.state<i64>) -> (tensor<?x?xi32>, !seq.state<i64>) {\n"
                    "  %p, %n = seq.positions %x state %s : tensor<?x?x3xf32>, !seq.state<i64>\n"
                    "  return %p, %n : tensor<?x?xi32>, !seq.state<i64>\n}\n"
                    "seqm.export \"f\" = @f kind \"other\" arguments [\"x\"] results [\"p\"]\n",
                    "x86-64-v3");
  std::vector<float> x(2 * 2 * 3);
  State state = State::counter(2);
  as<int64_t>(state.component(0))[1] = 10;
  std::vector<int32_t> p(4, -1);
  ASSERT_EQ(compiled.call({x.data()}, {p.data()}, {2, 2}, {&state}), 0);
  EXPECT_EQ(p, (std::vector<int32_t>{0, 1, 10, 11}));
  EXPECT_EQ(as<int64_t>(state.component(0))[0], 2);
  EXPECT_EQ(as<int64_t>(state.component(0))[1], 12);
}

TEST(TokenShiftTest, StartsWithZeros) {
  for (const std::string &target : runnableTargets()) {
    Compiled compiled("func.func @f(%x: tensor<?x?x19xf32>) -> tensor<?x?x19xf32> {\n"
                      "  %y = seq.token_shift %x : tensor<?x?x19xf32>\n  return %y : tensor<?x?x19xf32>\n}\n"
                      "seqm.export \"f\" = @f kind \"other\" arguments [\"x\"] results [\"y\"]\n",
                      target);
    std::vector<float> x = randomFloats(2 * 3 * 19, 1), y(x.size(), NAN), expected(x.size());
    for (int64_t i = 0; i < 2 * 3 * 19; ++i)
      expected[i] = i / 19 % 3 == 0 ? 0 : x[i - 19];
    ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {2, 3}), 0);
    EXPECT_EQ(y, expected);
  }
}

TEST(TokenShiftTest, CarriesTheLastTokenAcrossCalls) {
  for (const std::string &target : runnableTargets()) {
    Compiled compiled(
        "func.func @f(%x: tensor<?x?x19xf32>, %s: !seq.state<19xf32>) -> (tensor<?x?x19xf32>, !seq.state<19xf32>) {\n"
        "  %y, %n = seq.token_shift %x state %s : tensor<?x?x19xf32>, !seq.state<19xf32>\n"
        "  return %y, %n : tensor<?x?x19xf32>, !seq.state<19xf32>\n}\n"
        "seqm.export \"f\" = @f kind \"other\" arguments [\"x\"] results [\"y\"]\n",
        target);
    State state(2, 0, {2 * 19});
    std::vector<float> last(2 * 19, 0.0f);
    for (int64_t time : {3, 1, 2}) {
      std::vector<float> x = randomFloats(2 * time * 19, time), y(x.size(), NAN);
      ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {2, time}, {&state}), 0);
      for (int64_t i = 0; i < 2 * time * 19; ++i) {
        int64_t row = i / 19 / time, t = i / 19 % time;
        ASSERT_EQ(y[i], t == 0 ? last[row * 19 + i % 19] : x[i - 19]) << i;
      }
      for (int64_t i = 0; i < 2 * 19; ++i)
        last[i] = x[(i / 19 * time + time - 1) * 19 + i % 19];
    }
  }
}

TEST(LastTest, TakesTheLastTokenOfEveryRow) {
  Compiled compiled("func.func @f(%x: tensor<?x?x3x5xf32>) -> tensor<?x1x3x5xf32> {\n"
                    "  %y = seq.last %x : tensor<?x?x3x5xf32>\n  return %y : tensor<?x1x3x5xf32>\n}\n"
                    "seqm.export \"f\" = @f kind \"other\" arguments [\"x\"] results [\"y\"]\n",
                    "x86-64-v3");
  std::vector<float> x = randomFloats(2 * 4 * 15, 1), y(2 * 15, NAN);
  ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {2, 4}), 0);
  for (int64_t i = 0; i < 2 * 15; ++i)
    EXPECT_EQ(y[i], x[(i / 15 * 4 + 3) * 15 + i % 15]);
}

TEST(LastTest, CopiesWholeNumbers) {
  Compiled compiled("func.func @f(%x: tensor<?x?xi32>) -> tensor<?x1xi32> {\n"
                    "  %y = seq.last %x : tensor<?x?xi32>\n  return %y : tensor<?x1xi32>\n}\n"
                    "seqm.export \"f\" = @f kind \"other\" arguments [\"x\"] results [\"y\"]\n",
                    "x86-64-v3");
  std::vector<int32_t> x{1, 2, 3, 4, 5, 6}, y(2);
  ASSERT_EQ(compiled.call({x.data()}, {y.data()}, {2, 3}), 0);
  EXPECT_EQ(y, (std::vector<int32_t>{3, 6}));
}

/// Keys in panels of 32 tokens, values by token, rows that hold different numbers of tokens.
TEST(KvAppendTest, WritesBehindWhatEachRowHolds) {
  constexpr int64_t batch = 2, heads = 3, keyDim = 12, valueDim = 20, capacity = 70;
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(
        "func.func @f(%k: tensor<?x?x3x12xf32>, %v: tensor<?x?x3x20xf32>, %s: !seq.kv<3x12x20xf32>) -> "
        "!seq.kv<3x12x20xf32> {\n"
        "  %n = seq.kv_append %s, %k, %v : !seq.kv<3x12x20xf32>, tensor<?x?x3x12xf32>, tensor<?x?x3x20xf32>\n"
        "  return %n : !seq.kv<3x12x20xf32>\n}\n"
        "seqm.export \"f\" = @f kind \"other\" arguments [\"k\", \"v\"] results []\n",
        target);
    State state = State::kv(batch, capacity, heads, keyDim, valueDim);
    state.counts = {0, 5};
    for (int64_t time : {1, 40, 20, 3}) {
      std::vector<int64_t> before = state.counts;
      std::vector<float> k = randomFloats(batch * time * heads * keyDim, time);
      std::vector<float> v = randomFloats(batch * time * heads * valueDim, time + 1);
      ASSERT_EQ(compiled.call({k.data(), v.data()}, {}, {batch, time}, {&state}), 0);
      for (int64_t b = 0; b < batch; ++b) {
        ASSERT_EQ(state.counts[b], before[b] + time);
        for (int64_t t = 0; t < time; ++t)
          for (int64_t h = 0; h < heads; ++h) {
            int64_t at = before[b] + t, from = (b * time + t) * heads + h;
            for (int64_t c = 0; c < keyDim; ++c)
              ASSERT_EQ(state.component(0)[(((b * heads + h) * 3 + at / 32) * keyDim + c) * 32 + at % 32],
                        k[from * keyDim + c]);
            for (int64_t c = 0; c < valueDim; ++c)
              ASSERT_EQ(state.component(1)[((b * heads + h) * capacity + at) * valueDim + c], v[from * valueDim + c]);
          }
      }
    }
    // What no token was written to is untouched.
    EXPECT_TRUE(std::isnan(state.component(1)[(capacity - 1) * valueDim]));
  }
}

/// The runtime refuses such calls where the state is a context's; memory must be safe even so.
TEST(KvAppendTest, NeverWritesBeyondTheCapacity) {
  Compiled compiled(
      "func.func @f(%k: tensor<?x?x1x4xf32>, %v: tensor<?x?x1x4xf32>, %s: !seq.kv<1x4xf32>) -> !seq.kv<1x4xf32> {\n"
      "  %n = seq.kv_append %s, %k, %v : !seq.kv<1x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>\n"
      "  return %n : !seq.kv<1x4xf32>\n}\n"
      "seqm.export \"f\" = @f kind \"other\" arguments [\"k\", \"v\"] results []\n",
      "x86-64-v3");
  // Two rows in memory, of which the state knows one.
  State state(1, 40, {2 * 64 * 4, 2 * 40 * 4}, -5.0f);
  state.counts = {38};
  std::vector<float> k = randomFloats(6 * 4, 1), v = randomFloats(6 * 4, 2);
  ASSERT_EQ(compiled.call({k.data(), v.data()}, {}, {1, 6}, {&state}), SEQ_ABI_STATE_FULL);
  EXPECT_EQ(state.counts[0], 40);
  for (int64_t i = 0; i < 64 * 4; ++i)
    EXPECT_EQ(state.component(0)[64 * 4 + i], -5.0f);
  for (int64_t i = 0; i < 40 * 4; ++i)
    EXPECT_EQ(state.component(1)[40 * 4 + i], -5.0f);
  EXPECT_EQ(state.component(1)[39 * 4], v[4]);
}

/// Memory of the arena starts as NaN here, and with what the call before left.
TEST(StateInitTest, StartsAnewInEveryCall) {
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled("func.func @f(%x: tensor<?x?x19xf32>) -> (tensor<?x?x19xf32>, tensor<?x?x19xf32>) {\n"
                      "  %c0 = arith.constant 0 : index\n  %b = tensor.dim %x, %c0 : tensor<?x?x19xf32>\n"
                      "  %s = seq.state_init %b : !seq.state<19xf32, init = 0.5>\n"
                      "  %y, %n = seq.token_shift %x state %s : tensor<?x?x19xf32>, !seq.state<19xf32, init = 0.5>\n"
                      "  %z, %m = seq.token_shift %x state %n : tensor<?x?x19xf32>, !seq.state<19xf32, init = 0.5>\n"
                      "  return %y, %z : tensor<?x?x19xf32>, tensor<?x?x19xf32>\n}\n"
                      "seqm.export \"f\" = @f kind \"other\" arguments [\"x\"] results [\"y\", \"z\"]\n",
                      target);
    for (int64_t batch : {3, 1, 2})
      for (int64_t time : {2, 1}) {
        std::vector<float> x = randomFloats(batch * time * 19, batch), y(x.size(), NAN), z(x.size(), NAN);
        ASSERT_EQ(compiled.call({x.data()}, {y.data(), z.data()}, {batch, time}), 0);
        for (int64_t i = 0; i < batch * time * 19; ++i) {
          bool isFirst = i / 19 % time == 0;
          ASSERT_EQ(y[i], isFirst ? 0.5f : x[i - 19]) << i;
          ASSERT_EQ(z[i], isFirst ? x[i + (time - 1) * 19] : x[i - 19]) << i;
        }
      }
  }
}

TEST(StateInitTest, HoldsAsManyTokensAsItsCapacity) {
  Compiled compiled("func.func @f(%k: tensor<?x?x1x4xf32>) -> tensor<?x?x1x4xf32> {\n"
                    "  %c0 = arith.constant 0 : index\n  %b = tensor.dim %k, %c0 : tensor<?x?x1x4xf32>\n"
                    "  %c4 = arith.constant 4 : index\n  %s = seq.state_init %b capacity %c4 : !seq.kv<1x4xf32>\n"
                    "  %n = seq.kv_append %s, %k, %k : !seq.kv<1x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>\n"
                    "  %o = seq.attention %k, %n {causal, window = 1} : tensor<?x?x1x4xf32>, !seq.kv<1x4xf32>\n"
                    "  return %o : tensor<?x?x1x4xf32>\n}\n"
                    "seqm.export \"f\" = @f kind \"other\" arguments [\"k\"] results [\"o\"]\n",
                    "x86-64-v3");
  for (int64_t time : {4, 5, 3}) {
    std::vector<float> k = randomFloats(2 * time * 4, 1), o(k.size(), NAN);
    ASSERT_EQ(compiled.call({k.data()}, {o.data()}, {2, time}), time > 4 ? SEQ_ABI_STATE_FULL : SEQ_ABI_OK);
    if (time <= 4)
      EXPECT_EQ(o, k); // a window of one sees the token's own value
  }
}

} // namespace
