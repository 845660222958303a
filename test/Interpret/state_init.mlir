// RUN: seq-opt %s --seq-interpret -o /dev/null

// A fresh state is filled with its type's value; a KV state holds nothing.
func.func @fresh() {
  %batch = arith.constant 2 : index
  %capacity = arith.constant 9 : index
  %zeros = seq.state_init %batch : !seq.state<3xf32>
  %low = seq.state_init %batch : !seq.state<1xf32, init = -1.0e38>
  %count = seq.state_init %batch : !seq.state<i64>
  %kv = seq.state_init %batch capacity %capacity : !seq.kv<2x4x6xf32>
  %z = check.state_contents %zeros : !seq.state<3xf32> -> tensor<2x3xf32>
  %l = check.state_contents %low : !seq.state<1xf32, init = -1.0e38> -> tensor<2x1xf32>
  %c = check.state_contents %count : !seq.state<i64> -> tensor<2xi64>
  %k, %v = check.state_contents %kv : !seq.kv<2x4x6xf32> -> tensor<2x0x2x4xf32>, tensor<2x?x2x6xf32>
  %wantZ = arith.constant dense<0.0> : tensor<2x3xf32>
  %wantL = arith.constant dense<-1.0e38> : tensor<2x1xf64>
  %wantL32 = arith.truncf %wantL : tensor<2x1xf64> to tensor<2x1xf32>
  %wantC = arith.constant dense<0> : tensor<2xi64>
  check.expect_equal %z, %wantZ : tensor<2x3xf32>
  check.expect_equal %l, %wantL32 : tensor<2x1xf32>
  check.expect_equal %c, %wantC : tensor<2xi64>
  return
}
