// RUN: seq-opt %s --seq-pack-parameters=quantize=q8_0 --split-input-file --verify-diagnostics

// expected-remark @+1 {{is not quantised: its rows of 20 elements are no whole blocks of 32}}
seqm.parameter @narrow : tensor<8x20xf16> = #seqm.normal<seed = 1, stddev = 1.0 : f64>
func.func @narrow_rows(%x: tensor<?x?x20xf32>) -> tensor<?x?x8xf32> {
  %w = seqm.load @narrow : tensor<8x20xf16>
  %y = seq.linear %x, %w : tensor<?x?x20xf32>, tensor<8x20xf16> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @blocks_from_outside(%x: tensor<?x?x32xf32>, %w: tensor<8x32x!seq.q4_0>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'seq.linear' op has a matrix of '!seq.q4_0' that is no parameter of the module: pass it from seqm.load}}
  %y = seq.linear %x, %w : tensor<?x?x32xf32>, tensor<8x32x!seq.q4_0> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// expected-error @+1 {{of type 'tensor<8x32x!seq.q4_0>' is used as a plain tensor, which must hold floats: give it the type f32 and name the type in its file by `stored`}}
seqm.parameter @q : tensor<8x32x!seq.q4_0> = #seqm.file<"weights", offset = 0>
func.func @plain_blocks() -> tensor<8x32x!seq.q4_0> {
  %q = seqm.load @q : tensor<8x32x!seq.q4_0>
  return %q : tensor<8x32x!seq.q4_0>
}

// -----

// expected-error @+1 {{of type 'tensor<4xi32>' is used as a plain tensor, which must hold floats}}
seqm.parameter @i : tensor<4xi32> = dense<1> : tensor<4xi32>
func.func @integers() -> tensor<4xi32> {
  %i = seqm.load @i : tensor<4xi32>
  return %i : tensor<4xi32>
}
