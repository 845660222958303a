// RUN: seq-opt %s --seq-interpret -o /dev/null

// One channel, one state, exp(dt A) = 1/2 with dt = 1: h = 3 * 2, then 3 + 5 * 2; y = 10 h + 100 x.
func.func @channel() {
  %x = arith.constant dense<[[[3.0], [5.0]]]> : tensor<1x2x1xf64>
  %dt = arith.constant dense<1.0> : tensor<1x2x1xf64>
  %a = arith.constant dense<-0.6931471805599453> : tensor<1x1xf64>
  %b = arith.constant dense<2.0> : tensor<1x2x1x1xf64>
  %c = arith.constant dense<10.0> : tensor<1x2x1x1xf64>
  %d = arith.constant dense<100.0> : tensor<1xf64>
  %y = seq.selective_scan %x, %dt, %a, %b, %c skip(%d : tensor<1xf64>)
    : tensor<1x2x1xf64>, tensor<1x2x1xf64>, tensor<1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<[[[360.0], [630.0]]]> : tensor<1x2x1xf64>
  check.expect_close %y, %want : tensor<1x2x1xf64>

  // 2 dt clamped to 1 is the same; a bias acts before the clamp.
  %zero = arith.constant dense<0.0> : tensor<1x2x1xf64>
  %bias = arith.constant dense<2.0> : tensor<1xf64>
  %clamped = seq.selective_scan %x, %zero, %a, %b, %c skip(%d : tensor<1xf64>) dt_bias(%bias : tensor<1xf64>) {dt_max = 1.0 : f64}
    : tensor<1x2x1xf64>, tensor<1x2x1xf64>, tensor<1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  check.expect_close %clamped, %want : tensor<1x2x1xf64>
  %raised = seq.selective_scan %x, %zero, %a, %b, %c skip(%d : tensor<1xf64>) {dt_min = 1.0 : f64}
    : tensor<1x2x1xf64>, tensor<1x2x1xf64>, tensor<1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  check.expect_close %raised, %want : tensor<1x2x1xf64>
  return
}

// Two heads, each with its own group: the same numbers in the head form, from a state, with a
// fresh start of row 0 at token 1 and one token in row 1.
func.func @head() {
  %x = arith.constant dense<[[[[3.0], [3.0]], [[5.0], [5.0]]], [[[3.0], [3.0]], [[5.0], [5.0]]]]> : tensor<2x2x2x1xf64>
  %dt = arith.constant dense<1.0> : tensor<2x2x2xf64>
  %a = arith.constant dense<-0.6931471805599453> : tensor<2xf64>
  %b = arith.constant dense<[[[[2.0], [4.0]], [[2.0], [4.0]]], [[[2.0], [4.0]], [[2.0], [4.0]]]]> : tensor<2x2x2x1xf64>
  %c = arith.constant dense<1.0> : tensor<2x2x2x1xf64>
  %start = arith.constant dense<8.0> : tensor<2x2x1x1xf64>
  %h0 = check.make_state %start : tensor<2x2x1x1xf64> -> !seq.state<2x1x1xf64>
  %reset = arith.constant dense<[[false, true], [false, false]]> : tensor<2x2xi1>
  %n = arith.constant dense<[2, 1]> : tensor<2xi64>
  %y, %h1 = seq.selective_scan %x, %dt, %a, %b, %c states(%h0 : !seq.state<2x1x1xf64>) reset(%reset : tensor<2x2xi1>)
    lengths(%n : tensor<2xi64>)
    : tensor<2x2x2x1xf64>, tensor<2x2x2xf64>, tensor<2xf64>, tensor<2x2x2x1xf64>, tensor<2x2x2x1xf64>
  %want = arith.constant dense<[[[[10.0], [16.0]], [[10.0], [20.0]]], [[[10.0], [16.0]], [[0.0], [0.0]]]]> : tensor<2x2x2x1xf64>
  %end = check.state_contents %h1 : !seq.state<2x1x1xf64> -> tensor<2x2x1x1xf64>
  %wantEnd = arith.constant dense<[[[[10.0]], [[20.0]]], [[[10.0]], [[16.0]]]]> : tensor<2x2x1x1xf64>
  check.expect_close %y, %want : tensor<2x2x2x1xf64>
  check.expect_close %end, %wantEnd : tensor<2x2x1x1xf64>
  return
}
