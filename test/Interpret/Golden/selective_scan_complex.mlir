// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/selective_scan_complex.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// A, B and C are complex; the output is twice the real part.
// golden: @u = u [0, 2, 1]
// golden: @dt = delta [0, 2, 1]
// golden: @re : tensor<6x4x1xf32> = A_real
// golden: @im : tensor<6x4x1xf32> = A_imag
// golden: @b : tensor<2x51x1x4x2xf32> = B shape = [2, 51, 1, 4, 2] strides = [408, 2, 1, 102, 1]
// golden: @c : tensor<2x51x1x4x2xf32> = C shape = [2, 51, 1, 4, 2] strides = [408, 2, 1, 102, 1]
// golden: @d = D
// golden: @want = out [0, 2, 1]
// golden: @wantState = out_state

func.func @selective_scan_complex() {
  %u = seqm.load @u : tensor<2x51x6xf32>
  %dt = seqm.load @dt : tensor<2x51x6xf32>
  %re = seqm.load @re : tensor<6x4x1xf32>
  %im = seqm.load @im : tensor<6x4x1xf32>
  %b = seqm.load @b : tensor<2x51x1x4x2xf32>
  %c = seqm.load @c : tensor<2x51x1x4x2xf32>
  %d = seqm.load @d : tensor<6xf32>
  %want = seqm.load @want : tensor<2x51x6xf32>
  %wantState = seqm.load @wantState : tensor<2x6x4x2xf32>
  %a = tensor.concat dim(2) %re, %im : (tensor<6x4x1xf32>, tensor<6x4x1xf32>) -> tensor<6x4x2xf32>
  %batch = arith.constant 2 : index
  %h0 = seq.state_init %batch : !seq.state<6x4x2xf32>
  %y, %h1 = seq.selective_scan %u, %dt, %a, %b, %c skip(%d : tensor<6xf32>) states(%h0 : !seq.state<6x4x2xf32>)
    {complex, dt_softplus} : tensor<2x51x6xf32>, tensor<2x51x6xf32>, tensor<6x4x2xf32>, tensor<2x51x1x4x2xf32>, tensor<2x51x1x4x2xf32>
  %h = check.state_contents %h1 : !seq.state<6x4x2xf32> -> tensor<2x6x4x2xf32>
  check.expect_close %y, %want : tensor<2x51x6xf32>
  check.expect_close %h, %wantState : tensor<2x6x4x2xf32>
  return
}
