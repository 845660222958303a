// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @elements() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %six = arith.constant 2 : index
  %e = tensor.extract %x[%c1, %six] : tensor<2x3xi32>
  %y = tensor.insert %e into %x[%c0, %c1] : tensor<2x3xi32>
  %want = arith.constant dense<[[1, 6, 3], [4, 5, 6]]> : tensor<2x3xi32>
  check.expect_equal %y, %want : tensor<2x3xi32>

  %d = tensor.dim %x, %c1 : tensor<2x3xi32>
  %n = arith.index_cast %d : index to i32
  %list = tensor.from_elements %n, %e : tensor<2xi32>
  %wantList = arith.constant dense<[3, 6]> : tensor<2xi32>
  check.expect_equal %list, %wantList : tensor<2xi32>

  %s = tensor.splat %n[%six] : tensor<?xi32>
  %splat = tensor.cast %s : tensor<?xi32> to tensor<2xi32>
  %wantSplat = arith.constant dense<3> : tensor<2xi32>
  check.expect_equal %splat, %wantSplat : tensor<2xi32>
  return
}

func.func @generate() {
  %c2 = arith.constant 2 : index
  %g = tensor.generate %c2 {
  ^bb0(%i: index, %j: index):
    %three = arith.constant 3 : index
    %row = arith.muli %i, %three : index
    %sum = arith.addi %row, %j : index
    %n = arith.index_cast %sum : index to i64
    tensor.yield %n : i64
  } : tensor<?x3xi64>
  %y = tensor.cast %g : tensor<?x3xi64> to tensor<2x3xi64>
  %want = arith.constant dense<[[0, 1, 2], [3, 4, 5]]> : tensor<2x3xi64>
  check.expect_equal %y, %want : tensor<2x3xi64>
  return
}

func.func @reshapes() {
  %x = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %d = tensor.cast %x : tensor<2x3xi32> to tensor<?x3xi32>
  %flat = tensor.collapse_shape %d [[0, 1]] : tensor<?x3xi32> into tensor<?xi32>
  %c3 = arith.constant 3 : index
  %back = tensor.expand_shape %flat [[0, 1]] output_shape [%c3, 2] : tensor<?xi32> into tensor<?x2xi32>
  %y = tensor.cast %back : tensor<?x2xi32> to tensor<3x2xi32>
  %want = arith.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>
  check.expect_equal %y, %want : tensor<3x2xi32>
  return
}

// Steps, offsets that are values, a dropped dimension.
func.func @slices() {
  %x = arith.constant dense<[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]> : tensor<3x4xi32>
  %c1 = arith.constant 1 : index
  %a = tensor.extract_slice %x[%c1, 0] [2, 2] [1, 2] : tensor<3x4xi32> to tensor<2x2xi32>
  %b = tensor.extract_slice %x[2, 1] [1, 3] [1, 1] : tensor<3x4xi32> to tensor<3xi32>
  %wantA = arith.constant dense<[[5, 7], [9, 11]]> : tensor<2x2xi32>
  %wantB = arith.constant dense<[10, 11, 12]> : tensor<3xi32>
  check.expect_equal %a, %wantA : tensor<2x2xi32>
  check.expect_equal %b, %wantB : tensor<3xi32>
  %y = tensor.insert_slice %b into %x[0, %c1] [1, 3] [1, 1] : tensor<3xi32> into tensor<3x4xi32>
  %wantY = arith.constant dense<[[1, 10, 11, 12], [5, 6, 7, 8], [9, 10, 11, 12]]> : tensor<3x4xi32>
  check.expect_equal %y, %wantY : tensor<3x4xi32>
  return
}

func.func @concat() {
  %a = arith.constant dense<[[1], [2]]> : tensor<2x1xi32>
  %b = arith.constant dense<[[3, 4], [5, 6]]> : tensor<2x2xi32>
  %y = tensor.concat dim(1) %a, %b : (tensor<2x1xi32>, tensor<2x2xi32>) -> tensor<2x3xi32>
  %want = arith.constant dense<[[1, 3, 4], [2, 5, 6]]> : tensor<2x3xi32>
  check.expect_equal %y, %want : tensor<2x3xi32>
  return
}

func.func @pad() {
  %x = arith.constant dense<[[1, 2]]> : tensor<1x2xi32>
  %y = tensor.pad %x low[1, 0] high[0, 1] {
  ^bb0(%i: index, %j: index):
    %nine = arith.constant 9 : i32
    tensor.yield %nine : i32
  } : tensor<1x2xi32> to tensor<2x3xi32>
  %want = arith.constant dense<[[9, 9, 9], [1, 2, 9]]> : tensor<2x3xi32>
  check.expect_equal %y, %want : tensor<2x3xi32>
  return
}
