// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/mlstm.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// g = logsigmoid(forget gate) = -softplus(-f), i = the input gate; the states are stored relative to exp(m).
// The published zero state has m = 0.
// golden: @q = q [0, 2, 1, 3]
// golden: @k = k [0, 2, 1, 3]
// golden: @v = v [0, 2, 1, 3]
// golden: @f = fgate [0, 2, 1]
// golden: @i = igate [0, 2, 1]
// golden: @c = c_initial
// golden: @n = n_initial
// golden: @m : tensor<2x3xf32> = m_initial
// golden: @want = out [0, 2, 1, 3]
// golden: @wantZero = out_zero_state [0, 2, 1, 3]
// golden: @wantC = out_c
// golden: @wantN = out_n
// golden: @wantM : tensor<2x3xf32> = out_m

func.func @mlstm() {
  %q = seqm.load @q : tensor<2x71x3x12xf32>
  %k = seqm.load @k : tensor<2x71x3x12xf32>
  %v = seqm.load @v : tensor<2x71x3x10xf32>
  %f = seqm.load @f : tensor<2x71x3xf32>
  %i = seqm.load @i : tensor<2x71x3xf32>
  %c = seqm.load @c : tensor<2x3x12x10xf32>
  %n = seqm.load @n : tensor<2x3x12xf32>
  %m = seqm.load @m : tensor<2x3xf32>
  %want = seqm.load @want : tensor<2x71x3x10xf32>
  %wantZero = seqm.load @wantZero : tensor<2x71x3x10xf32>
  %wantC = seqm.load @wantC : tensor<2x3x12x10xf32>
  %wantN = seqm.load @wantN : tensor<2x3x12xf32>
  %wantM = seqm.load @wantM : tensor<2x3xf32>
  %minusF = arith.negf %f : tensor<2x71x3xf32>
  %rate = seq.activation %minusF softplus : tensor<2x71x3xf32>
  %g = arith.negf %rate : tensor<2x71x3xf32>
  %s0 = check.make_state %c : tensor<2x3x12x10xf32> -> !seq.state<3x12x10xf32>
  %n0 = check.make_state %n : tensor<2x3x12xf32> -> !seq.state<3x12xf32>
  %m0 = check.make_state %m : tensor<2x3xf32> -> !seq.state<3xf32, init = -1.0e38>
  %o, %s1, %n1, %m1 = seq.state_mix %q, %k, %v g(%g : tensor<2x71x3xf32>) i(%i : tensor<2x71x3xf32>)
    states(%s0, %n0, %m0 : !seq.state<3x12x10xf32>, !seq.state<3x12xf32>, !seq.state<3xf32, init = -1.0e38>)
    decay head update outer read post normaliser max {eps = 1.0e-6 : f64, scale = 0.28867513459481287 : f64} : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x10xf32>
  check.expect_close %o, %want : tensor<2x71x3x10xf32>
  %sEnd = check.state_contents %s1 : !seq.state<3x12x10xf32> -> tensor<2x3x12x10xf32>
  check.expect_close %sEnd, %wantC : tensor<2x3x12x10xf32>
  %nEnd = check.state_contents %n1 : !seq.state<3x12xf32> -> tensor<2x3x12xf32>
  check.expect_close %nEnd, %wantN : tensor<2x3x12xf32>
  %mEnd = check.state_contents %m1 : !seq.state<3xf32, init = -1.0e38> -> tensor<2x3xf32>
  check.expect_close %mEnd, %wantM : tensor<2x3xf32>

  %noC = arith.constant dense<0.0> : tensor<2x3x12x10xf32>
  %noN = arith.constant dense<0.0> : tensor<2x3x12xf32>
  %noM = arith.constant dense<0.0> : tensor<2x3xf32>
  %sZ = check.make_state %noC : tensor<2x3x12x10xf32> -> !seq.state<3x12x10xf32>
  %nZ = check.make_state %noN : tensor<2x3x12xf32> -> !seq.state<3x12xf32>
  %mZ = check.make_state %noM : tensor<2x3xf32> -> !seq.state<3xf32, init = -1.0e38>
  %oZ, %s2, %n2, %m2 = seq.state_mix %q, %k, %v g(%g : tensor<2x71x3xf32>) i(%i : tensor<2x71x3xf32>) states(%sZ, %nZ, %mZ : !seq.state<3x12x10xf32>, !seq.state<3x12xf32>, !seq.state<3xf32, init = -1.0e38>)
    decay head update outer read post normaliser max {eps = 1.0e-6 : f64, scale = 0.28867513459481287 : f64} : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x10xf32>
  check.expect_close %oZ, %wantZero : tensor<2x71x3x10xf32>
  return
}
