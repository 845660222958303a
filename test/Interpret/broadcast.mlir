// RUN: seq-opt %s --seq-interpret -o /dev/null

// A vector over batch and time, a number over everything, a tensor over its own shape.
func.func @repeats() {
  %like = tensor.empty() : tensor<2x2x3xf32>
  %vector = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %number = arith.constant dense<4> : tensor<i32>
  %matrix = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %a = seq.broadcast %vector, %like : tensor<3xf32>, tensor<2x2x3xf32>
  %b = seq.broadcast %number, %like : tensor<i32>, tensor<2x2x3xf32>
  %c = seq.broadcast %matrix, %like : tensor<2x3xf32>, tensor<2x2x3xf32>
  %wantA = arith.constant dense<[[[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]]> : tensor<2x2x3xf32>
  %wantB = arith.constant dense<4> : tensor<2x2x3xi32>
  %wantC = arith.constant dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<2x2x3xf32>
  check.expect_equal %a, %wantA : tensor<2x2x3xf32>
  check.expect_equal %b, %wantB : tensor<2x2x3xi32>
  check.expect_equal %c, %wantC : tensor<2x2x3xf32>
  return
}

// A vector of another size for every row of a batch, and nothing of the shape given.
func.func @leads() {
  %like = tensor.empty() : tensor<3x2xf32>
  %vector = arith.constant dense<[7, 8]> : tensor<2xi32>
  %a = seq.broadcast %vector, %like leading 1 : tensor<2xi32>, tensor<3x2xf32>
  %b = seq.broadcast %vector, %like leading 0 : tensor<2xi32>, tensor<3x2xf32>
  %wantA = arith.constant dense<[[7, 8], [7, 8], [7, 8]]> : tensor<3x2xi32>
  check.expect_equal %a, %wantA : tensor<3x2xi32>
  check.expect_equal %b, %vector : tensor<2xi32>
  return
}
