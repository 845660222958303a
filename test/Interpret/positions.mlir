// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @from_the_start() {
  %x = tensor.empty() : tensor<2x3x5xf32>
  %p = seq.positions %x : tensor<2x3x5xf32>
  %want = arith.constant dense<[[0, 1, 2], [0, 1, 2]]> : tensor<2x3xi32>
  check.expect_equal %p, %want : tensor<2x3xi32>
  return
}

// Each row goes on from its own count.
func.func @behind_a_count() {
  %x = tensor.empty() : tensor<2x3x5xf32>
  %counts = arith.constant dense<[4, 10]> : tensor<2xi64>
  %s0 = check.make_state %counts : tensor<2xi64> -> !seq.state<i64>
  %p, %s1 = seq.positions %x state %s0 : tensor<2x3x5xf32>, !seq.state<i64>
  %after = check.state_contents %s1 : !seq.state<i64> -> tensor<2xi64>
  %want = arith.constant dense<[[4, 5, 6], [10, 11, 12]]> : tensor<2x3xi32>
  %wantAfter = arith.constant dense<[7, 13]> : tensor<2xi64>
  check.expect_equal %p, %want : tensor<2x3xi32>
  check.expect_equal %after, %wantAfter : tensor<2xi64>
  return
}

// 5 tokens as 2 + 3.
func.func @split() {
  %a = tensor.empty() : tensor<1x2xi32>
  %b = tensor.empty() : tensor<1x3xi32>
  %batch = arith.constant 1 : index
  %s0 = seq.state_init %batch : !seq.state<i64>
  %p1, %s1 = seq.positions %a state %s0 : tensor<1x2xi32>, !seq.state<i64>
  %p2, %s2 = seq.positions %b state %s1 : tensor<1x3xi32>, !seq.state<i64>
  %p = tensor.concat dim(1) %p1, %p2 : (tensor<1x2xi32>, tensor<1x3xi32>) -> tensor<1x5xi32>
  %want = arith.constant dense<[[0, 1, 2, 3, 4]]> : tensor<1x5xi32>
  check.expect_equal %p, %want : tensor<1x5xi32>
  return
}
