// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/comba.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// What is taken away is read with another key p: S = exp(g) S, then S += k (beta (v - S^T p))^T.
// As a low-rank update a = exp(g) p reads the state before its decay, b = -beta k.
// golden: @q = q
// golden: @k = k
// golden: @v = v
// golden: @p = p
// golden: @g = g
// golden: @beta = beta
// golden: @start = initial_state
// golden: @want = out
// golden: @wantState = out_state

func.func @comba() {
  %q = seqm.load @q : tensor<2x71x3x12xf32>
  %k = seqm.load @k : tensor<2x71x3x12xf32>
  %v = seqm.load @v : tensor<2x71x3x10xf32>
  %p = seqm.load @p : tensor<2x71x3x12xf32>
  %g = seqm.load @g : tensor<2x71x3xf32>
  %beta = seqm.load @beta : tensor<2x71x3xf32>
  %start = seqm.load @start : tensor<2x3x12x10xf32>
  %want = seqm.load @want : tensor<2x71x3x10xf32>
  %wantState = seqm.load @wantState : tensor<2x3x12x10xf32>
  %s0 = check.make_state %start : tensor<2x3x12x10xf32> -> !seq.state<3x12x10xf32>
  %decay = math.exp %g : tensor<2x71x3xf32>
  %decaysEmpty = tensor.empty() : tensor<2x71x3x12xf32>
  %decays = linalg.broadcast ins(%decay : tensor<2x71x3xf32>) outs(%decaysEmpty : tensor<2x71x3x12xf32>) dimensions = [3]
  %betasEmpty = tensor.empty() : tensor<2x71x3x12xf32>
  %betas = linalg.broadcast ins(%beta : tensor<2x71x3xf32>) outs(%betasEmpty : tensor<2x71x3x12xf32>) dimensions = [3]
  %a = arith.mulf %decays, %p : tensor<2x71x3x12xf32>
  %added = arith.mulf %betas, %k : tensor<2x71x3x12xf32>
  %b = arith.negf %added : tensor<2x71x3x12xf32>
  %o, %s1 = seq.state_mix %q, %added, %v g(%g : tensor<2x71x3xf32>) a(%a : tensor<2x71x3x12xf32>) b(%b : tensor<2x71x3x12xf32>) states(%s0 : !seq.state<3x12x10xf32>)
    decay head update dplr read post {scale = 0.28867513459481287 : f64} : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x3x10xf32>
  %s = check.state_contents %s1 : !seq.state<3x12x10xf32> -> tensor<2x3x12x10xf32>
  check.expect_close %o, %want : tensor<2x71x3x10xf32>
  check.expect_close %s, %wantState : tensor<2x3x12x10xf32>
  return
}
