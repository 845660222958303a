// RUN: seq-opt %s --seq-pack-parameters --split-input-file --verify-diagnostics | FileCheck %s
// RUN: seq-opt %s --seq-pack-parameters=quantize=q8_0 --split-input-file | FileCheck %s --check-prefix=Q8

// A parameter goes through calls to its layer and to its table: one packing for both.

// CHECK: seqm.parameter @w : tensor<4096xi8> = #seqm.normal<{{.*}}> {seqm.logical = tensor<32x32xf32>, seqm.packing = !seq.packing<f32, 32, 32>}
// Q8: seqm.parameter @w : tensor<1088xi8> = {{.*}} seqm.packing = !seq.packing<!seq.q8_0, 32, 32>}
seqm.parameter @w : tensor<32x32xf32> = #seqm.normal<seed = 1, stddev = 1.0 : f64>

// CHECK-LABEL: func.func private @layer(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x32xf32>, %[[W:.*]]: tensor<4096xi8>)
// CHECK: seq.packed_linear %[[X]], %[[W]] as !seq.packing<f32, 32, 32>
func.func private @layer(%x: tensor<?x?x32xf32>, %w: tensor<32x32xf32>) -> tensor<?x?x32xf32> {
  %y = seq.linear %x, %w : tensor<?x?x32xf32>, tensor<32x32xf32> -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}
// CHECK-LABEL: func.func @through_calls(
// CHECK: %[[W:.*]] = seqm.load @w : tensor<4096xi8>
// CHECK: seq.packed_embedding %{{.*}}, %[[W]]
// CHECK: call @layer(%{{.*}}, %[[W]])
func.func @through_calls(%ids: tensor<?x?xi64>) -> tensor<?x?x32xf32> {
  %w = seqm.load @w : tensor<32x32xf32>
  %e = seq.embedding %ids, %w : tensor<?x?xi64>, tensor<32x32xf32> -> tensor<?x?x32xf32>
  %y = call @layer(%e, %w) : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

// Computed matrices are packed where they are used, in f32 whatever was asked for.

seqm.parameter @v : tensor<8x32xf32> = #seqm.normal<seed = 1, stddev = 1.0 : f64>

// CHECK-LABEL: func.func @computed(
// CHECK: %[[V:.*]] = seqm.load @v : tensor<8x32xf32>
// CHECK: %[[N:.*]] = arith.negf %[[V]]
// CHECK: %[[P:.*]] = seq.pack %[[N]] as !seq.packing<f32, 8, 32> : tensor<8x32xf32> -> tensor<4096xi8>
// CHECK: seq.packed_linear %{{.*}}, %[[P]] as !seq.packing<f32, 8, 32>
// CHECK: %[[P:.*]] = seq.pack %[[N]] as !seq.packing<f32, 8, 32>
// CHECK: seq.packed_embedding %{{.*}}, %[[P]]
// CHECK: %[[P:.*]] = seq.pack %[[N]] as !seq.packing<f32, 32, 8> {transposed}
// CHECK: seq.packed_linear %{{.*}}, %[[P]] as !seq.packing<f32, 32, 8>
// Q8-LABEL: func.func @computed(
// Q8: seq.pack %{{.*}} as !seq.packing<f32, 8, 32>
func.func @computed(%x: tensor<?x?x32xf32>, %ids: tensor<?x?xi64>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %v = seqm.load @v : tensor<8x32xf32>
  %w = arith.negf %v : tensor<8x32xf32>
  // expected-remark @+1 {{its matrix is no parameter of the module, so every call packs it anew, in f32}}
  %y = seq.linear %x, %w : tensor<?x?x32xf32>, tensor<8x32xf32> -> tensor<?x?x8xf32>
  // expected-remark @+1 {{its matrix is no parameter of the module}}
  %e = seq.embedding %ids, %w : tensor<?x?xi64>, tensor<8x32xf32> -> tensor<?x?x32xf32>
  // expected-remark @+1 {{its matrix is no parameter of the module}}
  %z = seq.linear %y, %w {transposed} : tensor<?x?x8xf32>, tensor<8x32xf32> -> tensor<?x?x32xf32>
  return %z, %e : tensor<?x?x32xf32>, tensor<?x?x32xf32>
}

// -----

// Constants become parameters, equal ones one, also where only a callee uses them.

// CHECK: seqm.parameter @constant : tensor<4096xi8> = dense<2.500000e-01> : tensor<8x32xf32>
// CHECK-NOT: seqm.parameter
// CHECK: func.func private @layer(%{{.*}}: tensor<?x?x32xf32>, %{{.*}}: tensor<4096xi8>)
func.func private @layer(%x: tensor<?x?x32xf32>, %w: tensor<8x32xf32>) -> tensor<?x?x8xf32> {
  %y = seq.linear %x, %w : tensor<?x?x32xf32>, tensor<8x32xf32> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func @constants(%x: tensor<?x?x32xf32>, %ids: tensor<?x?xi64>) -> (tensor<?x?x8xf32>, tensor<?x?x32xf32>) {
  %w = arith.constant dense<0.25> : tensor<8x32xf32>
  %table = arith.constant dense<0.25> : tensor<8x32xf32>
  %y = call @layer(%x, %w) : (tensor<?x?x32xf32>, tensor<8x32xf32>) -> tensor<?x?x8xf32>
  %e = seq.embedding %ids, %table : tensor<?x?xi64>, tensor<8x32xf32> -> tensor<?x?x32xf32>
  return %y, %e : tensor<?x?x8xf32>, tensor<?x?x32xf32>
}

// -----

// The signature of an exported function stays, and so do those of functions that get what
// it is given.

// CHECK-LABEL: func.func private @inner(
// CHECK-SAME: tensor<8x32xf32>)
// CHECK: seq.pack
func.func private @inner(%x: tensor<?x?x32xf32>, %w: tensor<8x32xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @+1 {{its matrix is no parameter of the module}}
  %y = seq.linear %x, %w : tensor<?x?x32xf32>, tensor<8x32xf32> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
// CHECK-LABEL: func.func @exported(
// CHECK-SAME: tensor<?x?x32xf32>, %{{.*}}: tensor<8x32xf32>)
func.func @exported(%x: tensor<?x?x32xf32>, %w: tensor<8x32xf32>) -> tensor<?x?x8xf32> {
  %y = call @inner(%x, %w) : (tensor<?x?x32xf32>, tensor<8x32xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
seqm.export "f" = @exported kind "other" arguments ["x", "w"] results ["y"]

// -----

// An argument that is used in several ways becomes several; so does its parameter. What a
// function does not use it is not given.

// expected-remark @+1 {{is used in ways that need different layouts; it is stored once for each}}
seqm.parameter @w : tensor<32x32xf32> = #seqm.normal<seed = 1, stddev = 1.0 : f64>
// CHECK-DAG: seqm.parameter @w : tensor<4096xi8> = {{.*}}seqm.packing = !seq.packing<f32, 32, 32>}
// CHECK-DAG: seqm.parameter @w.transposed : tensor<4096xi8> = {{.*}}seqm.transposed}
// CHECK-DAG: seqm.parameter @w.plain : tensor<32x32xf32> = #seqm.normal<seed = 1, stddev = 1.000000e+00 : f64>

// CHECK-LABEL: func.func private @several(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x32xf32>, %[[M:.*]]: tensor<4096xi8>, %[[T:.*]]: tensor<4096xi8>, %[[P:.*]]: tensor<32x32xf32>)
// CHECK: seq.packed_linear %[[X]], %[[M]]
// CHECK: seq.packed_linear %{{.*}}, %[[T]]
// CHECK: return %{{.*}}, %[[P]]
func.func private @several(%x: tensor<?x?x32xf32>, %unused: tensor<32x32xf32>, %w: tensor<32x32xf32>) -> (tensor<?x?x32xf32>, tensor<32x32xf32>) {
  %a = seq.linear %x, %w : tensor<?x?x32xf32>, tensor<32x32xf32> -> tensor<?x?x32xf32>
  %b = seq.linear %a, %w {transposed} : tensor<?x?x32xf32>, tensor<32x32xf32> -> tensor<?x?x32xf32>
  return %b, %w : tensor<?x?x32xf32>, tensor<32x32xf32>
}
// CHECK-LABEL: func.func @caller(
// CHECK-DAG: %[[M:.*]] = seqm.load @w : tensor<4096xi8>
// CHECK-DAG: %[[T:.*]] = seqm.load @w.transposed : tensor<4096xi8>
// CHECK-DAG: %[[P:.*]] = seqm.load @w.plain : tensor<32x32xf32>
// CHECK: call @several(%{{.*}}, %[[M]], %[[T]], %[[P]])
func.func @caller(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<32x32xf32>) {
  %w = seqm.load @w : tensor<32x32xf32>
  %y, %z = call @several(%x, %w, %w) : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> (tensor<?x?x32xf32>, tensor<32x32xf32>)
  return %y, %z : tensor<?x?x32xf32>, tensor<32x32xf32>
}

// -----

// Plain parameters become f32, and the file's type `stored`. An op that takes f32 gets it;
// one that needs the old type gets that back.

// CHECK: seqm.parameter @n : tensor<32xf32> = #seqm.file<"weights", offset = 8 stored = f16>
// CHECK: seqm.parameter @d : tensor<32xf32> = dense<1.500000e+00> : tensor<32xf32>
// CHECK: seqm.parameter @s : tensor<32xf32> = #seqm.file<"weights", offset = 0 stored = f32>
seqm.parameter @n : tensor<32xf16> = #seqm.file<"weights", offset = 8>
seqm.parameter @d : tensor<32xbf16> = dense<1.5> : tensor<32xbf16>
seqm.parameter @s : tensor<32xf64> = #seqm.file<"weights", offset = 0 stored = f32>

// CHECK-LABEL: func.func private @norm(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x32xf32>, %[[N:.*]]: tensor<32xf32>)
// CHECK: seq.rms_norm %[[X]] weight %[[N]]
func.func private @norm(%x: tensor<?x?x32xf32>, %n: tensor<32xf16>) -> tensor<?x?x32xf32> {
  %y = seq.rms_norm %x weight %n eps 1.0e-5 : tensor<?x?x32xf32>, tensor<32xf16>
  return %y : tensor<?x?x32xf32>
}
// CHECK-LABEL: func.func @floats(
// CHECK: %[[N:.*]] = seqm.load @n : tensor<32xf32>
// CHECK: call @norm(%{{.*}}, %[[N]])
// CHECK: %[[D:.*]] = seqm.load @d : tensor<32xf32>
// CHECK: %[[B:.*]] = arith.truncf %[[D]] : tensor<32xf32> to tensor<32xbf16>
// CHECK: arith.negf %[[B]] : tensor<32xbf16>
// CHECK-NOT: arith.extf
// CHECK: arith.mulf %[[D]], %[[N]] : tensor<32xf32>
// CHECK: %[[S:.*]] = seqm.load @s : tensor<32xf32>
// CHECK: %[[W:.*]] = arith.extf %[[S]] : tensor<32xf32> to tensor<32xf64>
// CHECK: return %{{.*}}, %{{.*}}, %{{.*}}, %[[W]]
func.func @floats(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<32xbf16>, tensor<32xf32>, tensor<32xf64>) {
  %n = seqm.load @n : tensor<32xf16>
  %y = call @norm(%x, %n) : (tensor<?x?x32xf32>, tensor<32xf16>) -> tensor<?x?x32xf32>
  %d = seqm.load @d : tensor<32xbf16>
  %e = arith.negf %d : tensor<32xbf16>
  %dw = arith.extf %d : tensor<32xbf16> to tensor<32xf32>
  %nw = arith.extf %n : tensor<32xf16> to tensor<32xf32>
  %m = arith.mulf %dw, %nw : tensor<32xf32>
  %s = seqm.load @s : tensor<32xf64>
  return %y, %e, %m, %s : tensor<?x?x32xf32>, tensor<32xbf16>, tensor<32xf32>, tensor<32xf64>
}

// -----

// Rows that are no whole blocks stay as they are.

// Q8: seqm.parameter @narrow : {{.*}} seqm.packing = !seq.packing<f16, 8, 20>}
seqm.parameter @narrow : tensor<8x20xf16> = #seqm.normal<seed = 1, stddev = 1.0 : f64>
func.func @narrow_rows(%x: tensor<?x?x20xf32>) -> tensor<?x?x8xf32> {
  %w = seqm.load @narrow : tensor<8x20xf16>
  %y = seq.linear %x, %w : tensor<?x?x20xf32>, tensor<8x20xf16> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// An op whose result has the type of a parameter gets the parameter in its old type.

// CHECK-LABEL: func.func @broadcast_bf16
// CHECK: %[[V:.*]] = seqm.load @wide : tensor<8xf32>
// CHECK: %[[N:.*]] = arith.truncf %[[V]] : tensor<8xf32> to tensor<8xbf16>
// CHECK: seq.broadcast %[[N]], %{{.*}} : tensor<8xbf16>, tensor<?x?x8xbf16>
seqm.parameter @wide : tensor<8xbf16> = dense<1.0> : tensor<8xbf16>
func.func @broadcast_bf16(%x: tensor<?x?x8xbf16>) -> tensor<?x?x8xbf16> {
  %w = seqm.load @wide : tensor<8xbf16>
  %y = seq.broadcast %w, %x : tensor<8xbf16>, tensor<?x?x8xbf16>
  return %y : tensor<?x?x8xbf16>
}

// -----

// The weights of experts: a stack of matrices, each in its own panels. Parts stay as they are. A constant stack
// becomes a parameter, a computed one is packed by the call.

// CHECK: seqm.parameter @constant : tensor<{{.*}}xi8> = {{.*}} {seqm.logical = tensor<3x8x32xf32>, seqm.packing = !seq.packing<f32, 8, 32, 3>}
// CHECK: seqm.parameter @a : tensor<40x32xf32>
// CHECK: seqm.parameter @stack : tensor<16384xi8> = #seqm.concat<[@a, @a]> {seqm.logical = tensor<2x40x32xf32>, seqm.packing = !seq.packing<f32, 40, 32, 2>}
// Q8: seqm.parameter @stack : tensor<4352xi8> = {{.*}} seqm.packing = !seq.packing<!seq.q8_0, 40, 32, 2>}
seqm.parameter @a : tensor<40x32xf32> = #seqm.normal<seed = 1, stddev = 1.0 : f64>
seqm.parameter @stack : tensor<2x40x32xf32> = #seqm.concat<[@a, @a]>
seqm.parameter @b : tensor<3x8x32xf32> = #seqm.normal<seed = 2, stddev = 1.0 : f64>

// CHECK-LABEL: func.func @experts(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x32xf32>, %[[I:.*]]: tensor<?x?x1xi32>, %[[P:.*]]: tensor<?x?x1xf32>)
// CHECK: %[[S:.*]] = seqm.load @stack : tensor<16384xi8>
// CHECK: seq.packed_expert_linear %[[X]], %[[I]], %[[S]] as !seq.packing<f32, 40, 32, 2> combine %[[P]]
// CHECK: %[[C:.*]] = seqm.load @constant
// CHECK: seq.packed_expert_linear %[[X]], %[[I]], %[[C]] as !seq.packing<f32, 8, 32, 3>
// CHECK: %[[W:.*]] = seq.pack %{{.*}} as !seq.packing<f32, 8, 32, 3> : tensor<3x8x32xf32>
// CHECK: seq.packed_expert_linear %[[X]], %[[I]], %[[W]] as !seq.packing<f32, 8, 32, 3>
func.func @experts(%x: tensor<?x?x32xf32>, %i: tensor<?x?x1xi32>, %p: tensor<?x?x1xf32>)
    -> (tensor<?x?x40xf32>, tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) {
  %w = seqm.load @stack : tensor<2x40x32xf32>
  %y = seq.expert_linear %x, %i, %w combine %p : tensor<?x?x32xf32>, tensor<?x?x1xi32>, tensor<2x40x32xf32> combine tensor<?x?x1xf32>
  %c = arith.constant dense<0.25> : tensor<3x8x32xf32>
  %z = seq.expert_linear %x, %i, %c : tensor<?x?x32xf32>, tensor<?x?x1xi32>, tensor<3x8x32xf32>
  %b = seqm.load @b : tensor<3x8x32xf32>
  %e = math.exp %b : tensor<3x8x32xf32>
  // expected-remark @+1 {{its matrix is no parameter of the module, so every call packs it anew, in f32}}
  %v = seq.expert_linear %x, %i, %e : tensor<?x?x32xf32>, tensor<?x?x1xi32>, tensor<3x8x32xf32>
  return %y, %z, %v : tensor<?x?x40xf32>, tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>
}
