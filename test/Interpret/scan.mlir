// RUN: seq-opt %s --seq-interpret -o /dev/null

// exp(g) = 1/2: 4, 4/2 + 2, 4/2 + 6; from the state 8 the first is 4 + 4.
func.func @by_hand() {
  %x = arith.constant dense<[[[4.0], [2.0], [6.0]]]> : tensor<1x3x1xf64>
  %g = arith.constant dense<-0.6931471805599453> : tensor<1x3x1xf64>
  %gStatic = arith.constant dense<-0.6931471805599453> : tensor<1xf64>
  %h = seq.scan %x, %g : tensor<1x3x1xf64>, tensor<1x3x1xf64>
  %want = arith.constant dense<[[[4.0], [4.0], [8.0]]]> : tensor<1x3x1xf64>
  check.expect_close %h, %want : tensor<1x3x1xf64>
  %start = arith.constant dense<8.0> : tensor<1x1xf64>
  %s0 = check.make_state %start : tensor<1x1xf64> -> !seq.state<1xf64>
  %hs, %s1 = seq.scan %x, %gStatic states(%s0 : !seq.state<1xf64>) : tensor<1x3x1xf64>, tensor<1xf64>
  %wantS = arith.constant dense<[[[8.0], [6.0], [9.0]]]> : tensor<1x3x1xf64>
  check.expect_close %hs, %wantS : tensor<1x3x1xf64>
  %end = check.state_contents %s1 : !seq.state<1xf64> -> tensor<1x1xf64>
  %wantEnd = arith.constant dense<9.0> : tensor<1x1xf64>
  check.expect_close %end, %wantEnd : tensor<1x1xf64>
  return
}

// Row 0 starts anew at token 1, row 1 counts two tokens only.
func.func @segments() {
  %x = arith.constant dense<[[[4.0], [2.0], [6.0]], [[4.0], [2.0], [6.0]]]> : tensor<2x3x1xf64>
  %g = arith.constant dense<-0.6931471805599453> : tensor<1xf64>
  %start = arith.constant dense<8.0> : tensor<2x1xf64>
  %reset = arith.constant dense<[[false, true, false], [false, false, false]]> : tensor<2x3xi1>
  %n = arith.constant dense<[3, 2]> : tensor<2xi64>
  %s0 = check.make_state %start : tensor<2x1xf64> -> !seq.state<1xf64>
  %h, %s1 = seq.scan %x, %g states(%s0 : !seq.state<1xf64>) reset(%reset : tensor<2x3xi1>) lengths(%n : tensor<2xi64>)
    : tensor<2x3x1xf64>, tensor<1xf64>
  %want = arith.constant dense<[[[8.0], [2.0], [7.0]], [[8.0], [6.0], [0.0]]]> : tensor<2x3x1xf64>
  %end = check.state_contents %s1 : !seq.state<1xf64> -> tensor<2x1xf64>
  %wantEnd = arith.constant dense<[[7.0], [6.0]]> : tensor<2x1xf64>
  check.expect_close %h, %want : tensor<2x3x1xf64>
  check.expect_close %end, %wantEnd : tensor<2x1xf64>
  return
}

// A quarter turn a token: 1, i + 1, i (i + 1) = i - 1.
func.func @complex() {
  %x = arith.constant dense<[[[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]]> : tensor<1x3x2xf64>
  %g = arith.constant dense<[0.0, 1.5707963267948966]> : tensor<2xf64>
  %h = seq.scan %x, %g {complex} : tensor<1x3x2xf64>, tensor<2xf64>
  %want = arith.constant dense<[[[1.0, 0.0], [1.0, 1.0], [-1.0, 1.0]]]> : tensor<1x3x2xf64>
  check.expect_close %h, %want : tensor<1x3x2xf64>
  return
}
