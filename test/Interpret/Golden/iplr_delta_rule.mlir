// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/iplr_delta_rule.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Identity plus low rank.
// golden: @q = q [0, 2, 1, 3]
// golden: @k = k [0, 2, 1, 3]
// golden: @v = v [0, 2, 1, 3]
// golden: @a = a [0, 2, 1, 3]
// golden: @b = b [0, 2, 1, 3]
// golden: @start = initial_state
// golden: @want = out [0, 2, 1, 3]
// golden: @wantState = out_state

func.func @iplr_delta_rule() {
  %q = seqm.load @q : tensor<2x71x3x12xf32>
  %k = seqm.load @k : tensor<2x71x3x12xf32>
  %v = seqm.load @v : tensor<2x71x3x10xf32>
  %a = seqm.load @a : tensor<2x71x3x12xf32>
  %b = seqm.load @b : tensor<2x71x3x12xf32>
  %start = seqm.load @start : tensor<2x3x12x10xf32>
  %want = seqm.load @want : tensor<2x71x3x10xf32>
  %wantState = seqm.load @wantState : tensor<2x3x12x10xf32>
  %s0 = check.make_state %start : tensor<2x3x12x10xf32> -> !seq.state<3x12x10xf32>
  %o, %s1 = seq.state_mix %q, %k, %v a(%a : tensor<2x71x3x12xf32>) b(%b : tensor<2x71x3x12xf32>) states(%s0 : !seq.state<3x12x10xf32>)
    decay none update dplr read post {scale = 0.28867513459481287 : f64}
    : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x10xf32>
  %s = check.state_contents %s1 : !seq.state<3x12x10xf32> -> tensor<2x3x12x10xf32>
  check.expect_close %o, %want : tensor<2x71x3x10xf32>
  check.expect_close %s, %wantState : tensor<2x3x12x10xf32>
  return
}
