// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/hgrn.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// h = exp(g) h + x.
// golden: @x = x
// golden: @g = g
// golden: @start = initial_state
// golden: @want = out
// golden: @wantState = out_state

func.func @hgrn() {
  %x = seqm.load @x : tensor<2x71x36xf32>
  %g = seqm.load @g : tensor<2x71x36xf32>
  %start = seqm.load @start : tensor<2x36xf32>
  %want = seqm.load @want : tensor<2x71x36xf32>
  %wantState = seqm.load @wantState : tensor<2x36xf32>
  %h0 = check.make_state %start : tensor<2x36xf32> -> !seq.state<36xf32>
  %h, %h1 = seq.scan %x, %g states(%h0 : !seq.state<36xf32>) : tensor<2x71x36xf32>, tensor<2x71x36xf32>
  %end = check.state_contents %h1 : !seq.state<36xf32> -> tensor<2x36xf32>
  check.expect_close %h, %want : tensor<2x71x36xf32>
  check.expect_close %end, %wantState : tensor<2x36xf32>
  return
}
