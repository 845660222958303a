// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/gdn2.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Erase gates per key channel and write gates per value channel:
// S = exp(g) S, then S += k (w v - S^T (erase k))^T.
// golden: @q = q
// golden: @k = k
// golden: @v = v
// golden: @erase = b
// golden: @write = w
// golden: @g = g
// golden: @start = initial_state
// golden: @want = out
// golden: @wantState = out_state

func.func @gdn2() {
  %q = seqm.load @q : tensor<2x71x3x12xf32>
  %k = seqm.load @k : tensor<2x71x3x12xf32>
  %v = seqm.load @v : tensor<2x71x3x10xf32>
  %erase = seqm.load @erase : tensor<2x71x3x12xf32>
  %write = seqm.load @write : tensor<2x71x3x10xf32>
  %g = seqm.load @g : tensor<2x71x3x12xf32>
  %start = seqm.load @start : tensor<2x3x12x10xf32>
  %want = seqm.load @want : tensor<2x71x3x10xf32>
  %wantState = seqm.load @wantState : tensor<2x3x12x10xf32>
  %s0 = check.make_state %start : tensor<2x3x12x10xf32> -> !seq.state<3x12x10xf32>
  %decay = math.exp %g : tensor<2x71x3x12xf32>
  %erased = arith.mulf %erase, %k : tensor<2x71x3x12xf32>
  %a = arith.mulf %decay, %erased : tensor<2x71x3x12xf32>
  %b = arith.negf %k : tensor<2x71x3x12xf32>
  %written = arith.mulf %write, %v : tensor<2x71x3x10xf32>
  %o, %s1 = seq.state_mix %q, %k, %written g(%g : tensor<2x71x3x12xf32>) a(%a : tensor<2x71x3x12xf32>) b(%b : tensor<2x71x3x12xf32>) states(%s0 : !seq.state<3x12x10xf32>)
    decay channel update dplr read post {scale = 0.28867513459481287 : f64} : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x10xf32>
  %s = check.state_contents %s1 : !seq.state<3x12x10xf32> -> tensor<2x3x12x10xf32>
  check.expect_close %o, %want : tensor<2x71x3x10xf32>
  check.expect_close %s, %wantState : tensor<2x3x12x10xf32>
  return
}
