//===- StateMixTest.cpp - The kernel of matrix states ---------------------===//

#include "Compare.h"
#include "KernelHarness.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seqc::test;

namespace {

enum Decay { None, StaticHead, StaticChannel, Head, Channel };
enum Update { Outer, Delta, Dplr };

struct Case {
  int64_t keyHeads, heads, keyDim, valueDim;
  Decay decay = None;
  Update update = Outer;
  bool pre = false, u = false, uExp = false, gate = false, ratio = false;
  double scale = 1;
  bool max = false;      ///< the other normaliser
  double eps = 0;        ///< of a normaliser
  bool segments = false; ///< with resets and lengths
  std::string form = "auto";

  bool normalised() const { return ratio || max; }
};

void PrintTo(const Case &c, std::ostream *stream) {
  *stream << c.keyHeads << "/" << c.heads << " heads, K " << c.keyDim << ", V " << c.valueDim << ", decay " << c.decay
          << ", update " << c.update << (c.pre ? ", pre" : "") << (c.u ? c.uExp ? ", exp u" : ", u" : "")
          << (c.gate ? ", gate" : "")
          << (c.ratio ? ", ratio"
              : c.max ? ", max"
                      : "")
          << ", eps " << c.eps << (c.segments ? ", segments" : "") << ", form " << c.form;
}

/// An operand: its name in the op's syntax, its shape ("?" are batch and time) and values.
struct Operand {
  std::string name, type;
  std::vector<float> values;
  bool overTime;
};

struct Problem {
  Case c;
  int64_t batch, time;
  std::vector<Operand> operands; ///< q, k, v, then those that the case has
  std::vector<uint8_t> resets;   ///< [batch, time], or empty
  std::vector<int64_t> lengths;  ///< [batch], or empty

  bool isReset(int64_t row, int64_t t) const { return !resets.empty() && resets[row * time + t]; }
  int64_t lengthOf(int64_t row) const { return lengths.empty() ? time : lengths[row]; }

  const std::vector<float> *find(const std::string &name) const {
    for (const Operand &operand : operands)
      if (operand.name == name)
        return &operand.values;
    return nullptr;
  }

  void add(const std::string &name, bool overTime, std::vector<int64_t> shape, float low, float high) {
    std::string type = overTime ? "tensor<?x?" : "tensor<";
    int64_t count = overTime ? batch * time : 1;
    for (size_t i = 0; i < shape.size(); ++i) {
      type += (overTime || i ? "x" : "") + std::to_string(shape[i]);
      count *= shape[i];
    }
    operands.push_back({name, type + "xf32>", randomFloats(count, operands.size() + 1, low, high), overTime});
  }

  Problem(const Case &c, int64_t batch, int64_t time) : c(c), batch(batch), time(time) {
    float size = 1 / std::sqrt(static_cast<float>(c.keyDim));
    float lowest = c.normalised() ? 0.1f : -1; // a sum that is divided by stays away from 0
    if (c.max)
      add("q", true, {c.keyHeads, c.keyDim}, -1, -lowest);
    else
      add("q", true, {c.keyHeads, c.keyDim}, lowest, 1);
    add("k", true, {c.keyHeads, c.keyDim}, lowest * size, size);
    add("v", true, {c.heads, c.valueDim}, -1, 1);
    if (c.decay != None) {
      std::vector<int64_t> shape{c.heads};
      if (c.decay == StaticChannel || c.decay == Channel)
        shape.push_back(c.keyDim);
      add("g", c.decay == Head || c.decay == Channel, shape, -1, 0);
    }
    if (c.update == Dplr) {
      add("a", true, {c.heads, c.keyDim}, -size, size);
      add("b", true, {c.heads, c.keyDim}, -size, size);
    }
    if (c.update == Delta)
      add("beta", true, {c.heads}, 0, 1);
    if (c.u)
      add("u", false, {c.heads, c.keyDim}, 0, 1);
    if (c.gate)
      add("i", true, {c.heads}, -30, 30);
    if (c.segments)
      addSegments();
  }

  /// A reset at the start of one row, two in a row, others anywhere.
  void addSegments() {
    resets.assign(batch * time, 0);
    for (int64_t token : {int64_t(0), int64_t(17), int64_t(18), time + 3, time + 30})
      resets[token % (batch * time)] = 1;
    lengths = {time - 2, time};
  }

  /// Outputs [batch, time, heads, V], straight from the definition: with a gate, in long
  /// double, where exp(30) sums do no harm.
  std::vector<double> solve() const {
    std::vector<double> o(batch * time * c.heads * c.valueDim);
    for (int64_t row = 0; row < batch; ++row)
      for (int64_t h = 0; h < c.heads; ++h)
        solveHead(row, h, o);
    return o;
  }

private:
  long double logDecay(int64_t token, int64_t h, int64_t d) const {
    const auto *g = find("g");
    switch (c.decay) {
    case None:
      return 0;
    case StaticHead:
      return (*g)[h];
    case StaticChannel:
      return (*g)[h * c.keyDim + d];
    case Head:
      return (*g)[token * c.heads + h];
    case Channel:
      return (*g)[(token * c.heads + h) * c.keyDim + d];
    }
    return 0;
  }

  /// The maximum that states are kept relative to, after a token.
  long double nextMaximum(int64_t token, int64_t h, long double m) const {
    if (!c.gate)
      return 0;
    long double slowest = logDecay(token, h, 0);
    for (int64_t d = 1; d < c.keyDim; ++d)
      slowest = std::max(slowest, logDecay(token, h, d));
    return std::max(m + slowest, static_cast<long double>((*find("i"))[token * c.heads + h]));
  }

  /// What a read of a value column becomes; `norm` is that of the normaliser, both of true states.
  double finish(long double read, long double norm, long double m) const {
    if (!c.normalised())
      return static_cast<double>(c.scale * read);
    long double size = std::exp(m), divisor = c.scale * norm / size;
    if (c.max)
      divisor = std::max(std::abs(divisor), 1 / size);
    return static_cast<double>(c.scale * read / size / (divisor + c.eps));
  }

  void solveHead(int64_t row, int64_t h, std::vector<double> &o) const {
    using Vector = std::vector<long double>;
    int64_t keys = c.keyDim, columns = c.valueDim, keyHead = h / (c.heads / c.keyHeads);
    std::vector<Vector> s(keys, Vector(columns + 1, 0)); // the normaliser is a column more
    long double m = c.gate ? -1e38L : 0;
    for (int64_t t = 0; t < lengthOf(row); ++t) {
      int64_t token = row * time + t;
      if (isReset(row, t)) {
        s.assign(keys, Vector(columns + 1, 0));
        m = c.gate ? -1e38L : 0;
      }
      m = nextMaximum(token, h, m);
      const float *q = find("q")->data() + (token * c.keyHeads + keyHead) * keys;
      const float *k = find("k")->data() + (token * c.keyHeads + keyHead) * keys;
      auto perHead = [&](const char *name) { return find(name)->data() + (token * c.heads + h) * keys; };
      Vector v(find("v")->begin() + (token * c.heads + h) * columns,
               find("v")->begin() + (token * c.heads + h + 1) * columns);
      v.push_back(1);
      long double gate = c.gate ? std::exp(static_cast<long double>((*find("i"))[token * c.heads + h])) : 1;
      Vector read(columns + 1, 0), projected(columns + 1, 0);
      auto readState = [&] {
        for (int64_t d = 0; d < keys; ++d)
          for (int64_t j = 0; j <= columns; ++j)
            read[j] += s[d][j] * q[d];
      };
      if (c.pre) {
        readState();
        for (int64_t d = 0; c.u && d < keys; ++d) {
          long double u = (*find("u"))[h * keys + d];
          for (int64_t j = 0; j <= columns; ++j)
            read[j] += gate * q[d] * (c.uExp ? std::exp(u) : u) * k[d] * v[j];
        }
      }
      for (int64_t d = 0; c.update == Dplr && d < keys; ++d)
        for (int64_t j = 0; j <= columns; ++j)
          projected[j] += perHead("a")[d] * s[d][j];
      for (int64_t d = 0; d < keys; ++d)
        for (int64_t j = 0; j <= columns; ++j) {
          s[d][j] *= std::exp(logDecay(token, h, d));
          if (c.update == Delta)
            projected[j] += k[d] * s[d][j];
        }
      for (int64_t d = 0; d < keys; ++d)
        for (int64_t j = 0; j <= columns; ++j) {
          if (c.update == Delta)
            s[d][j] += k[d] * (*find("beta"))[token * c.heads + h] * (v[j] - projected[j]);
          else
            s[d][j] += gate * k[d] * v[j] + (c.update == Dplr ? perHead("b")[d] * projected[j] : 0);
        }
      if (!c.pre)
        readState();
      for (int64_t j = 0; j < columns; ++j)
        o[(token * c.heads + h) * columns + j] = finish(read[j], read[columns], m);
    }
  }
};

std::string functionText(const Problem &p, bool states) {
  const Case &c = p.c;
  static const char *decays[] = {"none", "static", "static", "head", "channel"};
  static const char *updates[] = {"outer", "delta", "dplr"};
  std::vector<std::string> stateTypes{llvm::formatv("!seq.state<{0}x{1}x{2}xf32>", c.heads, c.keyDim, c.valueDim)};
  if (c.normalised())
    stateTypes.push_back(llvm::formatv("!seq.state<{0}x{1}xf32>", c.heads, c.keyDim));
  if (c.gate)
    stateTypes.push_back(llvm::formatv("!seq.state<{0}xf32, init = -1.0e38>", c.heads));
  std::string signature, names, optional, stateNames, newNames, typeList;
  for (const Operand &operand : p.operands) {
    signature += (signature.empty() ? "%" : ", %") + operand.name + ": " + operand.type;
    names += (names.empty() ? "\"" : ", \"") + operand.name + "\"";
  }
  for (size_t i = 3; i < p.operands.size(); ++i)
    optional += " " + p.operands[i].name + "(%" + p.operands[i].name + " : " + p.operands[i].type + ")";
  for (size_t i = 0; states && i < stateTypes.size(); ++i) {
    std::string n = std::to_string(i);
    signature += ", %s" + n + ": " + stateTypes[i];
    stateNames += (i ? ", %s" : "%s") + n;
    newNames += ", %n" + n;
    typeList += ", " + stateTypes[i];
  }
  if (states)
    optional += " states(" + stateNames + " : " + typeList.substr(2) + ")";
  if (c.segments) {
    signature += ", %reset: tensor<?x?xi1>, %lengths: tensor<?xi64>";
    names += ", \"reset\", \"lengths\"";
    optional += " reset(%reset : tensor<?x?xi1>) lengths(%lengths : tensor<?xi64>)";
  }
  const std::string &q = p.operands[0].type, &v = p.operands[2].type;
  std::string attributes = llvm::formatv("{2}form {3} {{scale = {0:f6}{1}{4}}", c.scale, c.uExp ? ", u_exp" : "",
                                         c.ratio ? "normaliser ratio "
                                         : c.max ? "normaliser max "
                                                 : "",
                                         c.form, c.eps > 0 ? llvm::formatv(", eps = {0:f6}", c.eps).str() : "");
  return "func.func @f(" + signature + ") -> (" + v + typeList + ") {\n  %o" + newNames +
         " = seq.state_mix %q, %k, %v" + optional + " decay " + decays[c.decay] + " update " + updates[c.update] +
         " read " + (c.pre ? "pre " : "post ") + attributes + " : " + q + ", " + q + ", " + v + "\n  return %o" +
         newNames + " : " + v + typeList + "\n}\nseqm.export \"f\" = @f kind \"other\" arguments [" + names +
         "] results [\"o\"]\n";
}

class StateMixTest : public testing::TestWithParam<Case> {
protected:
  static constexpr int64_t batch = 2, time = 53;
  Problem p{GetParam(), batch, time};
  const Case &c = p.c;

  /// The last bit of a maximum near 30 is 2e-6, and a factor of what came before, at every token.
  double tolerance() const { return c.gate ? 2e-5 : 5e-6; }

  /// A fresh state of each kind that the case carries.
  std::vector<State> freshStates() {
    std::vector<State> states;
    states.emplace_back(batch, 0, llvm::ArrayRef<int64_t>{batch * c.heads * c.keyDim * c.valueDim});
    if (c.normalised())
      states.emplace_back(batch, 0, llvm::ArrayRef<int64_t>{batch * c.heads * c.keyDim});
    if (c.gate)
      states.emplace_back(batch, 0, llvm::ArrayRef<int64_t>{batch * c.heads}, -1e38f);
    return states;
  }

  /// The tokens [from, to) of an operand.
  std::vector<float> part(const Operand &operand, int64_t from, int64_t to) {
    if (!operand.overTime)
      return operand.values;
    int64_t width = static_cast<int64_t>(operand.values.size()) / batch / time;
    std::vector<float> result;
    for (int64_t row = 0; row < batch; ++row) {
      auto start = operand.values.begin() + row * time * width;
      result.insert(result.end(), start + from * width, start + to * width);
    }
    return result;
  }

  /// Runs tokens [from, to) and puts their outputs where they belong in `o`.
  void run(Compiled &compiled, int64_t from, int64_t to, llvm::ArrayRef<State *> states, std::vector<float> &o) {
    std::vector<std::vector<float>> values;
    std::vector<const void *> arguments;
    for (const Operand &operand : p.operands)
      values.push_back(part(operand, from, to));
    for (const auto &value : values)
      arguments.push_back(value.data());
    std::vector<uint8_t> resets;
    std::vector<int64_t> lengths;
    for (int64_t row = 0; c.segments && row < batch; ++row) {
      auto start = p.resets.begin() + row * time;
      resets.insert(resets.end(), start + from, start + to);
      lengths.push_back(std::clamp<int64_t>(p.lengths[row] - from, 0, to - from));
    }
    if (c.segments)
      arguments.insert(arguments.end(), {resets.data(), lengths.data()});
    int64_t width = c.heads * c.valueDim;
    std::vector<float> out(batch * (to - from) * width, NAN);
    ASSERT_EQ(compiled.call(arguments, {out.data()}, {batch, to - from}, states), 0);
    for (int64_t row = 0; row < batch; ++row)
      std::copy_n(out.begin() + row * (to - from) * width, (to - from) * width,
                  o.begin() + (row * time + from) * width);
  }
};

TEST_P(StateMixTest, FromZeros) {
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(functionText(p, false), target);
    std::vector<float> o(batch * time * c.heads * c.valueDim, NAN);
    run(compiled, 0, time, {}, o);
    expectNear(o, p.solve(), tolerance());
  }
}

TEST_P(StateMixTest, InPiecesWithStates) {
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(functionText(p, true), target);
    std::vector<State> states = freshStates();
    std::vector<State *> pointers;
    for (State &state : states)
      pointers.push_back(&state);
    std::vector<float> o(batch * time * c.heads * c.valueDim, NAN);
    for (auto [from, to] : {std::pair<int64_t, int64_t>(0, 1), {1, 20}, {20, 21}, {21, time}})
      run(compiled, from, to, pointers, o);
    expectNear(o, p.solve(), tolerance());
  }
}

/// Calls whose time is 1 in their types, as those of steps.
class StateMixStepTest : public StateMixTest {};

TEST_P(StateMixStepTest, StepByStep) {
  std::string text = functionText(p, true);
  for (size_t at = 0; (at = text.find("?x?x", at)) != std::string::npos;)
    text.replace(at, 4, "?x1x");
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    Compiled compiled(text, target);
    std::vector<State> states = freshStates();
    std::vector<State *> pointers;
    for (State &state : states)
      pointers.push_back(&state);
    std::vector<float> o(batch * time * c.heads * c.valueDim, NAN);
    for (int64_t t = 0; t < time; ++t)
      run(compiled, t, t + 1, pointers, o);
    expectNear(o, p.solve(), tolerance());
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, StateMixStepTest,
                         testing::Values(Case{2, 4, 20, 37, Head}, Case{1, 1, 16, 300, Head, Delta},
                                         Case{2, 2, 17, 33, Channel, Dplr},
                                         Case{2, 2, 33, 20, Channel, Outer, true, true},
                                         Case{1, 1, 16, 300, Head, Outer, false, false, false, true, false, 0.25, true},
                                         Case{2, 2, 20, 16, Channel, Outer, true, true, true, true, true}));

INSTANTIATE_TEST_SUITE_P(
    Kinds, StateMixTest,
    testing::Values(Case{2, 2, 64, 64, StaticHead, Outer, false, false, false, false, false, 0.125}, // RetNet
                    Case{2, 4, 12, 20, None},                                                        // linear attention
                    Case{1, 3, 8, 40, Head},                                                         // Mamba 2
                    Case{2, 2, 20, 33, Channel},                                                     // GLA
                    Case{3, 3, 16, 16, StaticChannel, Outer, true, true},                            // RWKV 5
                    Case{2, 2, 64, 64, Channel, Outer, true, true},                                  // RWKV 6
                    Case{2, 2, 64, 64, Channel, Dplr},                                               // RWKV 7
                    Case{2, 2, 17, 5, None, Dplr}, Case{2, 2, 24, 48, None, Delta},                  // DeltaNet
                    Case{1, 2, 20, 12, Head, Delta}, Case{2, 2, 32, 64, Channel, Delta},             // KDA
                    Case{2, 2, 12, 8, None, Outer, false, false, false, false, true},
                    Case{2, 2, 20, 16, Head, Outer, false, false, false, true, true}, // mLSTM
                    Case{2, 2, 20, 16, Channel, Outer, true, true, true, true, true},
                    Case{1, 2, 12, 16, StaticChannel, Outer, false, false, false, true, true},
                    Case{2, 2, 9, 4, StaticHead, Outer, true, true, false, true, true},
                    Case{37, 37, 1, 1, StaticHead, Outer, true, true, true, true, true},    // RWKV 4
                    Case{48, 48, 1, 1, StaticChannel, Outer, true, true, true, true, true}, // RWKV 4
                    Case{20, 20, 1, 1, Channel, Outer, false, false, false, false, false, 0.5},
                    Case{16, 16, 1, 1, None, Outer, true, true, false, false, true},
                    Case{5, 5, 1, 1, Head, Outer, false, false, false, true, true},
                    Case{4, 8, 1, 1, Head, Outer, false, false, false, true, true},
                    Case{1, 1, 1, 1, StaticHead, Outer, true, true, true, true, true}));

/// Normalisers and input gates, in both forms.
std::vector<Case> normalisedCases() {
  Case linear{2, 4, 20, 37, None, Outer, false, false, false, false, true, 0.5};
  Case mlstm{1, 4, 24, 40, Head, Outer, false, false, false, true, false, 0.25, /*max=*/true};
  Case gated{2, 2, 17, 33, Channel, Outer, false, false, false, true};
  Case before{2, 2, 33, 20, StaticChannel, Outer, true, true, true, true, true};
  Case single{1, 1, 16, 300, Head, Outer, true, true, false, true, true}; // the columns of a head are shared out
  std::vector<Case> cases{linear, mlstm, gated, before, single};
  cases.push_back(linear);
  cases.back().eps = 0.125;
  cases.push_back(linear);
  cases.back().ratio = false;
  cases.back().max = true;
  cases.back().eps = 0.25;
  cases.push_back(mlstm);
  cases.back().eps = 1e-6;
  cases.push_back({2, 2, 16, 16, Channel, Outer, true, false, false, false, true});
  cases.back().eps = 0.5; // nothing has been read before the first token
  cases.push_back({3, 3, 16, 24, StaticHead, Outer, false, false, false, true});
  cases.push_back({5, 5, 1, 1, StaticHead, Outer, true, true, true, true, true});
  cases.push_back({20, 20, 1, 1, Head, Outer, false, false, false, true, false, 0.5, true, 1e-3});
  std::vector<Case> all;
  for (bool inBlocks : {false, true})
    for (size_t i = 0; i < cases.size(); ++i) {
      all.push_back(cases[i]);
      all.back().form = inBlocks ? "chunkwise" : "recurrent";
      all.back().segments = inBlocks == (i % 2 == 0);
    }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Normalised, StateMixTest, testing::ValuesIn(normalisedCases()));

} // namespace
