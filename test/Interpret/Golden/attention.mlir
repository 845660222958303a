// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/attention.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Eight query heads on two key heads, 19 or 37 queries over 37 keys.
// golden: @q = q [0, 2, 1, 3]
// golden: @square = q_square [0, 2, 1, 3]
// golden: @k = k [0, 2, 1, 3]
// golden: @v = v [0, 2, 1, 3]
// golden: @want = out [0, 2, 1, 3]
// golden: @wantScale = out_scale [0, 2, 1, 3]
// golden: @wantBottomRight = out_causal_bottom_right [0, 2, 1, 3]
// golden: @wantTopLeft = out_causal_top_left [0, 2, 1, 3]
// golden: @wantSquare = out_causal_square [0, 2, 1, 3]
// golden: @wantWindow = out_window7_square [0, 2, 1, 3]
// golden: @wantLengths = out_lengths [0, 2, 1, 3]

!q = tensor<2x19x8x10xf32>
!square = tensor<2x37x8x10xf32>
!k = tensor<2x37x2x10xf32>

func.func @all_keys() {
  %q = seqm.load @q : !q
  %k = seqm.load @k : !k
  %v = seqm.load @v : !k
  %want = seqm.load @want : !q
  %wantScale = seqm.load @wantScale : !q
  %o = seq.attention %q, %k, %v : !q, !k, !k
  %scaled = seq.attention %q, %k, %v {scale = 0.3 : f64} : !q, !k, !k
  check.expect_close %o, %want : !q
  check.expect_close %scaled, %wantScale : !q
  return
}

func.func @causal() {
  %q = seqm.load @q : !q
  %square = seqm.load @square : !square
  %k = seqm.load @k : !k
  %v = seqm.load @v : !k
  %wantBottomRight = seqm.load @wantBottomRight : !q
  %wantTopLeft = seqm.load @wantTopLeft : !q
  %wantSquare = seqm.load @wantSquare : !square
  %wantWindow = seqm.load @wantWindow : !square
  %positions = seq.positions %q : !q
  %bottomRight = seq.attention %q, %k, %v {causal} : !q, !k, !k
  %topLeft = seq.attention %q, %k, %v positions %positions {causal} : !q, !k, !k positions tensor<2x19xi32>
  %o = seq.attention %square, %k, %v {causal} : !square, !k, !k
  %window = seq.attention %square, %k, %v {causal, window = 7 : i64} : !square, !k, !k
  check.expect_close %bottomRight, %wantBottomRight : !q
  check.expect_close %topLeft, %wantTopLeft : !q
  check.expect_close %o, %wantSquare : !square
  check.expect_close %window, %wantWindow : !square
  return
}

// The second row has 28 keys only.
func.func @lengths() {
  %q = seqm.load @q : !q
  %k = seqm.load @k : !k
  %v = seqm.load @v : !k
  %want = seqm.load @wantLengths : !q
  %q1 = tensor.extract_slice %q[1, 0, 0, 0] [1, 19, 8, 10] [1, 1, 1, 1] : !q to tensor<1x19x8x10xf32>
  %k1 = tensor.extract_slice %k[1, 0, 0, 0] [1, 28, 2, 10] [1, 1, 1, 1] : !k to tensor<1x28x2x10xf32>
  %v1 = tensor.extract_slice %v[1, 0, 0, 0] [1, 28, 2, 10] [1, 1, 1, 1] : !k to tensor<1x28x2x10xf32>
  %want1 = tensor.extract_slice %want[1, 0, 0, 0] [1, 19, 8, 10] [1, 1, 1, 1] : !q to tensor<1x19x8x10xf32>
  %o = seq.attention %q1, %k1, %v1 : tensor<1x19x8x10xf32>, tensor<1x28x2x10xf32>, tensor<1x28x2x10xf32>
  check.expect_close %o, %want1 : tensor<1x19x8x10xf32>
  return
}
