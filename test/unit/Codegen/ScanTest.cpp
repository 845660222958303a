//===- ScanTest.cpp - The kernels of scans and short convolutions ---------===//
//
// Compared with plain f64 loops: whole sequences and pieces with states, odd sizes, resets and lengths.
//
//===----------------------------------------------------------------------===//

#include "Sequences.h"
#include "llvm/Support/FormatVariadic.h"
#include <complex>

using namespace seqc::test;

namespace {

using Complex = std::complex<double>;

//===----------------------------------------------------------------------===//
// selective_scan
//===----------------------------------------------------------------------===//

struct SelectiveCase {
  int64_t channels, states, groups = 1;
  bool isComplex = false, extras = false, resets = false, limits = false;
  std::string form = "auto";
  int64_t chunk = 0;
};

void PrintTo(const SelectiveCase &c, std::ostream *stream) {
  *stream << "D " << c.channels << ", N " << c.states << ", G " << c.groups << (c.isComplex ? ", complex" : "")
          << (c.extras ? ", extras" : "") << (c.resets ? ", resets" : "") << (c.limits ? ", lengths" : "") << ", form "
          << c.form << ' ' << c.chunk;
}

class SelectiveScanTest : public testing::TestWithParam<SelectiveCase> {
protected:
  SelectiveCase c = GetParam();
  Problem p;
  int64_t parts = c.isComplex ? 2 : 1;

  void SetUp() override {
    auto shaped = [&](std::vector<int64_t> shape) {
      if (c.isComplex)
        shape.push_back(2);
      return shape;
    };
    p.add("x", true, {c.channels}, -1, 1);
    p.add("dt", true, {c.channels}, c.extras ? -4.0f : 0.01f, c.extras ? 1.0f : 0.5f);
    p.add("a", false, shaped({c.channels, c.states}), -4, -0.01f);
    p.add("b", true, shaped({c.groups, c.states}), -1, 1);
    p.add("c", true, shaped({c.groups, c.states}), -1, 1);
    p.op = "seq.selective_scan %x, %dt, %a, %b, %c";
    for (const Operand &operand : p.operands)
      p.types += (p.types.empty() ? "" : ", ") + operand.type;
    if (c.extras) {
      p.add("skip", false, {c.channels}, -1, 1);
      p.add("z", true, {c.channels}, -3, 3);
      p.add("dt_bias", false, {c.channels}, -1, 1);
      for (const char *name : {"skip", "z", "dt_bias"})
        p.op += llvm::formatv(" {0}(%{0} : {1})", name, p.find(name).type);
    }
    p.attributes =
        llvm::formatv(" form {0} {{chunk = {1} : i64{2}{3}}", c.form, c.chunk,
                      c.extras ? ", dt_softplus, dt_min = 0.05, dt_max = 0.9" : "", c.isComplex ? ", complex" : "");
    p.outputShape = {c.channels};
    p.stateShape = shaped({c.channels, c.states});
    p.addSegments(c.resets, c.limits);
  }

  Complex number(const std::string &name, int64_t index) const {
    const std::vector<float> &values = p.find(name).values;
    return c.isComplex ? Complex(values[2 * index], values[2 * index + 1]) : Complex(values[index]);
  }

  double step(int64_t token, int64_t d) const {
    double dt = p.find("dt").values[token * c.channels + d];
    if (!c.extras)
      return dt;
    dt = std::log1p(std::exp(dt + p.find("dt_bias").values[d]));
    return std::min(std::max(dt, 0.05), 0.9);
  }

  /// Outputs and the last states [batch, D, N, parts].
  std::pair<std::vector<double>, std::vector<double>> solve(const std::vector<float> &initial) const {
    std::vector<double> y(p.batch * p.time * c.channels), last(initial.size());
    for (int64_t row = 0; row < p.batch; ++row)
      for (int64_t d = 0; d < c.channels; ++d) {
        std::vector<Complex> h(c.states);
        for (int64_t n = 0; n < c.states; ++n) {
          int64_t at = ((row * c.channels + d) * c.states + n) * parts;
          h[n] = c.isComplex ? Complex(initial[at], initial[at + 1]) : Complex(initial[at]);
        }
        for (int64_t t = 0; t < p.length(row); ++t)
          y[(row * p.time + t) * c.channels + d] = advance(row, t, d, h);
        for (int64_t n = 0; n < c.states; ++n)
          for (int64_t part = 0; part < parts; ++part)
            last[((row * c.channels + d) * c.states + n) * parts + part] = part ? h[n].imag() : h[n].real();
      }
    return {y, last};
  }

  double advance(int64_t row, int64_t t, int64_t d, std::vector<Complex> &h) const {
    int64_t token = row * p.time + t, group = d / (c.channels / c.groups);
    double dt = step(token, d), x = p.find("x").values[token * c.channels + d];
    if (p.isReset(row, t))
      std::fill(h.begin(), h.end(), Complex(0));
    Complex sum = 0;
    for (int64_t n = 0; n < c.states; ++n) {
      int64_t at = (token * c.groups + group) * c.states + n;
      h[n] = std::exp(dt * number("a", d * c.states + n)) * h[n] + dt * x * number("b", at);
      sum += number("c", at) * h[n];
    }
    double y = c.isComplex ? 2 * sum.real() : sum.real();
    if (c.extras)
      y = (y + p.find("skip").values[d] * x) * silu(p.find("z").values[token * c.channels + d]);
    return y;
  }
};

TEST_P(SelectiveScanTest, AgreesWithDoubles) {
  size_t count = p.batch * product(p.stateShape);
  std::vector<float> zeros(count), initial = randomFloats(count, 99);
  auto [y, last] = solve(zeros);
  auto [continued, end] = solve(initial);
  p.check(y, initial, continued, end, 3e-6);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SelectiveScanTest,
                         testing::Values(SelectiveCase{32, 16}, SelectiveCase{1, 1},
                                         SelectiveCase{37, 16, 1, false, true}, SelectiveCase{50, 5, 2},
                                         SelectiveCase{300, 16, 1, false, true, true, true},
                                         SelectiveCase{24, 37, 3, false, true, true}, SelectiveCase{17, 64},
                                         SelectiveCase{5, 3, 5, false, false, false, true},
                                         SelectiveCase{20, 4, 1, true}, SelectiveCase{9, 13, 3, true, true, true, true},
                                         SelectiveCase{37, 16, 1, false, true, true, true, "recurrent"},
                                         SelectiveCase{37, 16, 1, false, true, true, true, "chunkwise"},
                                         SelectiveCase{37, 5, 1, false, false, true, true, "chunkwise", 1},
                                         SelectiveCase{50, 5, 2, true, true, true, true, "chunkwise", 7},
                                         SelectiveCase{50, 5, 2, false, true, false, false, "chunkwise", 200}));

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

/// Scratch memory does not grow with time: nothing of [B,T,D,N], nor of [B,T,D], is made.
TEST(SelectiveScanMemoryTest, DoesNotGrowWithTime) {
  constexpr int64_t width = 64, states = 16;
  Compiled compiled(
      "func.func @f(%x: tensor<?x?x64xf32>, %dt: tensor<?x?x64xf32>, %A: tensor<64x16xf32>, "
      "%B: tensor<?x?x1x16xf32>, %C: tensor<?x?x1x16xf32>, %D: tensor<64xf32>, %z: tensor<?x?x64xf32>, "
      "%bias: tensor<64xf32>) -> tensor<?x?x64xf32> {\n"
      "  %y = seq.selective_scan %x, %dt, %A, %B, %C skip(%D : tensor<64xf32>) z(%z : tensor<?x?x64xf32>) "
      "dt_bias(%bias : tensor<64xf32>) {dt_softplus} : tensor<?x?x64xf32>, tensor<?x?x64xf32>, "
      "tensor<64x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>\n  return %y : tensor<?x?x64xf32>\n}\n"
      "seqm.export \"f\" = @f kind \"other\" arguments [\"x\", \"dt\", \"A\", \"B\", \"C\", \"D\", \"z\", "
      "\"bias\"] results [\"y\"]\n",
      "x86-64-v3");
  auto arenaAfter = [&](int64_t time) {
    std::vector<float> x = randomFloats(time * width, 1), b = randomFloats(time * states, 2), y(time * width);
    std::vector<float> a = randomFloats(width * states, 3, -2, 0);
    const float *wide = x.data(), *narrow = b.data();
    EXPECT_EQ(compiled.call({wide, wide, a.data(), narrow, narrow, wide, wide, wide}, {y.data()}, {1, time}), 0);
    return compiled.arenaBytes();
  };
  int64_t one = arenaAfter(100);
  EXPECT_GT(one, 0);
  EXPECT_EQ(arenaAfter(1000), one);
}

struct ScanCase {
  std::vector<int64_t> shape; ///< behind [B,T]
  bool isComplex = false, isStatic = false, resets = false, limits = false;
  int64_t batch = 2, time = 75;
  std::string form = "auto";
  int64_t chunk = 0;
};

void PrintTo(const ScanCase &c, std::ostream *stream) {
  *stream << "shape";
  for (int64_t extent : c.shape)
    *stream << ' ' << extent;
  *stream << (c.isComplex ? ", complex" : "") << (c.isStatic ? ", static" : "") << (c.resets ? ", resets" : "")
          << (c.limits ? ", lengths" : "") << ", batch " << c.batch << ", time " << c.time << ", form " << c.form << ' '
          << c.chunk;
}

class ScanTest : public testing::TestWithParam<ScanCase> {
protected:
  ScanCase c = GetParam();
  Problem p;
  int64_t width = product(c.shape);

  void SetUp() override {
    p.batch = c.batch;
    p.time = c.time;
    p.add("x", true, c.shape, -1, 1);
    p.add("g", !c.isStatic, c.shape, -2, 0);
    std::vector<float> &g = p.operands[1].values;
    for (size_t i = 0; i < g.size(); ++i) {
      bool isAngle = c.isComplex && i % 2 == 1;
      // Slow and fast decays, and states that are forgotten at once.
      if (i % 3 == 0 && !isAngle)
        g[i] *= 1e-3f;
      if (i % 31 == 4 && !isAngle)
        g[i] = i % 2 ? -40 : -INFINITY;
    }
    p.op = "seq.scan %x, %g";
    p.types = p.operands[0].type + ", " + p.operands[1].type;
    p.attributes = llvm::formatv(" form {0} {{chunk = {1} : i64{2}}", c.form, c.chunk, c.isComplex ? ", complex" : "");
    p.outputShape = p.stateShape = c.shape;
    p.addSegments(c.resets, c.limits);
  }

  std::pair<std::vector<double>, std::vector<double>> solve(const std::vector<float> &initial) const {
    std::vector<double> y(p.batch * p.time * width), last(initial.size());
    int64_t parts = c.isComplex ? 2 : 1;
    auto number = [&](const std::vector<float> &values, int64_t at) {
      return c.isComplex ? Complex(values[at], values[at + 1]) : Complex(values[at]);
    };
    auto put = [&](std::vector<double> &values, int64_t at, Complex value) {
      values[at] = value.real();
      if (c.isComplex)
        values[at + 1] = value.imag();
    };
    for (int64_t row = 0; row < p.batch; ++row)
      for (int64_t e = 0; e < width; e += parts) {
        Complex h = number(initial, row * width + e);
        for (int64_t t = 0; t < p.length(row); ++t) {
          int64_t at = (row * p.time + t) * width + e;
          Complex g = number(p.find("g").values, c.isStatic ? e : at);
          Complex decay = std::polar(std::exp(g.real()), g.imag());
          h = (p.isReset(row, t) ? Complex(0) : decay * h) + number(p.find("x").values, at);
          put(y, at, h);
        }
        put(last, row * width + e, h);
      }
    return {y, last};
  }
};

TEST_P(ScanTest, AgreesWithDoubles) {
  size_t count = p.batch * width;
  std::vector<float> zeros(count), initial = randomFloats(count, 99);
  auto [y, last] = solve(zeros);
  auto [continued, end] = solve(initial);
  p.check(y, initial, continued, end, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ScanTest,
                         testing::Values(ScanCase{{1}}, ScanCase{{37}}, ScanCase{{600}, false, true},
                                         ScanCase{{3, 5}, false, false, true, true},
                                         ScanCase{{130}, false, false, true}, ScanCase{{2}, true},
                                         ScanCase{{19, 2}, true, true, true, true}, ScanCase{{5, 40, 2}, true},
                                         // Blocks of time: few elements, many tokens.
                                         ScanCase{{3}, false, false, false, false, 1, 5001},
                                         ScanCase{{17}, false, true, true, false, 1, 4000},
                                         ScanCase{{5, 2}, true, false, true, false, 1, 3000},
                                         ScanCase{{17}, false, true, true, true, 2, 4000, "parallel"},
                                         ScanCase{{17}, false, false, true, true, 2, 1600, "recurrent"},
                                         ScanCase{{40}, false, false, false, false, 2, 75, "parallel"},
                                         ScanCase{{37}, false, false, true, true, 2, 75, "chunkwise", 1},
                                         ScanCase{{3, 5}, false, true, true, true, 2, 75, "chunkwise", 7},
                                         ScanCase{{600}, false, false, true, false, 2, 75, "chunkwise", 100},
                                         ScanCase{{9, 2}, true, false, true, true, 2, 75, "chunkwise", 32},
                                         ScanCase{{3}, false, false, false, false, 1, 2000, "chunkwise"}));

/// A long sum with a decay so near 1 that f32 can not tell it from its neighbours: exp(-1e-6).
TEST(LongScanTest, KeepsWhatAMillionTokensAdd) {
  constexpr int64_t time = 1000000;
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled("func.func @f(%x: tensor<?x?x1xf32>, %g: tensor<1xf32>) -> tensor<?x?x1xf32> {\n"
                      "  %h = seq.scan %x, %g : tensor<?x?x1xf32>, tensor<1xf32>\n  return %h : tensor<?x?x1xf32>\n}\n"
                      "seqm.export \"f\" = @f kind \"other\" arguments [\"x\", \"g\"] results [\"h\"]\n",
                      target);
    std::vector<float> x = randomFloats(time, 3, 0, 1), g{-1e-6f}, h(time, NAN);
    ASSERT_EQ(compiled.call({x.data(), g.data()}, {h.data()}, {1, time}), 0);
    double sum = 0, worst = 0;
    for (int64_t t = 0; t < time; ++t) {
      sum = std::exp(static_cast<double>(g[0])) * sum + x[t];
      worst = std::max(worst, std::abs(h[t] - sum) / sum);
    }
    EXPECT_LT(worst, 1.5e-7);
  }
}

//===----------------------------------------------------------------------===//
// conv
//===----------------------------------------------------------------------===//

struct ConvCase {
  int64_t channels, taps;
  bool bias = false, silu = false, resets = false, limits = false;
  int64_t time = 75;
};

void PrintTo(const ConvCase &c, std::ostream *stream) {
  *stream << "D " << c.channels << ", W " << c.taps << (c.bias ? ", bias" : "") << (c.silu ? ", silu" : "")
          << (c.resets ? ", resets" : "") << (c.limits ? ", lengths" : "") << ", time " << c.time;
}

class ConvTest : public testing::TestWithParam<ConvCase> {};

TEST_P(ConvTest, AgreesWithDoubles) {
  ConvCase c = GetParam();
  Problem p;
  p.time = c.time;
  p.add("x", true, {c.channels}, -1, 1);
  p.add("w", false, {c.channels, c.taps}, -1, 1);
  p.op = "seq.conv %x, %w";
  p.types = p.operands[0].type + ", " + p.operands[1].type;
  if (c.bias) {
    p.add("bias", false, {c.channels}, -1, 1);
    p.op += " bias(%bias : " + p.find("bias").type + ")";
  }
  if (c.silu)
    p.attributes = " activation silu";
  p.outputShape = {c.channels};
  if (c.taps > 1)
    p.stateShape = {c.taps - 1, c.channels};
  p.addSegments(c.resets, c.limits);

  auto solve = [&](const std::vector<float> &initial) {
    std::vector<double> y(p.batch * p.time * c.channels), last(initial.size());
    for (int64_t row = 0; row < p.batch; ++row)
      for (int64_t d = 0; d < c.channels; ++d) {
        std::vector<double> window; // of W - 1 tokens
        for (int64_t k = 0; k + 1 < c.taps; ++k)
          window.push_back(initial[(row * (c.taps - 1) + k) * c.channels + d]);
        for (int64_t t = 0; t < p.length(row); ++t) {
          if (p.isReset(row, t))
            std::fill(window.begin(), window.end(), 0);
          window.push_back(p.find("x").values[(row * p.time + t) * c.channels + d]);
          double sum = c.bias ? p.find("bias").values[d] : 0;
          for (int64_t k = 0; k < c.taps; ++k)
            sum += p.find("w").values[d * c.taps + k] * window[k];
          window.erase(window.begin());
          y[(row * p.time + t) * c.channels + d] = c.silu ? silu(sum) : sum;
        }
        for (int64_t k = 0; k + 1 < c.taps; ++k)
          last[(row * (c.taps - 1) + k) * c.channels + d] = window[k];
      }
    return std::pair(y, last);
  };
  size_t count = p.batch * (c.taps - 1) * c.channels;
  std::vector<float> zeros(count), initial = randomFloats(count, 99);
  auto [y, last] = solve(zeros);
  auto [continued, end] = solve(initial);
  p.check(y, initial, continued, end, 2e-6);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ConvTest,
                         testing::Values(ConvCase{32, 4, true, true}, ConvCase{1, 1}, ConvCase{77, 1, true, true},
                                         ConvCase{37, 3, false, true, true, true}, ConvCase{200, 4, true, false, true},
                                         ConvCase{19, 23, true, true}, ConvCase{70, 12, false, false, true, true},
                                         ConvCase{16, 200, true}, ConvCase{40, 4, true, true, true, true, 200}));

} // namespace
