// RUN: seq-opt %s --seq-interpret -o /dev/null

// Behind nothing the first token is 0.
func.func @fresh() {
  %x = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]> : tensor<1x3x2xf32>
  %y = seq.token_shift %x : tensor<1x3x2xf32>
  %want = arith.constant dense<[[[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]]]> : tensor<1x3x2xf32>
  check.expect_equal %y, %want : tensor<1x3x2xf32>
  return
}

// The state is the token before, each row its own; the new state is the last token.
func.func @state() {
  %x = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>
  %before = arith.constant dense<[[-1.0, -2.0], [-3.0, -4.0]]> : tensor<2x2xf32>
  %s0 = check.make_state %before : tensor<2x2xf32> -> !seq.state<2xf32>
  %y, %s1 = seq.token_shift %x state %s0 : tensor<2x2x2xf32>, !seq.state<2xf32>
  %last = check.state_contents %s1 : !seq.state<2xf32> -> tensor<2x2xf32>
  %want = arith.constant dense<[[[-1.0, -2.0], [1.0, 2.0]], [[-3.0, -4.0], [5.0, 6.0]]]> : tensor<2x2x2xf32>
  %wantLast = arith.constant dense<[[3.0, 4.0], [7.0, 8.0]]> : tensor<2x2xf32>
  check.expect_equal %y, %want : tensor<2x2x2xf32>
  check.expect_equal %last, %wantLast : tensor<2x2xf32>
  return
}

// No tokens leave the state alone.
func.func @nothing() {
  %zero = arith.constant 0 : index
  %x = tensor.empty(%zero) : tensor<1x?x2xf32>
  %before = arith.constant dense<[[-1.0, -2.0]]> : tensor<1x2xf32>
  %s0 = check.make_state %before : tensor<1x2xf32> -> !seq.state<2xf32>
  %y, %s1 = seq.token_shift %x state %s0 : tensor<1x?x2xf32>, !seq.state<2xf32>
  %last = check.state_contents %s1 : !seq.state<2xf32> -> tensor<1x2xf32>
  check.expect_equal %last, %before : tensor<1x2xf32>
  return
}

// 3 tokens as 1 + 2.
func.func @split() {
  %a = arith.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>
  %b = arith.constant dense<[[[3.0, 4.0], [5.0, 6.0]]]> : tensor<1x2x2xf32>
  %batch = arith.constant 1 : index
  %s0 = seq.state_init %batch : !seq.state<2xf32>
  %y1, %s1 = seq.token_shift %a state %s0 : tensor<1x1x2xf32>, !seq.state<2xf32>
  %y2, %s2 = seq.token_shift %b state %s1 : tensor<1x2x2xf32>, !seq.state<2xf32>
  %y = tensor.concat dim(1) %y1, %y2 : (tensor<1x1x2xf32>, tensor<1x2x2xf32>) -> tensor<1x3x2xf32>
  %want = arith.constant dense<[[[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]]]> : tensor<1x3x2xf32>
  check.expect_equal %y, %want : tensor<1x3x2xf32>
  return
}

// Row 0 starts anew at token 1, row 1 counts one token.
func.func @segments() {
  %x = arith.constant dense<[[[1.0], [2.0], [4.0]], [[1.0], [2.0], [4.0]]]> : tensor<2x3x1xf32>
  %start = arith.constant dense<8.0> : tensor<2x1xf32>
  %s0 = check.make_state %start : tensor<2x1xf32> -> !seq.state<1xf32>
  %reset = arith.constant dense<[[false, true, false], [false, false, false]]> : tensor<2x3xi1>
  %n = arith.constant dense<[3, 1]> : tensor<2xi64>
  %y, %s1 = seq.token_shift %x state %s0 reset(%reset : tensor<2x3xi1>) lengths(%n : tensor<2xi64>)
    : tensor<2x3x1xf32>, !seq.state<1xf32>
  %want = arith.constant dense<[[[8.0], [0.0], [2.0]], [[8.0], [0.0], [0.0]]]> : tensor<2x3x1xf32>
  %end = check.state_contents %s1 : !seq.state<1xf32> -> tensor<2x1xf32>
  %wantEnd = arith.constant dense<[[4.0], [1.0]]> : tensor<2x1xf32>
  check.expect_close %y, %want : tensor<2x3x1xf32>
  check.expect_close %end, %wantEnd : tensor<2x1xf32>
  return
}
