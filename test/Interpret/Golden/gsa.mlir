// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/gsa.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Gated slot attention (Zhang et al. 2024): two gated linear attentions. The first one decays its values, which
// never mix, so every slot is a head with values of width 1 that shares its query and key with the others of its group.
// golden: @q = q
// golden: @k = k
// golden: @v = v
// golden: @slots = s
// golden: @g = g
// golden: @startK : tensor<2x18x12x1xf32> = initial_state_k shape = [2, 3, 6, 12] strides = [216, 72, 1, 6]
// golden: @startV = initial_state_v
// golden: @want = out
// golden: @wantK : tensor<2x18x12x1xf32> = out_state_k shape = [2, 3, 6, 12] strides = [216, 72, 1, 6]
// golden: @wantV = out_state_v

func.func @gsa() {
  %q = seqm.load @q : tensor<2x71x3x12xf32>
  %k = seqm.load @k : tensor<2x71x3x12xf32>
  %v = seqm.load @v : tensor<2x71x3x10xf32>
  %slots = seqm.load @slots : tensor<2x71x3x6xf32>
  %g = seqm.load @g : tensor<2x71x3x6xf32>
  %startK = seqm.load @startK : tensor<2x18x12x1xf32>
  %startV = seqm.load @startV : tensor<2x3x6x10xf32>
  %want = seqm.load @want : tensor<2x71x3x10xf32>
  %wantK = seqm.load @wantK : tensor<2x18x12x1xf32>
  %wantV = seqm.load @wantV : tensor<2x3x6x10xf32>
  %gates = tensor.collapse_shape %g [[0], [1], [2, 3]] : tensor<2x71x3x6xf32> into tensor<2x71x18xf32>
  %flat = tensor.collapse_shape %slots [[0], [1], [2, 3]] : tensor<2x71x3x6xf32> into tensor<2x71x18xf32>
  %columns = seq.split_heads %flat 18 : tensor<2x71x18xf32>
  %k0 = check.make_state %startK : tensor<2x18x12x1xf32> -> !seq.state<18x12x1xf32>
  %read, %k1 = seq.state_mix %q, %k, %columns g(%gates : tensor<2x71x18xf32>) states(%k0 : !seq.state<18x12x1xf32>)
    decay head update outer read post {scale = 0.28867513459481287 : f64} : tensor<2x71x3x12xf32>, tensor<2x71x3x12xf32>, tensor<2x71x18x1xf32>
  %scores = tensor.collapse_shape %read [[0], [1], [2, 3]] : tensor<2x71x18x1xf32> into tensor<2x71x18xf32>
  %grouped = seq.split_heads %scores 3 : tensor<2x71x18xf32>
  %exp = math.exp %grouped : tensor<2x71x3x6xf32>
  %zero = arith.constant dense<0.0> : tensor<2x71x3xf32>
  %sum = linalg.reduce ins(%exp : tensor<2x71x3x6xf32>) outs(%zero : tensor<2x71x3xf32>) dimensions = [3]
    (%a: f32, %total: f32) {
      %next = arith.addf %a, %total : f32
      linalg.yield %next : f32
    }
  %empty = tensor.empty() : tensor<2x71x3x6xf32>
  %sums = linalg.broadcast ins(%sum : tensor<2x71x3xf32>) outs(%empty : tensor<2x71x3x6xf32>) dimensions = [3]
  %weights = arith.divf %exp, %sums : tensor<2x71x3x6xf32>
  %v0 = check.make_state %startV : tensor<2x3x6x10xf32> -> !seq.state<3x6x10xf32>
  %o, %v1 = seq.state_mix %weights, %slots, %v g(%g : tensor<2x71x3x6xf32>) states(%v0 : !seq.state<3x6x10xf32>)
    decay channel update outer read post : tensor<2x71x3x6xf32>, tensor<2x71x3x6xf32>, tensor<2x71x3x10xf32>
  %kEnd = check.state_contents %k1 : !seq.state<18x12x1xf32> -> tensor<2x18x12x1xf32>
  %vEnd = check.state_contents %v1 : !seq.state<3x6x10xf32> -> tensor<2x3x6x10xf32>
  check.expect_close %o, %want : tensor<2x71x3x10xf32>
  check.expect_close %kEnd, %wantK : tensor<2x18x12x1xf32>
  check.expect_close %vEnd, %wantV : tensor<2x3x6x10xf32>
  return
}
