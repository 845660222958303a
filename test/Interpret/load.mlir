// RUN: %python %S/Inputs/write_numbers.py %t.bin
// RUN: sed 's|FILE|%t.bin|' %s | seq-opt --seq-interpret -o /dev/null

// Dense in the file: 2, 3, …; rows of a wider matrix; a transposed view; other stored types.
seqm.parameter @dense : tensor<2x2xf32> = #seqm.file<"FILE", offset = 8>
seqm.parameter @rows : tensor<2x2xf32> = #seqm.file<"FILE", offset = 4 shape = [2, 2] strides = [6, 1]>
seqm.parameter @transposed : tensor<3x2xf32> = #seqm.file<"FILE", offset = 0 shape = [3, 2] strides = [1, 3]>
// Heads that interleave: the parameter has another shape than its enumeration.
seqm.parameter @folded : tensor<4xf32> = #seqm.file<"FILE", offset = 0 shape = [2, 2] strides = [1, 4]>
seqm.parameter @f64 : tensor<3xf32> = #seqm.file<"FILE", offset = 48 stored = f64>
seqm.parameter @f16 : tensor<3xf32> = #seqm.file<"FILE", offset = 146 stored = f16>
seqm.parameter @i16 : tensor<3xi32> = #seqm.file<"FILE", offset = 172 stored = i16>
seqm.parameter @bf16 : tensor<2xbf16> = #seqm.file<"FILE", offset = 192>

func.func @files() {
  %dense = seqm.load @dense : tensor<2x2xf32>
  %rows = seqm.load @rows : tensor<2x2xf32>
  %transposed = seqm.load @transposed : tensor<3x2xf32>
  %folded = seqm.load @folded : tensor<4xf32>
  %f64 = seqm.load @f64 : tensor<3xf32>
  %f16 = seqm.load @f16 : tensor<3xf32>
  %i16 = seqm.load @i16 : tensor<3xi32>
  %bf16 = seqm.load @bf16 : tensor<2xbf16>
  %wantDense = arith.constant dense<[[2.0, 3.0], [4.0, 5.0]]> : tensor<2x2xf32>
  %wantRows = arith.constant dense<[[1.0, 2.0], [7.0, 8.0]]> : tensor<2x2xf32>
  %wantTransposed = arith.constant dense<[[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]> : tensor<3x2xf32>
  %wantFolded = arith.constant dense<[0.0, 4.0, 1.0, 5.0]> : tensor<4xf32>
  %wantF64 = arith.constant dense<[0.0, 1.0, 2.0]> : tensor<3xf32>
  %wantF16 = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %wantI16 = arith.constant dense<[2, 3, 4]> : tensor<3xi32>
  %wantBf16 = arith.constant dense<[1.5, -2.0]> : tensor<2xbf16>
  check.expect_equal %dense, %wantDense : tensor<2x2xf32>
  check.expect_equal %rows, %wantRows : tensor<2x2xf32>
  check.expect_equal %transposed, %wantTransposed : tensor<3x2xf32>
  check.expect_equal %folded, %wantFolded : tensor<4xf32>
  check.expect_equal %f64, %wantF64 : tensor<3xf32>
  check.expect_equal %f16, %wantF16 : tensor<3xf32>
  check.expect_equal %i16, %wantI16 : tensor<3xi32>
  check.expect_equal %bf16, %wantBf16 : tensor<2xbf16>
  return
}

// Values in the IR, seeded values (their generator written down once more in Python gave
// these numbers), and parts one behind the other.
seqm.parameter @literal : tensor<1x2xf32> = dense<[[5.0, 6.0]]> : tensor<1x2xf32>
seqm.parameter @random : tensor<2x2xf32> = #seqm.normal<seed = 7, stddev = 0.5 : f32>
seqm.parameter @parts : tensor<5x2xf32> = #seqm.concat<[@literal, @dense, @random]>

func.func @other_sources() {
  %random = seqm.load @random : tensor<2x2xf32>
  %parts = seqm.load @parts : tensor<5x2xf32>
  %wantRandom = arith.constant dense<[[0.68249613, -0.19826199], [0.002249263, -0.29030654]]> : tensor<2x2xf32>
  %wantParts = arith.constant dense<[[5.0, 6.0], [2.0, 3.0], [4.0, 5.0],
    [0.68249613, -0.19826199], [0.002249263, -0.29030654]]> : tensor<5x2xf32>
  check.expect_close %random, %wantRandom {atol = 1.0e-8 : f64, rtol = 1.0e-7 : f64} : tensor<2x2xf32>
  check.expect_close %parts, %wantParts {atol = 1.0e-8 : f64, rtol = 1.0e-7 : f64} : tensor<5x2xf32>
  return
}
