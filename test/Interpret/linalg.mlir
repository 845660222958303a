// RUN: seq-opt %s --seq-interpret -o /dev/null

// A transposed read, an index, a reduction into a start value.
#rows = affine_map<(i, j) -> (i, j)>
#columns = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (i)>
func.func @generic() {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %t = tensor.empty() : tensor<3x2xf32>
  %y = linalg.generic {indexing_maps = [#columns, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<2x3xf32>) outs(%t : tensor<3x2xf32>) {
  ^bb0(%a: f32, %b: f32):
    %i = linalg.index 0 : index
    %n = arith.index_cast %i : index to i32
    %r = arith.sitofp %n : i32 to f32
    %s = arith.addf %a, %r : f32
    linalg.yield %s : f32
  } -> tensor<3x2xf32>
  %want = arith.constant dense<[[1.0, 4.0], [3.0, 6.0], [5.0, 8.0]]> : tensor<3x2xf32>
  check.expect_equal %y, %want : tensor<3x2xf32>

  %start = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %sums = linalg.generic {indexing_maps = [#rows, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<2x3xf32>) outs(%start : tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<2xf32>
  %wantSums = arith.constant dense<[16.0, 35.0]> : tensor<2xf32>
  check.expect_equal %sums, %wantSums : tensor<2xf32>
  return
}

// A map of more than plain dimensions: a convolution of width 2.
func.func @window() {
  %x = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %w = arith.constant dense<[1.0, 10.0]> : tensor<2xf32>
  %zero = arith.constant dense<0.0> : tensor<3xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i + j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i)>],
                       iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : tensor<4xf32>, tensor<2xf32>) outs(%zero : tensor<3xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  } -> tensor<3xf32>
  %want = arith.constant dense<[21.0, 32.0, 43.0]> : tensor<3xf32>
  check.expect_equal %y, %want : tensor<3xf32>
  return
}

// Named ops have their own bodies.
func.func @named() {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %one = arith.constant 1.0 : f32
  %ones = linalg.fill ins(%one : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.matmul ins(%x, %x : tensor<2x2xf32>, tensor<2x2xf32>) outs(%ones : tensor<2x2xf32>) -> tensor<2x2xf32>
  %want = arith.constant dense<[[8.0, 11.0], [16.0, 23.0]]> : tensor<2x2xf32>
  check.expect_equal %y, %want : tensor<2x2xf32>

  %t = linalg.transpose ins(%x : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) permutation = [1, 0]
  %wantT = arith.constant dense<[[1.0, 3.0], [2.0, 4.0]]> : tensor<2x2xf32>
  check.expect_equal %t, %wantT : tensor<2x2xf32>

  %v = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %b = linalg.broadcast ins(%v : tensor<2xf32>) outs(%e : tensor<2x2xf32>) dimensions = [0]
  %wantB = arith.constant dense<[[5.0, 6.0], [5.0, 6.0]]> : tensor<2x2xf32>
  check.expect_equal %b, %wantB : tensor<2x2xf32>

  %zero = arith.constant dense<0.0> : tensor<2xf32>
  %r = linalg.reduce { arith.addf } ins(%x : tensor<2x2xf32>) outs(%zero : tensor<2xf32>) dimensions = [0]
  %wantR = arith.constant dense<[4.0, 6.0]> : tensor<2xf32>
  check.expect_equal %r, %wantR : tensor<2xf32>

  %m = linalg.map { arith.mulf } ins(%x, %x : tensor<2x2xf32>, tensor<2x2xf32>) outs(%e : tensor<2x2xf32>)
  %wantM = arith.constant dense<[[1.0, 4.0], [9.0, 16.0]]> : tensor<2x2xf32>
  check.expect_equal %m, %wantM : tensor<2x2xf32>
  return
}
