//===- Sequences.h - Ops that carry a state, in pieces ----------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_CODEGEN_SEQUENCES_H
#define SEQ_TEST_UNIT_CODEGEN_SEQUENCES_H

#include "Compare.h"
#include "KernelHarness.h"

namespace seqc::test {

/// An operand: its name, the text before it and its type in the op's syntax, and its values.
struct Operand {
  std::string name, type;
  std::vector<float> values;
  bool overTime = false;
};

inline std::string tensorType(const std::vector<int64_t> &shape, bool overTime) {
  std::string type = overTime ? "tensor<?x?x" : "tensor<";
  for (int64_t extent : shape)
    type += std::to_string(extent) + "x";
  return type + "f32>";
}

inline int64_t product(const std::vector<int64_t> &shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

/// Two rows of tokens for an op that carries one state; resets in both rows, and a row that ends early.
struct Problem {
  int64_t batch = 2, time = 75;
  std::vector<Operand> operands;
  std::vector<int64_t> outputShape, stateShape; ///< behind [B,T] and [B]
  std::vector<char> reset;
  std::vector<int64_t> lengths;
  std::string op; ///< "seq.scan %x, %g", and what stands behind states, reset and lengths
  std::string attributes, types;

  const Operand &find(const std::string &name) const {
    for (const Operand &operand : operands)
      if (operand.name == name)
        return operand;
    static const Operand none;
    return none;
  }
  bool has(const std::string &name) const { return !find(name).values.empty(); }

  void add(const std::string &name, bool overTime, std::vector<int64_t> shape, float low, float high) {
    int64_t count = product(shape) * (overTime ? batch * time : 1);
    operands.push_back(
        {name, tensorType(shape, overTime), randomFloats(count, operands.size() + 1, low, high), overTime});
  }

  void addSegments(bool resets, bool limits) {
    if (resets) {
      reset.assign(batch * time, 0);
      for (int64_t at : {int64_t(0), time / 3, time / 3 + 1, time + time / 2, 2 * time - 1})
        if (at < batch * time)
          reset[at] = 1;
    }
    if (limits)
      lengths = {time - 9, 5};
  }

  bool isReset(int64_t row, int64_t t) const { return !reset.empty() && reset[row * time + t]; }
  int64_t length(int64_t row) const { return lengths.empty() ? time : lengths[row]; }

  std::string text(bool states) const {
    std::string stateType = "!seq.state<";
    for (int64_t extent : stateShape)
      stateType += std::to_string(extent) + "x";
    stateType += "f32>";
    states &= !stateShape.empty();
    std::string signature, names;
    for (const Operand &operand : operands) {
      signature += (signature.empty() ? "%" : ", %") + operand.name + ": " + operand.type;
      names += (names.empty() ? "\"" : ", \"") + operand.name + "\"";
    }
    std::string clauses;
    if (states) {
      signature += ", %s: " + stateType;
      clauses += " states(%s : " + stateType + ")";
    }
    if (!reset.empty()) {
      signature += ", %reset: tensor<?x?xi1>";
      names += ", \"reset\"";
      clauses += " reset(%reset : tensor<?x?xi1>)";
    }
    if (!lengths.empty()) {
      signature += ", %lengths: tensor<?xi64>";
      names += ", \"lengths\"";
      clauses += " lengths(%lengths : tensor<?xi64>)";
    }
    std::string output = tensorType(outputShape, true), state = states ? ", " + stateType : "";
    return "func.func @f(" + signature + ") -> (" + output + state + ") {\n  %y" + (states ? ", %n" : "") + " = " + op +
           clauses + attributes + " : " + types + "\n  return %y" + (states ? ", %n" : "") + " : " + output + state +
           "\n}\nseqm.export \"f\" = @f kind \"other\" arguments [" + names + "] results [\"y\"]\n";
  }

  /// Tokens [from, to) of something with `width` numbers a token.
  template <typename T>
  std::vector<T> part(const std::vector<T> &values, int64_t width, int64_t from, int64_t to) const {
    std::vector<T> result;
    for (int64_t row = 0; row < batch; ++row)
      result.insert(result.end(), values.begin() + (row * time + from) * width,
                    values.begin() + (row * time + to) * width);
    return result;
  }

  /// Runs tokens [from, to) and puts their outputs where they belong in `y`.
  void run(Compiled &compiled, int64_t from, int64_t to, State *state, std::vector<float> &y) const {
    std::vector<std::vector<float>> values;
    for (const Operand &operand : operands)
      values.push_back(operand.overTime ? part(operand.values, operand.values.size() / (batch * time), from, to)
                                        : operand.values);
    std::vector<const void *> arguments;
    for (const auto &value : values)
      arguments.push_back(value.data());
    std::vector<char> resets = reset.empty() ? reset : part(reset, 1, from, to);
    if (!reset.empty())
      arguments.push_back(resets.data());
    std::vector<int64_t> counts;
    for (int64_t length : lengths)
      counts.push_back(std::clamp<int64_t>(length - from, 0, to - from));
    if (!lengths.empty())
      arguments.push_back(counts.data());
    int64_t width = product(outputShape);
    std::vector<float> out(batch * (to - from) * width, NAN);
    std::vector<State *> states;
    if (state)
      states.push_back(state);
    ASSERT_EQ(compiled.call(arguments, {out.data()}, {batch, to - from}, states), 0);
    for (int64_t row = 0; row < batch; ++row)
      std::copy_n(out.begin() + row * (to - from) * width, (to - from) * width,
                  y.begin() + (row * time + from) * width);
  }

  /// Compares a whole sequence without states, and pieces with them from `initial` on.
  void check(const std::vector<double> &fromZeros, const std::vector<float> &initial,
             const std::vector<double> &fromInitial, const std::vector<double> &last, double tolerance) const {
    for (const std::string &target : runnableTargets()) {
      SCOPED_TRACE(target);
      std::vector<float> y(batch * time * product(outputShape), NAN);
      Compiled whole(text(false), target);
      run(whole, 0, time, nullptr, y);
      expectNear(y, fromZeros, tolerance);
      if (stateShape.empty())
        continue;
      State state(batch, 0, {batch * product(stateShape)});
      std::copy(initial.begin(), initial.end(), state.component(0));
      Compiled pieces(text(true), target);
      std::fill(y.begin(), y.end(), NAN);
      for (auto [from, to] : {std::pair<int64_t, int64_t>(0, 1), {1, 2}, {2, 40}, {40, 41}, {41, time}})
        run(pieces, from, to, &state, y);
      expectNear(y, fromInitial, tolerance);
      expectNear(std::vector<float>(state.component(0), state.component(0) + initial.size()), last, tolerance);
    }
  }
};

inline double silu(double x) { return x / (1 + std::exp(-x)); }

} // namespace seqc::test

#endif // SEQ_TEST_UNIT_CODEGEN_SEQUENCES_H
