// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/selective_scan.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Mamba-1, with everything around the scan and without.
// golden: @u = u [0, 2, 1]
// golden: @dt = delta [0, 2, 1]
// golden: @z = z [0, 2, 1]
// golden: @a = A
// golden: @b : tensor<2x71x1x6xf32> = B shape = [2, 71, 1, 6] strides = [426, 1, 1, 71]
// golden: @c : tensor<2x71x1x6xf32> = C shape = [2, 71, 1, 6] strides = [426, 1, 1, 71]
// golden: @d = D
// golden: @bias = delta_bias
// golden: @want = out [0, 2, 1]
// golden: @wantPlain = out_plain [0, 2, 1]
// golden: @wantState = out_state

func.func @selective_scan() {
  %u = seqm.load @u : tensor<2x71x10xf32>
  %dt = seqm.load @dt : tensor<2x71x10xf32>
  %z = seqm.load @z : tensor<2x71x10xf32>
  %a = seqm.load @a : tensor<10x6xf32>
  %b = seqm.load @b : tensor<2x71x1x6xf32>
  %c = seqm.load @c : tensor<2x71x1x6xf32>
  %d = seqm.load @d : tensor<10xf32>
  %bias = seqm.load @bias : tensor<10xf32>
  %want = seqm.load @want : tensor<2x71x10xf32>
  %wantPlain = seqm.load @wantPlain : tensor<2x71x10xf32>
  %wantState = seqm.load @wantState : tensor<2x10x6xf32>
  %batch = arith.constant 2 : index
  %h0 = seq.state_init %batch : !seq.state<10x6xf32>
  %y, %h1 = seq.selective_scan %u, %dt, %a, %b, %c skip(%d : tensor<10xf32>) z(%z : tensor<2x71x10xf32>) dt_bias(%bias : tensor<10xf32>)
    states(%h0 : !seq.state<10x6xf32>) {dt_softplus} : tensor<2x71x10xf32>, tensor<2x71x10xf32>, tensor<10x6xf32>, tensor<2x71x1x6xf32>, tensor<2x71x1x6xf32>
  %h = check.state_contents %h1 : !seq.state<10x6xf32> -> tensor<2x10x6xf32>
  check.expect_close %y, %want : tensor<2x71x10xf32>
  check.expect_close %h, %wantState : tensor<2x10x6xf32>
  %plain = seq.selective_scan %u, %dt, %a, %b, %c {dt_softplus} : tensor<2x71x10xf32>, tensor<2x71x10xf32>, tensor<10x6xf32>, tensor<2x71x1x6xf32>, tensor<2x71x1x6xf32>
  check.expect_close %plain, %wantPlain : tensor<2x71x10xf32>
  return
}
