// RUN: seq-opt %s --seq-interpret -o /dev/null

// Taps 1, 10, 100 on 1, 2, 3: the newest sample meets 100. Behind the state (5, 7) the first
// outputs see it. A single tap carries nothing.
func.func @by_hand() {
  %x = arith.constant dense<[[[1.0], [2.0], [3.0]]]> : tensor<1x3x1xf64>
  %w = arith.constant dense<[[1.0, 10.0, 100.0]]> : tensor<1x3xf64>
  %y = seq.conv %x, %w : tensor<1x3x1xf64>, tensor<1x3xf64>
  %want = arith.constant dense<[[[100.0], [210.0], [321.0]]]> : tensor<1x3x1xf64>
  check.expect_close %y, %want : tensor<1x3x1xf64>
  %start = arith.constant dense<[[[5.0], [7.0]]]> : tensor<1x2x1xf64>
  %s0 = check.make_state %start : tensor<1x2x1xf64> -> !seq.state<2x1xf64>
  %ys, %s1 = seq.conv %x, %w states(%s0 : !seq.state<2x1xf64>) : tensor<1x3x1xf64>, tensor<1x3xf64>
  %wantS = arith.constant dense<[[[175.0], [217.0], [321.0]]]> : tensor<1x3x1xf64>
  check.expect_close %ys, %wantS : tensor<1x3x1xf64>
  %end = check.state_contents %s1 : !seq.state<2x1xf64> -> tensor<1x2x1xf64>
  %wantEnd = arith.constant dense<[[[2.0], [3.0]]]> : tensor<1x2x1xf64>
  check.expect_close %end, %wantEnd : tensor<1x2x1xf64>
  %one = arith.constant dense<2.0> : tensor<1x1xf64>
  %bias = arith.constant dense<-5.0> : tensor<1xf64>
  %relu = seq.conv %x, %one bias(%bias : tensor<1xf64>) activation relu : tensor<1x3x1xf64>, tensor<1x1xf64>
  %wantRelu = arith.constant dense<[[[0.0], [0.0], [1.0]]]> : tensor<1x3x1xf64>
  check.expect_close %relu, %wantRelu : tensor<1x3x1xf64>
  return
}

// Row 0 starts anew at token 1; row 1 counts one token, so its state moves by one.
func.func @segments() {
  %x = arith.constant dense<[[[1.0], [2.0], [3.0]], [[1.0], [2.0], [3.0]]]> : tensor<2x3x1xf64>
  %w = arith.constant dense<[[1.0, 10.0, 100.0]]> : tensor<1x3xf64>
  %start = arith.constant dense<[[[5.0], [7.0]], [[5.0], [7.0]]]> : tensor<2x2x1xf64>
  %s0 = check.make_state %start : tensor<2x2x1xf64> -> !seq.state<2x1xf64>
  %reset = arith.constant dense<[[false, true, false], [false, false, false]]> : tensor<2x3xi1>
  %n = arith.constant dense<[3, 1]> : tensor<2xi64>
  %y, %s1 = seq.conv %x, %w states(%s0 : !seq.state<2x1xf64>) reset(%reset : tensor<2x3xi1>) lengths(%n : tensor<2xi64>)
    : tensor<2x3x1xf64>, tensor<1x3xf64>
  %want = arith.constant dense<[[[175.0], [200.0], [320.0]], [[175.0], [0.0], [0.0]]]> : tensor<2x3x1xf64>
  %end = check.state_contents %s1 : !seq.state<2x1xf64> -> tensor<2x2x1xf64>
  %wantEnd = arith.constant dense<[[[2.0], [3.0]], [[7.0], [1.0]]]> : tensor<2x2x1xf64>
  check.expect_close %y, %want : tensor<2x3x1xf64>
  check.expect_close %end, %wantEnd : tensor<2x2x1xf64>
  return
}
