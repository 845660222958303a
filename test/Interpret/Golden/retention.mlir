// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/retention.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// From nothing and from a state; the decays are those of the paper.
// golden: @q = q [0, 2, 1, 3]
// golden: @k = k [0, 2, 1, 3]
// golden: @v = v [0, 2, 1, 3]
// golden: @start = initial_state
// golden: @want = out [0, 2, 1, 3]
// golden: @wantBehind = out_with_state [0, 2, 1, 3]
// golden: @wantState = out_state

func.func @retention() {
  %q = seqm.load @q : tensor<2x71x3x12xf32>
  %k = seqm.load @k : tensor<2x71x3x12xf32>
  %v = seqm.load @v : tensor<2x71x3x12xf32>
  %start = seqm.load @start : tensor<2x3x12x12xf32>
  %want = seqm.load @want : tensor<2x71x3x12xf32>
  %wantBehind = seqm.load @wantBehind : tensor<2x71x3x12xf32>
  %wantState = seqm.load @wantState : tensor<2x3x12x12xf32>
  %o = seq.retention %q, %k, %v {scale = 0.28867513459481287 : f64}
    : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>
  check.expect_close %o, %want : tensor<2x71x3x12xf32>
  %s0 = check.make_state %start : tensor<2x3x12x12xf32> -> !seq.state<3x12x12xf32>
  %behind, %s1 = seq.retention %q, %k, %v states(%s0 : !seq.state<3x12x12xf32>) {scale = 0.28867513459481287 : f64}
    : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>
  %s = check.state_contents %s1 : !seq.state<3x12x12xf32> -> tensor<2x3x12x12xf32>
  check.expect_close %behind, %wantBehind : tensor<2x71x3x12xf32>
  check.expect_close %s, %wantState : tensor<2x3x12x12xf32>
  return
}
