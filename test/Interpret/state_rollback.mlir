// RUN: seq-opt %s --seq-interpret -o /dev/null

// A row keeps its two oldest tokens; selecting rows of a KV state swaps what they hold.
func.func @shorter() {
  %k = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]]], [[[4.0]], [[5.0]], [[6.0]]]]> : tensor<2x3x1x1xf32>
  %kv0 = check.make_state %k, %k : tensor<2x3x1x1xf32>, tensor<2x3x1x1xf32> -> !seq.kv<1x1xf32>
  %n = arith.constant dense<2> : tensor<2xi64>
  %kv1 = seq.state_rollback %kv0, %n : !seq.kv<1x1xf32>, tensor<2xi64>
  %rows = arith.constant dense<[1, 0]> : tensor<2xi64>
  %kv2 = seq.state_select %kv1, %rows : !seq.kv<1x1xf32>, tensor<2xi64>
  %keys, %values = check.state_contents %kv2 : !seq.kv<1x1xf32> -> tensor<2x2x1x1xf32>, tensor<2x2x1x1xf32>
  %want = arith.constant dense<[[[[4.0]], [[5.0]]], [[[1.0]], [[2.0]]]]> : tensor<2x2x1x1xf32>
  check.expect_close %keys, %want : tensor<2x2x1x1xf32>
  check.expect_close %values, %want : tensor<2x2x1x1xf32>
  return
}
