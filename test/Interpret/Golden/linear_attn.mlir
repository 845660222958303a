// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/linear_attn.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Without and with the normaliser, whose state starts from a sum as well. The published
// denominator has 1e-10 more.
// golden: @q = q
// golden: @k = k
// golden: @v = v
// golden: @start = initial_state
// golden: @startNorm : tensor<2x3x12xf32> = initial_norm
// golden: @want = out
// golden: @wantNormalised = out_normalized
// golden: @wantState = out_state
// golden: @wantNorm : tensor<2x3x12xf32> = out_norm_state

func.func @linear_attn() {
  %q = seqm.load @q : tensor<2x71x3x12xf32>
  %k = seqm.load @k : tensor<2x71x3x12xf32>
  %v = seqm.load @v : tensor<2x71x3x10xf32>
  %start = seqm.load @start : tensor<2x3x12x10xf32>
  %startNorm = seqm.load @startNorm : tensor<2x3x12xf32>
  %want = seqm.load @want : tensor<2x71x3x10xf32>
  %wantNormalised = seqm.load @wantNormalised : tensor<2x71x3x10xf32>
  %wantState = seqm.load @wantState : tensor<2x3x12x10xf32>
  %wantNorm = seqm.load @wantNorm : tensor<2x3x12xf32>
  %s0 = check.make_state %start : tensor<2x3x12x10xf32> -> !seq.state<3x12x10xf32>
  %n0 = check.make_state %startNorm : tensor<2x3x12xf32> -> !seq.state<3x12xf32>
  %o, %s1 = seq.state_mix %q, %k, %v states(%s0 : !seq.state<3x12x10xf32>) decay none update outer read post
    {scale = 0.28867513459481287 : f64} : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x10xf32>
  check.expect_close %o, %want : tensor<2x71x3x10xf32>
  %r, %s2, %n2 = seq.state_mix %q, %k, %v states(%s0, %n0 : !seq.state<3x12x10xf32>, !seq.state<3x12xf32>)
    decay none update outer read post normaliser ratio {eps = 1.0e-10 : f64, scale = 0.28867513459481287 : f64}
    : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x10xf32>
  %s = check.state_contents %s2 : !seq.state<3x12x10xf32> -> tensor<2x3x12x10xf32>
  %n = check.state_contents %n2 : !seq.state<3x12xf32> -> tensor<2x3x12xf32>
  check.expect_close %r, %wantNormalised : tensor<2x71x3x10xf32>
  check.expect_close %s, %wantState : tensor<2x3x12x10xf32>
  check.expect_close %n, %wantNorm : tensor<2x3x12xf32>
  return
}
