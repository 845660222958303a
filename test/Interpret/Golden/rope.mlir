// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/rope.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// The layout half with plain and with scaled frequencies, which are given here in f64: the
// importer's tests compare how they are made. The published interleaved result has the
// first channels of all pairs before the second ones; its view puts them back.
// golden: @q = q [0, 2, 1, 3]
// golden: @default = out_q_default [0, 2, 1, 3]
// golden: @linear = out_q_linear [0, 2, 1, 3]
// golden: @llama3 = out_q_llama3 [0, 2, 1, 3]
// golden: @yarn = out_q_yarn [0, 2, 1, 3]
// golden: @interleaved : tensor<2x41x3x16xf32> = out_q_interleaved shape = [2, 41, 3, 8, 2] strides = [1968, 16, 656, 1, 8]

func.func @rope() {
  %q = seqm.load @q : tensor<2x41x3x16xf32>
  %p = seq.positions %q : tensor<2x41x3x16xf32>
  %default = seq.rotary %q, %p half
    : tensor<2x41x3x16xf32>, tensor<2x41xi32>
  %defaultWant = seqm.load @default : tensor<2x41x3x16xf32>
  check.expect_close %default, %defaultWant : tensor<2x41x3x16xf32>
  %linear = seq.rotary %q, %p half {frequencies = array<f64: 0.4, 0.12649110640673517, 0.04, 0.012649110640673516, 0.004, 0.0012649110640673518, 0.0004, 0.00012649110640673518>}
    : tensor<2x41x3x16xf32>, tensor<2x41xi32>
  %linearWant = seqm.load @linear : tensor<2x41x3x16xf32>
  check.expect_close %linear, %linearWant : tensor<2x41x3x16xf32>
  %llama3 = seq.rotary %q, %p half {frequencies = array<f64: 1.0, 0.24438459943539834, 0.013042256043820465, 0.003952847075210474, 0.00125, 0.0003952847075210474, 0.000125, 3.952847075210474e-05>}
    : tensor<2x41x3x16xf32>, tensor<2x41xi32>
  %llama3Want = seqm.load @llama3 : tensor<2x41x3x16xf32>
  check.expect_close %llama3, %llama3Want : tensor<2x41x3x16xf32>
  %yarn = seq.rotary %q, %p half {frequencies = array<f64: 1.0, 0.19764235376052372, 0.025, 0.007905694150420948, 0.0025, 0.0007905694150420948, 0.00025, 7.905694150420948e-05>, magnitude = 1.138629436111989 : f64}
    : tensor<2x41x3x16xf32>, tensor<2x41xi32>
  %yarnWant = seqm.load @yarn : tensor<2x41x3x16xf32>
  check.expect_close %yarn, %yarnWant : tensor<2x41x3x16xf32>
  %interleaved = seq.rotary %q, %p interleaved
    : tensor<2x41x3x16xf32>, tensor<2x41xi32>
  %interleavedWant = seqm.load @interleaved : tensor<2x41x3x16xf32>
  check.expect_close %interleaved, %interleavedWant : tensor<2x41x3x16xf32>
  return
}
