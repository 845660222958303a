// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/selective_state_update.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Single steps of Mamba-2 with a rate for every element: the channel form, a channel for each of H x P.
// golden: @x : tensor<2x23x24xf32> = x shape = [2, 23, 24] strides = [24, 48, 1]
// golden: @dt : tensor<2x23x24xf32> = dt shape = [2, 23, 24] strides = [24, 48, 1]
// golden: @z : tensor<2x23x24xf32> = z shape = [2, 23, 24] strides = [24, 48, 1]
// golden: @a : tensor<24x6xf32> = A
// golden: @b = B [1, 0, 2, 3]
// golden: @c = C [1, 0, 2, 3]
// golden: @d : tensor<24xf32> = D
// golden: @bias : tensor<24xf32> = dt_bias
// golden: @start : tensor<2x24x6xf32> = state
// golden: @want : tensor<2x23x24xf32> = out shape = [2, 23, 24] strides = [24, 48, 1]
// golden: @wantState : tensor<2x24x6xf32> = out_state

func.func @selective_state_update() {
  %x = seqm.load @x : tensor<2x23x24xf32>
  %dt = seqm.load @dt : tensor<2x23x24xf32>
  %z = seqm.load @z : tensor<2x23x24xf32>
  %a = seqm.load @a : tensor<24x6xf32>
  %b = seqm.load @b : tensor<2x23x1x6xf32>
  %c = seqm.load @c : tensor<2x23x1x6xf32>
  %d = seqm.load @d : tensor<24xf32>
  %bias = seqm.load @bias : tensor<24xf32>
  %start = seqm.load @start : tensor<2x24x6xf32>
  %want = seqm.load @want : tensor<2x23x24xf32>
  %wantState = seqm.load @wantState : tensor<2x24x6xf32>
  %h0 = check.make_state %start : tensor<2x24x6xf32> -> !seq.state<24x6xf32>
  %y, %h1 = seq.selective_scan %x, %dt, %a, %b, %c skip(%d : tensor<24xf32>) z(%z : tensor<2x23x24xf32>) dt_bias(%bias : tensor<24xf32>)
    states(%h0 : !seq.state<24x6xf32>) {dt_softplus} : tensor<2x23x24xf32>, tensor<2x23x24xf32>, tensor<24x6xf32>, tensor<2x23x1x6xf32>, tensor<2x23x1x6xf32>
  %h = check.state_contents %h1 : !seq.state<24x6xf32> -> tensor<2x24x6xf32>
  check.expect_close %y, %want : tensor<2x23x24xf32>
  check.expect_close %h, %wantState : tensor<2x24x6xf32>
  return
}
