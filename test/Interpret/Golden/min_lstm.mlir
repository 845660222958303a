// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/min_lstm.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// h = f h + i g(hidden) with sigmoid gates f and i divided by their sum.
// golden: @x = x
// golden: @w = weight
// golden: @start : tensor<2x10xf32> = prev_hidden
// golden: @want = out
// golden: @wantState : tensor<2x10xf32> = out_state
// golden: @wantZero = out_zero_state

func.func @min_lstm() {
  %x = seqm.load @x : tensor<2x53x10xf32>
  %w = seqm.load @w : tensor<30x10xf32>
  %start = seqm.load @start : tensor<2x10xf32>
  %want = seqm.load @want : tensor<2x53x10xf32>
  %wantState = seqm.load @wantState : tensor<2x10xf32>
  %wantZero = seqm.load @wantZero : tensor<2x53x10xf32>
  %all = seq.linear %x, %w : tensor<2x53x10xf32>, tensor<30x10xf32> -> tensor<2x53x30xf32>
  %hidden = tensor.extract_slice %all[0, 0, 0] [2, 53, 10] [1, 1, 1] : tensor<2x53x30xf32> to tensor<2x53x10xf32>
  %f = tensor.extract_slice %all[0, 0, 10] [2, 53, 10] [1, 1, 1] : tensor<2x53x30xf32> to tensor<2x53x10xf32>
  %i = tensor.extract_slice %all[0, 0, 20] [2, 53, 10] [1, 1, 1] : tensor<2x53x30xf32> to tensor<2x53x10xf32>
  %shift = arith.constant dense<0.5> : tensor<2x53x10xf32>
  %zero = arith.constant dense<0.0> : tensor<2x53x10xf32>
  %up = arith.addf %hidden, %shift : tensor<2x53x10xf32>
  %low = seq.activation %hidden sigmoid : tensor<2x53x10xf32>
  %isPositive = arith.cmpf oge, %hidden, %zero : tensor<2x53x10xf32>
  %candidate = arith.select %isPositive, %up, %low : tensor<2x53x10xi1>, tensor<2x53x10xf32>
  %sf = seq.activation %f sigmoid : tensor<2x53x10xf32>
  %si = seq.activation %i sigmoid : tensor<2x53x10xf32>
  %sum = arith.addf %sf, %si : tensor<2x53x10xf32>
  %keep = arith.divf %sf, %sum : tensor<2x53x10xf32>
  %take = arith.divf %si, %sum : tensor<2x53x10xf32>
  %g = math.log %keep : tensor<2x53x10xf32>
  %input = arith.mulf %take, %candidate : tensor<2x53x10xf32>
  %h0 = check.make_state %start : tensor<2x10xf32> -> !seq.state<10xf32>
  %h, %h1 = seq.scan %input, %g states(%h0 : !seq.state<10xf32>) : tensor<2x53x10xf32>, tensor<2x53x10xf32>
  %end = check.state_contents %h1 : !seq.state<10xf32> -> tensor<2x10xf32>
  check.expect_close %h, %want : tensor<2x53x10xf32>
  check.expect_close %end, %wantState : tensor<2x10xf32>
  %fresh = seq.scan %input, %g : tensor<2x53x10xf32>, tensor<2x53x10xf32>
  check.expect_close %fresh, %wantZero : tensor<2x53x10xf32>
  return
}
