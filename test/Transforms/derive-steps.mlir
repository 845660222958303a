// RUN: seq-opt %s --seq-derive-steps --split-input-file | FileCheck %s --implicit-check-not=extend
// RUN: seq-opt %s --seq-derive-steps=extend=true --split-input-file | FileCheck %s --check-prefix=EXTEND

// A layer that is called twice has one clone and two states; the position counter is
// shared. The results of prefill and step are those of the last position.

seqm.parameter @w0 : tensor<4xf32> = dense<1.0> : tensor<4xf32>
seqm.parameter @w1 : tensor<4xf32> = dense<2.0> : tensor<4xf32>

// CHECK-LABEL: func.func private @layer(
// CHECK-LABEL: func.func private @layer_prefill(
// CHECK-SAME: tensor<?x?x4xf32>, %{{.*}}: tensor<?x?xi32>, %{{.*}}: tensor<4xf32>,
// CHECK-SAME: %[[KV:.*]]: !seq.kv<1x4xf32> {seqm.name = "kv"}) -> (tensor<?x?x4xf32>, !seq.kv<1x4xf32>)
// CHECK: %[[NEW:.*]] = seq.kv_append %[[KV]],
// CHECK: seq.attention %{{.*}}, %[[NEW]] {causal}
// CHECK: return %{{.*}}, %[[NEW]]
// CHECK-LABEL: func.func private @layer_step(
// CHECK-SAME: tensor<?x1x4xf32>, %{{.*}}: tensor<?x1xi32>, %{{.*}}: tensor<4xf32>,
// CHECK: seq.attention {{.*}} : tensor<?x1x1x4xf32>
func.func private @layer(%x: tensor<?x?x4xf32>, %p: tensor<?x?xi32>, %w: tensor<4xf32>) -> tensor<?x?x4xf32> {
  %n = seq.rms_norm %x weight %w eps 1.0e-5 : tensor<?x?x4xf32>, tensor<4xf32>
  %h = seq.split_heads %n 1 : tensor<?x?x4xf32>
  %q = seq.rotary %h, %p half : tensor<?x?x1x4xf32>, tensor<?x?xi32>
  %o = seq.attention %q, %q, %h {causal} : tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>
  %m = seq.merge_heads %o : tensor<?x?x1x4xf32>
  %y = arith.addf %x, %m : tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}

// CHECK-LABEL: func.func @model(
// CHECK-LABEL: func.func @model_prefill(%{{.*}}: tensor<?x?x4xf32>,
// CHECK-SAME: %[[P:.*]]: !seq.state<i64> {seqm.name = "positions"},
// CHECK-SAME: %[[S0:.*]]: !seq.kv<1x4xf32> {seqm.name = "layers.0.kv"},
// CHECK-SAME: %[[S1:.*]]: !seq.kv<1x4xf32> {seqm.name = "layers.1.kv"})
// CHECK-SAME: -> (tensor<?x4xf32>, !seq.state<i64>, !seq.kv<1x4xf32>, !seq.kv<1x4xf32>)
// CHECK: %{{.*}}, %[[PN:.*]] = seq.positions %{{.*}} state %[[P]]
// CHECK: %[[L0:.*]]:2 = call @layer_prefill(%{{.*}}, %[[S0]])
// CHECK: %[[L1:.*]]:2 = call @layer_prefill(%[[L0]]#0, {{.*}}, %[[S1]])
// CHECK: %[[LAST:.*]] = seq.last %[[L1]]#0 : tensor<?x?x4xf32>
// CHECK: %[[R:.*]] = tensor.collapse_shape %[[LAST]]
// CHECK-SAME{LITERAL}: [[0, 1], [2]] : tensor<?x1x4xf32> into tensor<?x4xf32>
// CHECK: return %[[R]], %[[PN]], %[[L0]]#1, %[[L1]]#1
// CHECK-LABEL: func.func @model_step(%{{.*}}: tensor<?x1x4xf32>,
// CHECK: call @layer_step
// CHECK-NOT: seq.last
// CHECK: tensor.collapse_shape
func.func @model(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %p = seq.positions %x : tensor<?x?x4xf32>
  %w0 = seqm.load @w0 : tensor<4xf32>
  %w1 = seqm.load @w1 : tensor<4xf32>
  %0 = call @layer(%x, %p, %w0) : (tensor<?x?x4xf32>, tensor<?x?xi32>, tensor<4xf32>) -> tensor<?x?x4xf32>
  %1 = call @layer(%0, %p, %w1) : (tensor<?x?x4xf32>, tensor<?x?xi32>, tensor<4xf32>) -> tensor<?x?x4xf32>
  return %1 : tensor<?x?x4xf32>
}

// With the option there is also a form with all positions.

// EXTEND-LABEL: func.func @model_extend(
// EXTEND-SAME: -> (tensor<?x?x4xf32>, !seq.state<i64>, !seq.kv<1x4xf32>, !seq.kv<1x4xf32>)
// EXTEND: call @layer_prefill
// EXTEND-NOT: seq.last
// EXTEND: return
// EXTEND: seqm.export "forward"
// EXTEND-NEXT: seqm.export "extend" = @model_extend kind "other" arguments ["x"] results ["y"]
// EXTEND-NEXT: seqm.export "prefill"
// EXTEND-NEXT: seqm.export "step"

// CHECK: seqm.export "forward" = @model kind "forward" arguments ["x"] results ["y"]
// CHECK-NEXT: seqm.export "prefill" = @model_prefill kind "prefill" arguments ["x"] results ["y"]
// CHECK-NEXT: seqm.export "step" = @model_step kind "step" arguments ["x"] results ["y"]
seqm.export "forward" = @model kind "forward" arguments ["x"] results ["y"]

// -----

// An export of another name names its steps and their states after itself. Every result over time is
// reduced; others stay. Ops with several states have them numbered, in the order of use.

// CHECK-LABEL: func.func @mix_prefill(
// CHECK-SAME: !seq.state<2x4x4xf32> {seqm.name = "mix.state_mix"},
// CHECK-SAME: !seq.state<2x4xf32> {seqm.name = "mix.state_mix.1"},
// CHECK-SAME: !seq.state<8xf32> {seqm.name = "mix.token_shift"})
// CHECK-SAME: -> (tensor<?x8xf32>, tensor<?xi32>, tensor<3xf32>, !seq.state<2x4x4xf32>, !seq.state<2x4xf32>, !seq.state<8xf32>)
// CHECK-LABEL: func.func @mix_step(
// CHECK-SAME: tensor<?x1x8xf32>, %{{.*}}: tensor<?x1xi32>
func.func @mix(%x: tensor<?x?x8xf32>, %ids: tensor<?x?xi32>) -> (tensor<?x?x8xf32>, tensor<?x?xi32>, tensor<3xf32>) {
  %h = seq.split_heads %x 2 : tensor<?x?x8xf32>
  %o = seq.state_mix %h, %h, %h decay none update outer read post normaliser ratio : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  %m = seq.merge_heads %o : tensor<?x?x2x4xf32>
  %s = seq.token_shift %m : tensor<?x?x8xf32>
  %c = arith.constant dense<1.0> : tensor<3xf32>
  return %s, %ids, %c : tensor<?x?x8xf32>, tensor<?x?xi32>, tensor<3xf32>
}

// CHECK: seqm.export "mix_prefill" = @mix_prefill kind "prefill" arguments ["x", "ids"] results ["y", "i", "c"]
// CHECK: seqm.export "mix_step" = @mix_step kind "step"
seqm.export "mix" = @mix kind "forward" arguments ["x", "ids"] results ["y", "i", "c"]

// -----

// A step has static time everywhere: in the sizes of slices, reshapes and buffers.

// CHECK-LABEL: func.func @shapes_step(
// CHECK: tensor.expand_shape %{{.*}} output_shape [%{{.*}}, 1, 2, 4] : tensor<?x1x8xf32> into tensor<?x1x2x4xf32>
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 1, 0] [%{{.*}}, 1, 1, 4] [1, 1, 1, 1] : tensor<?x1x2x4xf32> to tensor<?x1x4xf32>
// CHECK: tensor.empty(%{{.*}}) : tensor<?x1x4xf32>
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<?x1x4xf32>) outs(%{{.*}} : tensor<?x1x4xf32>)
func.func @shapes(%x: tensor<?x?x8xf32>) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %h = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%b, %t, 2, 4] : tensor<?x?x8xf32> into tensor<?x?x2x4xf32>
  %s = tensor.extract_slice %h[0, 0, 1, 0] [%b, %t, 1, 4] [1, 1, 1, 1] : tensor<?x?x2x4xf32> to tensor<?x?x4xf32>
  %e = tensor.empty(%b, %t) : tensor<?x?x4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>, affine_map<(b, t, d) -> (b, t, d)>],
                       iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<?x?x4xf32>) outs(%e : tensor<?x?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    linalg.yield %n : f32
  } -> tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}
seqm.export "forward" = @shapes kind "forward" arguments ["x"] results ["y"]

// -----

// Positions may have several rows along time in between, which a step has too.

// CHECK-LABEL: func.func @rows_step(
// CHECK: tensor.collapse_shape %{{.*}} : tensor<?x1x2x1x4xf32> into tensor<?x2x1x4xf32>
// CHECK: seq.state_mix {{.*}} : tensor<?x2x1x4xf32>, tensor<?x2x1x4xf32>, tensor<?x2x1x4xf32>
// CHECK: tensor.expand_shape %{{.*}} output_shape [%{{.*}}, 1, 2, 1, 4] : tensor<?x2x1x4xf32> into tensor<?x1x2x1x4xf32>
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 1, 0, 0] [%{{.*}}, 1, 1, 1, 4] [1, 1, 1, 1, 1] : tensor<?x1x2x1x4xf32> to tensor<?x1x1x4xf32>
func.func @rows(%x: tensor<?x?x2x1x4xf32>) -> tensor<?x?x1x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x2x1x4xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x2x1x4xf32>
  %r = tensor.collapse_shape %x [[0], [1, 2], [3], [4]] : tensor<?x?x2x1x4xf32> into tensor<?x?x1x4xf32>
  %o = seq.state_mix %r, %r, %r decay none update outer read post : tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>
  %e = tensor.expand_shape %o [[0], [1, 2], [3], [4]] output_shape [%b, %t, 2, 1, 4] : tensor<?x?x1x4xf32> into tensor<?x?x2x1x4xf32>
  %y = tensor.extract_slice %e[0, 0, 1, 0, 0] [%b, %t, 1, 1, 4] [1, 1, 1, 1, 1] : tensor<?x?x2x1x4xf32> to tensor<?x?x1x4xf32>
  return %y : tensor<?x?x1x4xf32>
}
seqm.export "forward" = @rows kind "forward" arguments ["x"] results ["y"]

// -----

// Functions of another kind, and those without sequences, get no steps.

// CHECK-LABEL: func.func @other
// CHECK-NOT: _prefill
// CHECK-NOT: _step
func.func @other(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %h = seq.split_heads %x 1 : tensor<?x?x4xf32>
  %o = seq.attention %h, %h, %h : tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>
  %m = seq.merge_heads %o : tensor<?x?x1x4xf32>
  return %m : tensor<?x?x4xf32>
}
func.func @vectors(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}
seqm.export "encode" = @other kind "other" arguments ["x"] results ["y"]
seqm.export "forward" = @vectors kind "forward" arguments ["x"] results ["y"]

// -----

// Experts carry nothing along time.

// CHECK-LABEL: func.func @experts_prefill(
// CHECK-SAME: tensor<?x?x8xf32>) -> tensor<?x6xf32>
// CHECK-LABEL: func.func @experts_step(
// CHECK: %[[I:.*]], %[[P:.*]] = seq.route %{{.*}} softmax top 2 : tensor<?x1x8xf32>
// CHECK: seq.expert_linear %{{.*}}, %[[I]], %{{.*}} combine %[[P]] : tensor<?x1x8xf32>, tensor<?x1x2xi32>, tensor<8x6x8xf32> combine tensor<?x1x2xf32>
seqm.parameter @w : tensor<8x6x8xf32> = #seqm.normal<seed = 1, stddev = 1.0 : f64>
func.func @experts(%x: tensor<?x?x8xf32>) -> tensor<?x?x6xf32> {
  %w = seqm.load @w : tensor<8x6x8xf32>
  %i, %p = seq.route %x softmax top 2 : tensor<?x?x8xf32>
  %y = seq.expert_linear %x, %i, %w combine %p : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<8x6x8xf32> combine tensor<?x?x2xf32>
  return %y : tensor<?x?x6xf32>
}
seqm.export "forward" = @experts kind "forward" arguments ["x"] results ["y"]
