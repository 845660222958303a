// RUN: seq-opt %s --seq-interpret -o /dev/null

// Scores 0 and ln 3 weigh 1 : 3, and the sum of their exponentials is 4.
func.func @weights() {
  %q = arith.constant dense<1.0> : tensor<1x1x1x1xf64>
  %k = arith.constant dense<[[[[0.0]], [[1.0986122886681098]]]]> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[4.0, 0.0, 1.0]], [[8.0, 4.0, 1.0]]]]> : tensor<1x2x1x3xf64>
  %o, %lse = seq.attention %q, %k, %v {lse, scale = 1.0 : f64}
    : tensor<1x1x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x3xf64>
  %want = arith.constant dense<[[[[7.0, 3.0, 1.0]]]]> : tensor<1x1x1x3xf64>
  %wantLse = arith.constant dense<1.3862943611198906> : tensor<1x1x1xf64>
  check.expect_close %o, %want : tensor<1x1x1x3xf64>
  check.expect_close %lse, %wantLse : tensor<1x1x1xf64>
  return
}

// The scale is 1/sqrt(K) where none is given: 2 ln 3 / sqrt(4).
func.func @default_scale() {
  %q = arith.constant dense<[[[[2.0, 0.0, 0.0, 9.0]]]]> : tensor<1x1x1x4xf64>
  %k = arith.constant dense<[[[[0.0, 5.0, 5.0, 0.0]], [[1.0986122886681098, 7.0, 7.0, 0.0]]]]> : tensor<1x2x1x4xf64>
  %v = arith.constant dense<[[[[4.0]], [[8.0]]]]> : tensor<1x2x1x1xf64>
  %o = seq.attention %q, %k, %v : tensor<1x1x1x4xf64>, tensor<1x2x1x4xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<7.0> : tensor<1x1x1x1xf64>
  check.expect_close %o, %want : tensor<1x1x1x1xf64>
  return
}

// The softcap is taken of the scaled score, before the softmax: 2 tanh(1.2347…/2) = ln 3.
func.func @softcap() {
  %q = arith.constant dense<2.0> : tensor<1x1x1x1xf64>
  %k = arith.constant dense<[[[[0.0]], [[1.2347741641372287]]]]> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[4.0]], [[8.0]]]]> : tensor<1x2x1x1xf64>
  %o = seq.attention %q, %k, %v {scale = 0.5 : f64, softcap = 2.0 : f64}
    : tensor<1x1x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<7.0> : tensor<1x1x1x1xf64>
  check.expect_close %o, %want : tensor<1x1x1x1xf64>
  return
}

// Queries stand at the last keys: of two queries over three keys the first one sees two.
func.func @causal() {
  %q = arith.constant dense<0.0> : tensor<1x2x1x1xf64>
  %k = arith.constant dense<0.0> : tensor<1x3x1x1xf64>
  %v = arith.constant dense<[[[[1.0]], [[3.0]], [[8.0]]]]> : tensor<1x3x1x1xf64>
  %o = seq.attention %q, %k, %v {causal} : tensor<1x2x1x1xf64>, tensor<1x3x1x1xf64>, tensor<1x3x1x1xf64>
  %want = arith.constant dense<[[[[2.0]], [[4.0]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>
  return
}

// A query before the first key sees nothing: 0, and the logarithm of an empty sum.
func.func @masked_row() {
  %q = arith.constant dense<0.0> : tensor<1x3x1x1xf64>
  %k = arith.constant dense<0.0> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[1.0]], [[3.0]]]]> : tensor<1x2x1x1xf64>
  %o, %lse = seq.attention %q, %k, %v {causal, lse}
    : tensor<1x3x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<[[[[0.0]], [[1.0]], [[2.0]]]]> : tensor<1x3x1x1xf64>
  %wantLse = arith.constant dense<[[[0xFFF0000000000000], [0.0], [0.6931471805599453]]]> : tensor<1x3x1xf64>
  check.expect_close %o, %want : tensor<1x3x1x1xf64>
  check.expect_close %lse, %wantLse : tensor<1x3x1xf64>
  return
}

// A window of 2 is a query's own key and the one before.
func.func @window() {
  %q = arith.constant dense<0.0> : tensor<1x4x1x1xf64>
  %v = arith.constant dense<[[[[1.0]], [[3.0]], [[8.0]], [[2.0]]]]> : tensor<1x4x1x1xf64>
  %o = seq.attention %q, %q, %v {causal, window = 2 : i64}
    : tensor<1x4x1x1xf64>, tensor<1x4x1x1xf64>, tensor<1x4x1x1xf64>
  %want = arith.constant dense<[[[[1.0]], [[2.0]], [[5.5]], [[5.0]]]]> : tensor<1x4x1x1xf64>
  check.expect_close %o, %want : tensor<1x4x1x1xf64>
  return
}

// Query heads 0 and 1 use key head 0, query heads 2 and 3 key head 1.
func.func @grouped_heads() {
  %q = arith.constant dense<1.0> : tensor<1x1x4x2xf64>
  %k = arith.constant dense<1.0> : tensor<1x1x2x2xf64>
  %v = arith.constant dense<[[[[1.0], [5.0]]]]> : tensor<1x1x2x1xf64>
  %o = seq.attention %q, %k, %v : tensor<1x1x4x2xf64>, tensor<1x1x2x2xf64>, tensor<1x1x2x1xf64>
  %want = arith.constant dense<[[[[1.0], [1.0], [5.0], [5.0]]]]> : tensor<1x1x4x1xf64>
  check.expect_close %o, %want : tensor<1x1x4x1xf64>
  return
}

// A sink of ln 2 beside one key of score 0 takes two thirds; the row that sees no key has
// the sink alone.
func.func @sink() {
  %q = arith.constant dense<0.0> : tensor<1x2x1x1xf64>
  %k = arith.constant dense<0.0> : tensor<1x1x1x1xf64>
  %v = arith.constant dense<3.0> : tensor<1x1x1x1xf64>
  %sink = arith.constant dense<0.6931471805599453> : tensor<1xf64>
  %o, %lse = seq.attention %q, %k, %v sink %sink {causal, lse}
    : tensor<1x2x1x1xf64>, tensor<1x1x1x1xf64>, tensor<1x1x1x1xf64> sink tensor<1xf64>
  %want = arith.constant dense<[[[[0.0]], [[1.0]]]]> : tensor<1x2x1x1xf64>
  %wantLse = arith.constant dense<[[[0.6931471805599453], [1.0986122886681098]]]> : tensor<1x2x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>
  check.expect_close %lse, %wantLse : tensor<1x2x1xf64>
  return
}

// Given positions replace the alignment: the first query stands at key 2, the second at key 0.
func.func @positions() {
  %q = arith.constant dense<0.0> : tensor<1x2x1x1xf64>
  %k = arith.constant dense<0.0> : tensor<1x3x1x1xf64>
  %v = arith.constant dense<[[[[1.0]], [[3.0]], [[8.0]]]]> : tensor<1x3x1x1xf64>
  %p = arith.constant dense<[[2, 0]]> : tensor<1x2xi32>
  %o = seq.attention %q, %k, %v positions %p {causal}
    : tensor<1x2x1x1xf64>, tensor<1x3x1x1xf64>, tensor<1x3x1x1xf64> positions tensor<1x2xi32>
  %want = arith.constant dense<[[[[4.0]], [[1.0]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>
  return
}

// Scores of 1000 and of -1000 neither overflow nor lose the softmax.
func.func @large_scores() {
  %q = arith.constant dense<[[[[1000.0]], [[-1000.0]]]]> : tensor<1x2x1x1xf64>
  %k = arith.constant dense<[[[[1.0]], [[1.0]]]]> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[2.0]], [[4.0]]]]> : tensor<1x2x1x1xf64>
  %o = seq.attention %q, %k, %v : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<3.0> : tensor<1x2x1x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>
  return
}

// A sequence in pieces, with its keys in a state, equals the whole: 7 tokens as 3 + 4, of
// which a window sees 5, with grouped heads, a sink and different widths of keys and values.
seqm.parameter @q : tensor<2x7x4x3xf32> = #seqm.normal<seed = 1, stddev = 1.0 : f32>
seqm.parameter @k : tensor<2x7x2x3xf32> = #seqm.normal<seed = 2, stddev = 1.0 : f32>
seqm.parameter @v : tensor<2x7x2x5xf32> = #seqm.normal<seed = 3, stddev = 1.0 : f32>
func.func @split() {
  %q = seqm.load @q : tensor<2x7x4x3xf32>
  %k = seqm.load @k : tensor<2x7x2x3xf32>
  %v = seqm.load @v : tensor<2x7x2x5xf32>
  %sink = arith.constant dense<[0.5, -1.0, 0.0, 2.0]> : tensor<4xf32>
  %whole = seq.attention %q, %k, %v sink %sink {causal, window = 5 : i64}
    : tensor<2x7x4x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x2x5xf32> sink tensor<4xf32>

  %batch = arith.constant 2 : index
  %capacity = arith.constant 7 : index
  %s0 = seq.state_init %batch capacity %capacity : !seq.kv<2x3x5xf32>
  %q1 = tensor.extract_slice %q[0, 0, 0, 0] [2, 3, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x3x4x3xf32>
  %k1 = tensor.extract_slice %k[0, 0, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %v1 = tensor.extract_slice %v[0, 0, 0, 0] [2, 3, 2, 5] [1, 1, 1, 1] : tensor<2x7x2x5xf32> to tensor<2x3x2x5xf32>
  %s1 = seq.kv_append %s0, %k1, %v1 : !seq.kv<2x3x5xf32>, tensor<2x3x2x3xf32>, tensor<2x3x2x5xf32>
  %o1 = seq.attention %q1, %s1 sink %sink {causal, window = 5 : i64}
    : tensor<2x3x4x3xf32>, !seq.kv<2x3x5xf32> sink tensor<4xf32>
  %q2 = tensor.extract_slice %q[0, 3, 0, 0] [2, 4, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x4x4x3xf32>
  %k2 = tensor.extract_slice %k[0, 3, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %v2 = tensor.extract_slice %v[0, 3, 0, 0] [2, 4, 2, 5] [1, 1, 1, 1] : tensor<2x7x2x5xf32> to tensor<2x4x2x5xf32>
  %s2 = seq.kv_append %s1, %k2, %v2 : !seq.kv<2x3x5xf32>, tensor<2x4x2x3xf32>, tensor<2x4x2x5xf32>
  %o2 = seq.attention %q2, %s2 sink %sink {causal, window = 5 : i64}
    : tensor<2x4x4x3xf32>, !seq.kv<2x3x5xf32> sink tensor<4xf32>
  %o = tensor.concat dim(1) %o1, %o2 : (tensor<2x3x4x5xf32>, tensor<2x4x4x5xf32>) -> tensor<2x7x4x5xf32>
  check.expect_close %o, %whole {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x7x4x5xf32>
  return
}
