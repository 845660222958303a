// RUN: seq-opt %s --seq-interpret -o /dev/null

// Tokens go behind those that the state holds; keys and values may differ in width.
func.func @behind() {
  %k0 = arith.constant dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>
  %v0 = arith.constant dense<[[[[10.0]]], [[[30.0]]]]> : tensor<2x1x1x1xf32>
  %k1 = arith.constant dense<[[[[5.0, 6.0]], [[7.0, 8.0]]], [[[9.0, 0.0]], [[1.0, 1.0]]]]> : tensor<2x2x1x2xf32>
  %v1 = arith.constant dense<[[[[50.0]], [[70.0]]], [[[90.0]], [[11.0]]]]> : tensor<2x2x1x1xf32>
  %s0 = check.make_state %k0, %v0 {capacity = 3 : i64} : tensor<2x1x1x2xf32>, tensor<2x1x1x1xf32> -> !seq.kv<1x2x1xf32>
  %s1 = seq.kv_append %s0, %k1, %v1 : !seq.kv<1x2x1xf32>, tensor<2x2x1x2xf32>, tensor<2x2x1x1xf32>
  %k, %v = check.state_contents %s1 : !seq.kv<1x2x1xf32> -> tensor<2x3x1x2xf32>, tensor<2x3x1x1xf32>
  %wantK = arith.constant dense<[[[[1.0, 2.0]], [[5.0, 6.0]], [[7.0, 8.0]]],
                                 [[[3.0, 4.0]], [[9.0, 0.0]], [[1.0, 1.0]]]]> : tensor<2x3x1x2xf32>
  %wantV = arith.constant dense<[[[[10.0]], [[50.0]], [[70.0]]], [[[30.0]], [[90.0]], [[11.0]]]]> : tensor<2x3x1x1xf32>
  check.expect_equal %k, %wantK : tensor<2x3x1x2xf32>
  check.expect_equal %v, %wantV : tensor<2x3x1x1xf32>
  return
}

// No tokens change nothing.
func.func @nothing() {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %k = tensor.empty(%zero) : tensor<1x?x2x3xf32>
  %s0 = seq.state_init %one capacity %zero : !seq.kv<2x3xf32>
  %s1 = seq.kv_append %s0, %k, %k : !seq.kv<2x3xf32>, tensor<1x?x2x3xf32>, tensor<1x?x2x3xf32>
  %k1, %v1 = check.state_contents %s1 : !seq.kv<2x3xf32> -> tensor<1x0x2x3xf32>, tensor<1x0x2x3xf32>
  %want = tensor.empty() : tensor<1x0x2x3xf32>
  check.expect_equal %k1, %want : tensor<1x0x2x3xf32>
  return
}
