// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @rows() {
  %old = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %rows = arith.constant dense<[2, 0, 2]> : tensor<3xi64>
  %dynamic = tensor.cast %rows : tensor<3xi64> to tensor<?xi64>
  %s0 = check.make_state %old : tensor<3x2xf32> -> !seq.state<2xf32>
  %s1 = seq.state_select %s0, %dynamic : !seq.state<2xf32>, tensor<?xi64>
  %new = check.state_contents %s1 : !seq.state<2xf32> -> tensor<3x2xf32>
  %want = arith.constant dense<[[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]]> : tensor<3x2xf32>
  check.expect_close %new, %want : tensor<3x2xf32>
  return
}
