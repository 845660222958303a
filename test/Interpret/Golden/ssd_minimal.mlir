// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/ssd_minimal.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// The state space duality: C reads, B writes, A is the log decay. The published state has values first.
// golden: @x = X
// golden: @g = A
// golden: @b = B
// golden: @c = C
// golden: @start : tensor<2x3x6x8xf32> = initial_state shape = [2, 3, 6, 8] strides = [144, 48, 1, 6]
// golden: @want = out
// golden: @wantState = out_state [0, 1, 3, 2]

func.func @ssd_minimal() {
  %x = seqm.load @x : tensor<2x75x3x8xf32>
  %g = seqm.load @g : tensor<2x75x3xf32>
  %b = seqm.load @b : tensor<2x75x3x6xf32>
  %c = seqm.load @c : tensor<2x75x3x6xf32>
  %start = seqm.load @start : tensor<2x3x6x8xf32>
  %want = seqm.load @want : tensor<2x75x3x8xf32>
  %wantState = seqm.load @wantState : tensor<2x3x6x8xf32>
  %s0 = check.make_state %start : tensor<2x3x6x8xf32> -> !seq.state<3x6x8xf32>
  %y, %s1 = seq.state_mix %c, %b, %x g(%g : tensor<2x75x3xf32>) states(%s0 : !seq.state<3x6x8xf32>)
    decay head update outer read post : tensor<2x75x3x6xf32>, tensor<2x75x3x6xf32>, tensor<2x75x3x8xf32>
  %s = check.state_contents %s1 : !seq.state<3x6x8xf32> -> tensor<2x3x6x8xf32>
  check.expect_close %y, %want : tensor<2x75x3x8xf32>
  check.expect_close %s, %wantState : tensor<2x3x6x8xf32>
  return
}
