// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/causal_conv1d.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// The last tap meets the newest sample; the state holds the oldest first.
// golden: @x = x [0, 2, 1]
// golden: @w = weight
// golden: @bias = bias
// golden: @start = initial_states [0, 2, 1]
// golden: @want = out [0, 2, 1]
// golden: @wantState = out_state [0, 2, 1]
// golden: @wantPlain = out_zero_state_no_activation [0, 2, 1]

func.func @causal_conv1d() {
  %x = seqm.load @x : tensor<2x37x11xf32>
  %w = seqm.load @w : tensor<11x4xf32>
  %bias = seqm.load @bias : tensor<11xf32>
  %start = seqm.load @start : tensor<2x3x11xf32>
  %want = seqm.load @want : tensor<2x37x11xf32>
  %wantState = seqm.load @wantState : tensor<2x3x11xf32>
  %wantPlain = seqm.load @wantPlain : tensor<2x37x11xf32>
  %s0 = check.make_state %start : tensor<2x3x11xf32> -> !seq.state<3x11xf32>
  %y, %s1 = seq.conv %x, %w bias(%bias : tensor<11xf32>) states(%s0 : !seq.state<3x11xf32>) activation silu : tensor<2x37x11xf32>, tensor<11x4xf32>
  %s = check.state_contents %s1 : !seq.state<3x11xf32> -> tensor<2x3x11xf32>
  check.expect_close %y, %want : tensor<2x37x11xf32>
  check.expect_close %s, %wantState : tensor<2x3x11xf32>
  %plain = seq.conv %x, %w : tensor<2x37x11xf32>, tensor<11x4xf32>
  check.expect_close %plain, %wantPlain : tensor<2x37x11xf32>
  return
}
