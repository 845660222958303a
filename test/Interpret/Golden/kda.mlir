// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/kda.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Gated delta rule with a decay per channel.
// golden: @q = q
// golden: @k = k
// golden: @v = v
// golden: @g = g
// golden: @beta = beta
// golden: @start = initial_state
// golden: @want = out
// golden: @wantState = out_state

func.func @kda() {
  %q = seqm.load @q : tensor<2x71x3x12xf32>
  %k = seqm.load @k : tensor<2x71x3x12xf32>
  %v = seqm.load @v : tensor<2x71x3x10xf32>
  %g = seqm.load @g : tensor<2x71x3x12xf32>
  %beta = seqm.load @beta : tensor<2x71x3xf32>
  %start = seqm.load @start : tensor<2x3x12x10xf32>
  %want = seqm.load @want : tensor<2x71x3x10xf32>
  %wantState = seqm.load @wantState : tensor<2x3x12x10xf32>
  %s0 = check.make_state %start : tensor<2x3x12x10xf32> -> !seq.state<3x12x10xf32>
  %o, %s1 = seq.state_mix %q, %k, %v g(%g : tensor<2x71x3x12xf32>) beta(%beta : tensor<2x71x3xf32>) states(%s0 : !seq.state<3x12x10xf32>)
    decay channel update delta read post {scale = 0.28867513459481287 : f64} : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x10xf32>
  %s = check.state_contents %s1 : !seq.state<3x12x10xf32> -> tensor<2x3x12x10xf32>
  check.expect_close %o, %want : tensor<2x71x3x10xf32>
  check.expect_close %s, %wantState : tensor<2x3x12x10xf32>
  return
}
