// RUN: seq-opt %s --seq-interpret -o /dev/null

// Head h decays by 1 - 2^(-5-h): 31/32 and 63/64.
func.func @decays() {
  %one = arith.constant dense<1.0> : tensor<1x2x2x1xf64>
  %v = arith.constant dense<[[[[32.0], [64.0]], [[1.0], [2.0]]]]> : tensor<1x2x2x1xf64>
  %o = seq.retention %one, %one, %v {scale = 2.0 : f64}
    : tensor<1x2x2x1xf64>, tensor<1x2x2x1xf64>, tensor<1x2x2x1xf64>
  %want = arith.constant dense<[[[[64.0], [128.0]], [[64.0], [130.0]]]]> : tensor<1x2x2x1xf64>
  check.expect_close %o, %want : tensor<1x2x2x1xf64>
  return
}

// Given decays, a state to start from, different widths of keys and values: by hand
// S = 1/2 S0 + k v^T = [[1, 1], [0, 0]] + [[3, 4], [6, 8]], read by the query (1, -1).
func.func @state() {
  %q = arith.constant dense<[[[[1.0, -1.0]]]]> : tensor<1x1x1x2xf64>
  %k = arith.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf64>
  %v = arith.constant dense<[[[[3.0, 4.0, 0.0]]]]> : tensor<1x1x1x3xf64>
  %start = arith.constant dense<[[[[2.0, 2.0, 2.0], [0.0, 0.0, 0.0]]]]> : tensor<1x1x2x3xf64>
  %s0 = check.make_state %start : tensor<1x1x2x3xf64> -> !seq.state<1x2x3xf64>
  %o, %s1 = seq.retention %q, %k, %v states(%s0 : !seq.state<1x2x3xf64>) {log_decay = array<f64: -0.6931471805599453>}
    : tensor<1x1x1x2xf64>, tensor<1x1x1x2xf64>, tensor<1x1x1x3xf64>
  %s = check.state_contents %s1 : !seq.state<1x2x3xf64> -> tensor<1x1x2x3xf64>
  %want = arith.constant dense<[[[[-2.0, -3.0, 1.0]]]]> : tensor<1x1x1x3xf64>
  %wantS = arith.constant dense<[[[[4.0, 5.0, 1.0], [6.0, 8.0, 0.0]]]]> : tensor<1x1x2x3xf64>
  check.expect_close %o, %want : tensor<1x1x1x3xf64>
  check.expect_close %s, %wantS : tensor<1x1x2x3xf64>
  return
}

// It is state_mix with a static decay a head; 7 tokens as 2 + 5 equal the whole.
seqm.parameter @q : tensor<2x7x3x4xf32> = #seqm.normal<seed = 21, stddev = 1.0 : f32>
seqm.parameter @k : tensor<2x7x3x4xf32> = #seqm.normal<seed = 22, stddev = 1.0 : f32>
seqm.parameter @v : tensor<2x7x3x5xf32> = #seqm.normal<seed = 23, stddev = 1.0 : f32>
func.func @split() {
  %q = seqm.load @q : tensor<2x7x3x4xf32>
  %k = seqm.load @k : tensor<2x7x3x4xf32>
  %v = seqm.load @v : tensor<2x7x3x5xf32>
  %whole = seq.retention %q, %k, %v {scale = 0.5 : f64} : tensor<2x7x3x4xf32>, tensor<2x7x3x4xf32>, tensor<2x7x3x5xf32>
  %g = arith.constant dense<[-0.031748698314580298, -0.015748356968139168, -0.0078431774610258928]> : tensor<3xf64>
  %gf = arith.truncf %g : tensor<3xf64> to tensor<3xf32>
  %mixed = seq.state_mix %q, %k, %v g(%gf : tensor<3xf32>) decay static update outer read post {scale = 0.5 : f64}
    : tensor<2x7x3x4xf32>, tensor<2x7x3x4xf32>, tensor<2x7x3x5xf32>
  check.expect_close %mixed, %whole {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x7x3x5xf32>

  %batch = arith.constant 2 : index
  %s0 = seq.state_init %batch : !seq.state<3x4x5xf32>
  %q1 = tensor.extract_slice %q[0, 0, 0, 0] [2, 2, 3, 4] [1, 1, 1, 1] : tensor<2x7x3x4xf32> to tensor<2x2x3x4xf32>
  %k1 = tensor.extract_slice %k[0, 0, 0, 0] [2, 2, 3, 4] [1, 1, 1, 1] : tensor<2x7x3x4xf32> to tensor<2x2x3x4xf32>
  %v1 = tensor.extract_slice %v[0, 0, 0, 0] [2, 2, 3, 5] [1, 1, 1, 1] : tensor<2x7x3x5xf32> to tensor<2x2x3x5xf32>
  %o1, %s1 = seq.retention %q1, %k1, %v1 states(%s0 : !seq.state<3x4x5xf32>) {scale = 0.5 : f64}
    : tensor<2x2x3x4xf32>, tensor<2x2x3x4xf32>, tensor<2x2x3x5xf32>
  %q2 = tensor.extract_slice %q[0, 2, 0, 0] [2, 5, 3, 4] [1, 1, 1, 1] : tensor<2x7x3x4xf32> to tensor<2x5x3x4xf32>
  %k2 = tensor.extract_slice %k[0, 2, 0, 0] [2, 5, 3, 4] [1, 1, 1, 1] : tensor<2x7x3x4xf32> to tensor<2x5x3x4xf32>
  %v2 = tensor.extract_slice %v[0, 2, 0, 0] [2, 5, 3, 5] [1, 1, 1, 1] : tensor<2x7x3x5xf32> to tensor<2x5x3x5xf32>
  %o2, %s2 = seq.retention %q2, %k2, %v2 states(%s1 : !seq.state<3x4x5xf32>) {scale = 0.5 : f64}
    : tensor<2x5x3x4xf32>, tensor<2x5x3x4xf32>, tensor<2x5x3x5xf32>
  %o = tensor.concat dim(1) %o1, %o2 : (tensor<2x2x3x5xf32>, tensor<2x5x3x5xf32>) -> tensor<2x7x3x5xf32>
  check.expect_close %o, %whole {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x7x3x5xf32>
  return
}
