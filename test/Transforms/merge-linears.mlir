// RUN: seq-opt %s --seq-merge-linears --split-input-file --verify-diagnostics | FileCheck %s

// Queries, keys and values of a layer that is called twice: each call gets a
// concatenation of its own, and the arguments become one.

// CHECK: seqm.parameter @"q0+k0+v0" : tensor<160x32x!seq.q4_1> = #seqm.concat<[@q0, @k0, @v0]>
// CHECK: seqm.parameter @"q1+k1+v1" : tensor<160x32x!seq.q4_1> = #seqm.concat<[@q1, @k1, @v1]>
seqm.parameter @q0 : tensor<96x32x!seq.q4_1> = #seqm.file<"m.gguf", offset = 0>
seqm.parameter @k0 : tensor<32x32x!seq.q4_1> = #seqm.file<"m.gguf", offset = 4096>
seqm.parameter @v0 : tensor<32x32x!seq.q4_1> = #seqm.file<"m.gguf", offset = 8192>
seqm.parameter @q1 : tensor<96x32x!seq.q4_1> = #seqm.file<"m.gguf", offset = 12288>
seqm.parameter @k1 : tensor<32x32x!seq.q4_1> = #seqm.file<"m.gguf", offset = 16384>
seqm.parameter @v1 : tensor<32x32x!seq.q4_1> = #seqm.file<"m.gguf", offset = 20480>

// CHECK-LABEL: func.func private @layer(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x32xf32>, %[[W:.*]]: tensor<160x32x!seq.q4_1>)
// CHECK: %[[Y:.*]] = seq.linear %[[X]], %[[W]] : tensor<?x?x32xf32>, tensor<160x32x!seq.q4_1> -> tensor<?x?x160xf32>
// CHECK: tensor.extract_slice %[[Y]][0, 0, 0] [%{{.*}}, %{{.*}}, 96] [1, 1, 1]
// CHECK: tensor.extract_slice %[[Y]][0, 0, 96] [%{{.*}}, %{{.*}}, 32] [1, 1, 1]
// CHECK: tensor.extract_slice %[[Y]][0, 0, 128] [%{{.*}}, %{{.*}}, 32] [1, 1, 1]
// CHECK-NOT: seq.linear
func.func private @layer(%x: tensor<?x?x32xf32>, %wq: tensor<96x32x!seq.q4_1>, %wk: tensor<32x32x!seq.q4_1>,
                         %wv: tensor<32x32x!seq.q4_1>) -> tensor<?x?x96xf32> {
  %q = seq.linear %x, %wq : tensor<?x?x32xf32>, tensor<96x32x!seq.q4_1> -> tensor<?x?x96xf32>
  %k = seq.linear %x, %wk : tensor<?x?x32xf32>, tensor<32x32x!seq.q4_1> -> tensor<?x?x32xf32>
  %v = seq.linear %x, %wv : tensor<?x?x32xf32>, tensor<32x32x!seq.q4_1> -> tensor<?x?x32xf32>
  %qh = seq.split_heads %q 3 : tensor<?x?x96xf32>
  %kh = seq.split_heads %k 1 : tensor<?x?x32xf32>
  %vh = seq.split_heads %v 1 : tensor<?x?x32xf32>
  %o = seq.attention %qh, %kh, %vh {causal} : tensor<?x?x3x32xf32>, tensor<?x?x1x32xf32>, tensor<?x?x1x32xf32>
  %y = seq.merge_heads %o : tensor<?x?x3x32xf32>
  return %y : tensor<?x?x96xf32>
}

// CHECK-LABEL: func.func @model(
// CHECK: %[[L0:.*]] = seqm.load @"q0+k0+v0"
// CHECK: %[[Y0:.*]] = call @layer(%{{.*}}, %[[L0]])
// CHECK: %[[L1:.*]] = seqm.load @"q1+k1+v1"
// CHECK: call @layer(%{{.*}}, %[[L1]])
// CHECK-NOT: seqm.load
func.func @model(%x: tensor<?x?x32xf32>) -> (tensor<?x?x96xf32>, tensor<?x?x96xf32>) {
  %q0 = seqm.load @q0 : tensor<96x32x!seq.q4_1>
  %k0 = seqm.load @k0 : tensor<32x32x!seq.q4_1>
  %v0 = seqm.load @v0 : tensor<32x32x!seq.q4_1>
  %y0 = call @layer(%x, %q0, %k0, %v0) : (tensor<?x?x32xf32>, tensor<96x32x!seq.q4_1>, tensor<32x32x!seq.q4_1>, tensor<32x32x!seq.q4_1>) -> tensor<?x?x96xf32>
  %q1 = seqm.load @q1 : tensor<96x32x!seq.q4_1>
  %k1 = seqm.load @k1 : tensor<32x32x!seq.q4_1>
  %v1 = seqm.load @v1 : tensor<32x32x!seq.q4_1>
  %y1 = call @layer(%x, %q1, %k1, %v1) : (tensor<?x?x32xf32>, tensor<96x32x!seq.q4_1>, tensor<32x32x!seq.q4_1>, tensor<32x32x!seq.q4_1>) -> tensor<?x?x96xf32>
  return %y0, %y1 : tensor<?x?x96xf32>, tensor<?x?x96xf32>
}
seqm.export "forward" = @model kind "forward" arguments ["x"] results ["a", "b"]

// -----

// Biases come along if all have one. Arguments pass through functions between.

// CHECK-DAG: seqm.parameter @"gate+up" : tensor<128x32xf32> = #seqm.concat<[@gate, @up]>
// CHECK-DAG: seqm.parameter @"gate_bias+up_bias" : tensor<128xf32> = #seqm.concat<[@gate_bias, @up_bias]>
seqm.parameter @gate : tensor<64x32xf32> = #seqm.normal<seed = 1, stddev = 0.1>
seqm.parameter @up : tensor<64x32xf32> = #seqm.normal<seed = 2, stddev = 0.1>
seqm.parameter @gate_bias : tensor<64xf32> = #seqm.normal<seed = 3, stddev = 0.1>
seqm.parameter @up_bias : tensor<64xf32> = #seqm.normal<seed = 4, stddev = 0.1>

// CHECK-LABEL: func.func private @mlp(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x32xf32>, %[[W:.*]]: tensor<128x32xf32>, %[[B:.*]]: tensor<128xf32>)
// CHECK: seq.linear %[[X]], %[[W]] bias %[[B]]
func.func private @mlp(%x: tensor<?x?x32xf32>, %wg: tensor<64x32xf32>, %bg: tensor<64xf32>, %wu: tensor<64x32xf32>,
                       %bu: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %g = seq.linear %x, %wg bias %bg : tensor<?x?x32xf32>, tensor<64x32xf32> bias tensor<64xf32> -> tensor<?x?x64xf32>
  %u = seq.linear %x, %wu bias %bu : tensor<?x?x32xf32>, tensor<64x32xf32> bias tensor<64xf32> -> tensor<?x?x64xf32>
  %y = seq.glu %g, %u silu : tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func private @layer(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x32xf32>, %[[W:.*]]: tensor<128x32xf32>, %[[B:.*]]: tensor<128xf32>)
// CHECK: call @mlp(%[[X]], %[[W]], %[[B]])
func.func private @layer(%x: tensor<?x?x32xf32>, %wg: tensor<64x32xf32>, %bg: tensor<64xf32>, %wu: tensor<64x32xf32>,
                         %bu: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %y = call @mlp(%x, %wg, %bg, %wu, %bu) : (tensor<?x?x32xf32>, tensor<64x32xf32>, tensor<64xf32>, tensor<64x32xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

func.func @model(%x: tensor<?x?x32xf32>) -> tensor<?x?x64xf32> {
  %wg = seqm.load @gate : tensor<64x32xf32>
  %wu = seqm.load @up : tensor<64x32xf32>
  %bg = seqm.load @gate_bias : tensor<64xf32>
  %bu = seqm.load @up_bias : tensor<64xf32>
  %y = call @layer(%x, %wg, %bg, %wu, %bu) : (tensor<?x?x32xf32>, tensor<64x32xf32>, tensor<64xf32>, tensor<64x32xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// -----

// Nothing is merged where formats differ, a weight has other uses, outputs do not fill
// panels, weights are transposed, or an export fixes the signature.

// CHECK-LABEL: func.func @formats
// CHECK-COUNT-2: seq.linear
func.func @formats(%x: tensor<?x?x32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %wa = seqm.load @a : tensor<64x32xf32>
  %wq = seqm.load @q : tensor<64x32x!seq.q8_0>
  // expected-remark @+1 {{not merged with other linear layers of the same input: it alone has weights of this element type}}
  %y = seq.linear %x, %wa : tensor<?x?x32xf32>, tensor<64x32xf32> -> tensor<?x?x64xf32>
  // expected-remark @+1 {{it alone has weights of this element type}}
  %z = seq.linear %x, %wq : tensor<?x?x32xf32>, tensor<64x32x!seq.q8_0> -> tensor<?x?x64xf32>
  return %y, %z : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @shared
// CHECK-COUNT-3: seq.linear
func.func @shared(%x: tensor<?x?x32xf32>, %x2: tensor<?x?x32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %wa = seqm.load @a : tensor<64x32xf32>
  %wb = seqm.load @b : tensor<64x32xf32>
  // expected-remark @+1 {{a weight or bias has other uses as well}}
  %y = seq.linear %x, %wa : tensor<?x?x32xf32>, tensor<64x32xf32> -> tensor<?x?x64xf32>
  %z = seq.linear %x, %wb : tensor<?x?x32xf32>, tensor<64x32xf32> -> tensor<?x?x64xf32>
  %z2 = seq.linear %x2, %wb : tensor<?x?x32xf32>, tensor<64x32xf32> -> tensor<?x?x64xf32>
  return %y, %z, %z2 : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @shapes
// CHECK-COUNT-4: seq.linear
func.func @shapes(%x: tensor<?x?x32xf32>) -> (tensor<?x?x33xf32>, tensor<?x?x33xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %c = seqm.load @c : tensor<33x32xf32>
  %d = seqm.load @d : tensor<33x32xf32>
  %e = seqm.load @e : tensor<32x32xf32>
  %f = seqm.load @f : tensor<32x32xf32>
  // expected-remark @+1 {{its 33 outputs are no multiple of 32}}
  %0 = seq.linear %x, %c : tensor<?x?x32xf32>, tensor<33x32xf32> -> tensor<?x?x33xf32>
  // expected-remark @+1 {{its 33 outputs are no multiple of 32}}
  %1 = seq.linear %x, %d : tensor<?x?x32xf32>, tensor<33x32xf32> -> tensor<?x?x33xf32>
  // expected-remark @+1 {{its weight is transposed}}
  %2 = seq.linear %x, %e {transposed} : tensor<?x?x32xf32>, tensor<32x32xf32> -> tensor<?x?x32xf32>
  // expected-remark @+1 {{its weight is transposed}}
  %3 = seq.linear %x, %f {transposed} : tensor<?x?x32xf32>, tensor<32x32xf32> -> tensor<?x?x32xf32>
  return %0, %1, %2, %3 : tensor<?x?x33xf32>, tensor<?x?x33xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @exported
// CHECK-COUNT-2: seq.linear
func.func @exported(%x: tensor<?x?x32xf32>, %wa: tensor<64x32xf32>, %wb: tensor<64x32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  // expected-remark @+1 {{arguments of @exported, which is not only called from inside the module}}
  %y = seq.linear %x, %wa : tensor<?x?x32xf32>, tensor<64x32xf32> -> tensor<?x?x64xf32>
  %z = seq.linear %x, %wb : tensor<?x?x32xf32>, tensor<64x32xf32> -> tensor<?x?x64xf32>
  return %y, %z : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}
seqm.export "f" = @exported kind "other" arguments ["x", "a", "b"] results ["y", "z"]
seqm.parameter @a : tensor<64x32xf32> = #seqm.normal<seed = 1, stddev = 0.1>
seqm.parameter @b : tensor<64x32xf32> = #seqm.normal<seed = 1, stddev = 0.1>
seqm.parameter @c : tensor<33x32xf32> = #seqm.normal<seed = 1, stddev = 0.1>
seqm.parameter @d : tensor<33x32xf32> = #seqm.normal<seed = 1, stddev = 0.1>
seqm.parameter @e : tensor<32x32xf32> = #seqm.normal<seed = 1, stddev = 0.1>
seqm.parameter @f : tensor<32x32xf32> = #seqm.normal<seed = 1, stddev = 0.1>
seqm.parameter @q : tensor<64x32x!seq.q8_0> = #seqm.file<"m.gguf", offset = 0>
