// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/min_gru.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// h = (1 - z) h + z g(hidden) with z = sigmoid(gate), so log(1 - z) = -softplus(gate).
// golden: @x = x
// golden: @w = weight
// golden: @start : tensor<2x10xf32> = prev_hidden
// golden: @want = out
// golden: @wantState : tensor<2x10xf32> = out_state
// golden: @wantZero = out_zero_state

func.func @min_gru() {
  %x = seqm.load @x : tensor<2x53x10xf32>
  %w = seqm.load @w : tensor<20x10xf32>
  %start = seqm.load @start : tensor<2x10xf32>
  %want = seqm.load @want : tensor<2x53x10xf32>
  %wantState = seqm.load @wantState : tensor<2x10xf32>
  %wantZero = seqm.load @wantZero : tensor<2x53x10xf32>
  %all = seq.linear %x, %w : tensor<2x53x10xf32>, tensor<20x10xf32> -> tensor<2x53x20xf32>
  %hidden = tensor.extract_slice %all[0, 0, 0] [2, 53, 10] [1, 1, 1] : tensor<2x53x20xf32> to tensor<2x53x10xf32>
  %gate = tensor.extract_slice %all[0, 0, 10] [2, 53, 10] [1, 1, 1] : tensor<2x53x20xf32> to tensor<2x53x10xf32>
  %shift = arith.constant dense<0.5> : tensor<2x53x10xf32>
  %zero = arith.constant dense<0.0> : tensor<2x53x10xf32>
  %up = arith.addf %hidden, %shift : tensor<2x53x10xf32>
  %low = seq.activation %hidden sigmoid : tensor<2x53x10xf32>
  %isPositive = arith.cmpf oge, %hidden, %zero : tensor<2x53x10xf32>
  %candidate = arith.select %isPositive, %up, %low : tensor<2x53x10xi1>, tensor<2x53x10xf32>
  %rate = seq.activation %gate softplus : tensor<2x53x10xf32>
  %g = arith.negf %rate : tensor<2x53x10xf32>
  %z = seq.activation %gate sigmoid : tensor<2x53x10xf32>
  %input = arith.mulf %z, %candidate : tensor<2x53x10xf32>
  %h0 = check.make_state %start : tensor<2x10xf32> -> !seq.state<10xf32>
  %h, %h1 = seq.scan %input, %g states(%h0 : !seq.state<10xf32>) : tensor<2x53x10xf32>, tensor<2x53x10xf32>
  %end = check.state_contents %h1 : !seq.state<10xf32> -> tensor<2x10xf32>
  check.expect_close %h, %want : tensor<2x53x10xf32>
  check.expect_close %end, %wantState : tensor<2x10xf32>
  %fresh = seq.scan %input, %g : tensor<2x53x10xf32>, tensor<2x53x10xf32>
  check.expect_close %fresh, %wantZero : tensor<2x53x10xf32>
  return
}
