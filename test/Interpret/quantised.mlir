// RUN: %python %S/Inputs/write_blocks.py %t.bin
// RUN: sed 's|FILE|%t.bin|' %s | seq-opt --seq-interpret -o /dev/null

// Block-quantised weights have the values that their bytes stand for: d (q - 8), d q + m and d q.
seqm.parameter @q4_0 : tensor<1x32x!seq.q4_0> = #seqm.file<"FILE", offset = 0>
seqm.parameter @q4_1 : tensor<1x32x!seq.q4_1> = #seqm.file<"FILE", offset = 18>
seqm.parameter @q8_0 : tensor<1x32x!seq.q8_0> = #seqm.file<"FILE", offset = 38>

func.func @rows() {
  %id = arith.constant dense<0> : tensor<1x1xi32>
  %t0 = seqm.load @q4_0 : tensor<1x32x!seq.q4_0>
  %t1 = seqm.load @q4_1 : tensor<1x32x!seq.q4_1>
  %t8 = seqm.load @q8_0 : tensor<1x32x!seq.q8_0>
  %y0 = seq.embedding %id, %t0 : tensor<1x1xi32>, tensor<1x32x!seq.q4_0> -> tensor<1x1x32xf32>
  %y1 = seq.embedding %id, %t1 : tensor<1x1xi32>, tensor<1x32x!seq.q4_1> -> tensor<1x1x32xf32>
  %y8 = seq.embedding %id, %t8 : tensor<1x1xi32>, tensor<1x32x!seq.q8_0> -> tensor<1x1x32xf32>
  %w0 = arith.constant dense<[[[-4.0, -3.5, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5,
    3.5, 3.0, 2.5, 2.0, 1.5, 1.0, 0.5, 0.0, -0.5, -1.0, -1.5, -2.0, -2.5, -3.0, -3.5, -4.0]]]> : tensor<1x1x32xf32>
  %w1 = arith.constant dense<[[[-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5,
    2.75, 2.75, 2.5, 2.25, 2.0, 1.75, 1.5, 1.25, 1.0, 0.75, 0.5, 0.25, 0.0, -0.25, -0.5, -0.75, -1.0]]]>
    : tensor<1x1x32xf32>
  %w8 = arith.constant dense<[[[-128.0, -120.0, -112.0, -104.0, -96.0, -88.0, -80.0, -72.0, -64.0, -56.0, -48.0, -40.0,
    -32.0, -24.0, -16.0, -8.0, 0.0, 8.0, 16.0, 24.0, 32.0, 40.0, 48.0, 56.0, 64.0, 72.0, 80.0, 88.0, 96.0, 104.0, 112.0,
    120.0]]]> : tensor<1x1x32xf32>
  check.expect_equal %y0, %w0 : tensor<1x1x32xf32>
  check.expect_equal %y1, %w1 : tensor<1x1x32xf32>
  check.expect_equal %y8, %w8 : tensor<1x1x32xf32>
  return
}

// The sums of the rows above, as products with ones.
func.func @sums() {
  %ones = arith.constant dense<1.0> : tensor<1x1x32xf32>
  %t0 = seqm.load @q4_0 : tensor<1x32x!seq.q4_0>
  %t1 = seqm.load @q4_1 : tensor<1x32x!seq.q4_1>
  %t8 = seqm.load @q8_0 : tensor<1x32x!seq.q8_0>
  %y0 = seq.linear %ones, %t0 : tensor<1x1x32xf32>, tensor<1x32x!seq.q4_0> -> tensor<1x1x1xf32>
  %y1 = seq.linear %ones, %t1 : tensor<1x1x32xf32>, tensor<1x32x!seq.q4_1> -> tensor<1x1x1xf32>
  %y8 = seq.linear %ones, %t8 : tensor<1x1x32xf32>, tensor<1x32x!seq.q8_0> -> tensor<1x1x1xf32>
  %y = tensor.concat dim(2) %y0, %y1, %y8
    : (tensor<1x1x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>) -> tensor<1x1x3xf32>
  %want = arith.constant dense<[[[-8.0, 28.0, -128.0]]]> : tensor<1x1x3xf32>
  check.expect_equal %y, %want : tensor<1x1x3xf32>
  return
}
