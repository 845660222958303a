// RUN: seq-opt %s --seq-hoist-last --split-input-file | FileCheck %s

// Through what is pointwise in time, on all ways to a value: x is read by the norm and as
// a residual, at the last position only.

// CHECK-LABEL: func.func @pointwise(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>, %[[W:.*]]: tensor<8xf32>)
// CHECK-NEXT: %[[L:.*]] = seq.last %[[X]] : tensor<?x?x8xf32>
// CHECK-NEXT: %[[E:.*]] = math.exp %[[L]] : tensor<?x1x8xf32>
// CHECK-NEXT: %[[N:.*]] = seq.rms_norm %[[E]] weight %[[W]] {{.*}} : tensor<?x1x8xf32>, tensor<8xf32>
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[E]], %[[N]] : tensor<?x1x8xf32>
// CHECK-NEXT: return %[[Y]]
func.func @pointwise(%x: tensor<?x?x8xf32>, %w: tensor<8xf32>) -> tensor<?x1x8xf32> {
  %e = math.exp %x : tensor<?x?x8xf32>
  %n = seq.rms_norm %e weight %w eps 1.0e-5 : tensor<?x?x8xf32>, tensor<8xf32>
  %y = arith.addf %e, %n : tensor<?x?x8xf32>
  %last = seq.last %y : tensor<?x?x8xf32>
  return %last : tensor<?x1x8xf32>
}
seqm.export "f" = @pointwise kind "prefill" arguments ["x", "w"] results ["y"]

// -----

// One query sees all keys: its own position is the last one. The keys stay, and so does
// the rotation that they share.

// CHECK-LABEL: func.func @attention(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>, %[[S:.*]]: !seq.kv<2x4xf32>)
// CHECK: %[[H:.*]] = seq.split_heads %[[X]] 2 : tensor<?x?x8xf32>
// CHECK: %[[E:.*]] = math.exp %[[H]] : tensor<?x?x2x4xf32>
// CHECK: %[[L:.*]] = seq.last %[[E]] : tensor<?x?x2x4xf32>
// CHECK: %[[Q:.*]] = math.tanh %[[L]] : tensor<?x1x2x4xf32>
// CHECK: %[[KV:.*]] = seq.kv_append %[[S]], %[[E]], %[[H]]
// CHECK: %[[O:.*]] = seq.attention %[[Q]], %[[KV]] {causal} : tensor<?x1x2x4xf32>, !seq.kv<2x4xf32>
// CHECK: %[[M:.*]] = seq.merge_heads %[[O]] : tensor<?x1x2x4xf32>
// CHECK: return %[[M]], %[[KV]]
func.func @attention(%x: tensor<?x?x8xf32>, %s: !seq.kv<2x4xf32>) -> (tensor<?x1x8xf32>, !seq.kv<2x4xf32>) {
  %h = seq.split_heads %x 2 : tensor<?x?x8xf32>
  %e = math.exp %h : tensor<?x?x2x4xf32>
  %q = math.tanh %e : tensor<?x?x2x4xf32>
  %kv = seq.kv_append %s, %e, %h : !seq.kv<2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  %o = seq.attention %q, %kv {causal} : tensor<?x?x2x4xf32>, !seq.kv<2x4xf32>
  %m = seq.merge_heads %o : tensor<?x?x2x4xf32>
  %last = seq.last %m : tensor<?x?x8xf32>
  return %last, %kv : tensor<?x1x8xf32>, !seq.kv<2x4xf32>
}
seqm.export "f" = @attention kind "prefill" arguments ["x"] results ["y"]

// -----

// Keys and values of the same call: only the queries and their positions lose theirs.

// CHECK-LABEL: func.func @given_keys(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x2x4xf32>, %[[P:.*]]: tensor<?x?xi32>)
// CHECK-DAG: %[[Q:.*]] = seq.last %[[X]]
// CHECK-DAG: %[[PL:.*]] = seq.last %[[P]]
// CHECK: seq.attention %[[Q]], %[[X]], %[[X]] positions %[[PL]] {causal, lse} : tensor<?x1x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32> positions tensor<?x1xi32>
func.func @given_keys(%x: tensor<?x?x2x4xf32>, %p: tensor<?x?xi32>) -> tensor<?x1x2x4xf32> {
  %o, %lse = seq.attention %x, %x, %x positions %p {causal, lse} : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32> positions tensor<?x?xi32>
  %last = seq.last %o : tensor<?x?x2x4xf32>
  return %last : tensor<?x1x2x4xf32>
}
seqm.export "f" = @given_keys kind "prefill" arguments ["x", "p"] results ["y"]

// -----

// A layer's last call becomes one of a twin; the first one's results are needed.

// CHECK-LABEL: func.func @calls(
// CHECK: %[[A:.*]]:2 = call @layer(%{{.*}}, %{{.*}}) : (tensor<?x?x8xf32>, !seq.state<8xf32>) -> (tensor<?x?x8xf32>, !seq.state<8xf32>)
// CHECK: %[[B:.*]]:2 = call @layer_last(%[[A]]#0, %{{.*}}) : (tensor<?x?x8xf32>, !seq.state<8xf32>) -> (tensor<?x1x8xf32>, !seq.state<8xf32>)
// CHECK: %[[E:.*]] = math.exp %[[B]]#0 : tensor<?x1x8xf32>
// CHECK: return %[[E]], %[[A]]#1, %[[B]]#1
func.func @calls(%x: tensor<?x?x8xf32>, %s0: !seq.state<8xf32>, %s1: !seq.state<8xf32>) -> (tensor<?x1x8xf32>, !seq.state<8xf32>, !seq.state<8xf32>) {
  %a, %n0 = call @layer(%x, %s0) : (tensor<?x?x8xf32>, !seq.state<8xf32>) -> (tensor<?x?x8xf32>, !seq.state<8xf32>)
  %b, %n1 = call @layer(%a, %s1) : (tensor<?x?x8xf32>, !seq.state<8xf32>) -> (tensor<?x?x8xf32>, !seq.state<8xf32>)
  %e = math.exp %b : tensor<?x?x8xf32>
  %last = seq.last %e : tensor<?x?x8xf32>
  return %last, %n0, %n1 : tensor<?x1x8xf32>, !seq.state<8xf32>, !seq.state<8xf32>
}
// What carries a state sees every token: seq.last stays behind it.
// CHECK-LABEL: func.func private @layer(
// CHECK-NOT: seq.last
// CHECK-LABEL: func.func private @layer_last(
// CHECK: %[[Y:.*]], %[[N:.*]] = seq.token_shift %{{.*}} state %{{.*}} : tensor<?x?x8xf32>
// CHECK: %[[L:.*]] = seq.last %[[Y]]
// CHECK: %[[T:.*]] = math.tanh %[[L]] : tensor<?x1x8xf32>
// CHECK: return %[[T]], %[[N]] : tensor<?x1x8xf32>, !seq.state<8xf32>
func.func private @layer(%x: tensor<?x?x8xf32>, %s: !seq.state<8xf32>) -> (tensor<?x?x8xf32>, !seq.state<8xf32>) {
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  %t = math.tanh %y : tensor<?x?x8xf32>
  return %t, %n : tensor<?x?x8xf32>, !seq.state<8xf32>
}
seqm.export "f" = @calls kind "prefill" arguments ["x"] results ["y"]

// -----

// Slices, reshapes and loops; the batch is asked of what is computed.

// CHECK-LABEL: func.func @shapes(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>)
// CHECK: %[[L:.*]] = seq.last %[[X]]
// CHECK: %[[E:.*]] = math.exp %[[L]] : tensor<?x1x8xf32>
// CHECK: %[[B:.*]] = tensor.dim %[[E]], %{{.*}} : tensor<?x1x8xf32>
// CHECK: %[[S:.*]] = tensor.extract_slice %[[E]][0, 0, 4] [%[[B]], 1, 4] [1, 1, 1] : tensor<?x1x8xf32> to tensor<?x1x4xf32>
// CHECK: %[[I:.*]] = tensor.empty(%[[B]]) : tensor<?x1x4xf32>
// CHECK: linalg.generic {{.*}} ins(%[[S]] : tensor<?x1x4xf32>) outs(%[[I]] : tensor<?x1x4xf32>)
// CHECK: tensor.expand_shape %{{.*}} {{.*}} output_shape [%[[B]], 1, 2, 2] : tensor<?x1x4xf32> into tensor<?x1x2x2xf32>
func.func @shapes(%x: tensor<?x?x8xf32>) -> tensor<?x1x2x2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x1 = math.exp %x : tensor<?x?x8xf32>
  %b = tensor.dim %x1, %c0 : tensor<?x?x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %s = tensor.extract_slice %x1[0, 0, 4] [%b, %t, 4] [1, 1, 1] : tensor<?x?x8xf32> to tensor<?x?x4xf32>
  %i = tensor.empty(%b, %t) : tensor<?x?x4xf32>
  %g = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>, affine_map<(b, t, d) -> (b, t, d)>],
                       iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<?x?x4xf32>) outs(%i : tensor<?x?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    linalg.yield %n : f32
  } -> tensor<?x?x4xf32>
  %y = tensor.expand_shape %g [[0], [1], [2, 3]] output_shape [%b, %t, 2, 2] : tensor<?x?x4xf32> into tensor<?x?x2x2xf32>
  %last = seq.last %y : tensor<?x?x2x2xf32>
  return %last : tensor<?x1x2x2xf32>
}
seqm.export "f" = @shapes kind "prefill" arguments ["x"] results ["y"]

// -----

// Not where another use needs all positions, or their number.

// CHECK-LABEL: func.func @other_uses(
// CHECK: %[[E:.*]] = math.exp %{{.*}} : tensor<?x?x8xf32>
// CHECK: seq.last %[[E]] : tensor<?x?x8xf32>
func.func @other_uses(%x: tensor<?x?x8xf32>) -> (tensor<?x1x8xf32>, tensor<?x?x8xf32>) {
  %e = math.exp %x : tensor<?x?x8xf32>
  %last = seq.last %e : tensor<?x?x8xf32>
  return %last, %e : tensor<?x1x8xf32>, tensor<?x?x8xf32>
}
seqm.export "f" = @other_uses kind "prefill" arguments ["x"] results ["y", "e"]

// -----

// Only the last token is given to experts.

// CHECK-LABEL: func.func @experts(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>)
// CHECK-NEXT: %[[W:.*]] = seqm.load @w
// CHECK-NEXT: %[[L:.*]] = seq.last %[[X]] : tensor<?x?x8xf32>
// CHECK-NEXT: %[[I:.*]], %[[P:.*]] = seq.route %[[L]] softmax top 2 : tensor<?x1x8xf32>
// CHECK-NEXT: %[[LX:.*]] = seq.last %[[X]] : tensor<?x?x8xf32>
// CHECK-NEXT: %[[Y:.*]] = seq.expert_linear %[[LX]], %[[I]], %[[W]] combine %[[P]] : tensor<?x1x8xf32>
// CHECK-NEXT: return %[[Y]]
seqm.parameter @w : tensor<8x6x8xf32> = #seqm.normal<seed = 1, stddev = 1.0 : f64>
func.func @experts(%x: tensor<?x?x8xf32>) -> tensor<?x1x6xf32> {
  %w = seqm.load @w : tensor<8x6x8xf32>
  %i, %p = seq.route %x softmax top 2 : tensor<?x?x8xf32>
  %y = seq.expert_linear %x, %i, %w combine %p : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<8x6x8xf32> combine tensor<?x?x2xf32>
  %last = seq.last %y : tensor<?x?x6xf32>
  return %last : tensor<?x1x6xf32>
}
seqm.export "f" = @experts kind "prefill" arguments ["x"] results ["y"]

// -----

// Lengths count positions, so that the last one alone would be the first: the convolution stays, even of a single tap.

// CHECK-LABEL: func.func @lengths(
// CHECK: %[[Y:.*]] = seq.conv %{{.*}} lengths({{.*}}) : tensor<?x?x8xf32>, tensor<8x1xf32>
// CHECK: seq.last %[[Y]]
func.func @lengths(%x: tensor<?x?x8xf32>, %w: tensor<8x1xf32>, %n: tensor<?xi64>) -> tensor<?x1x8xf32> {
  %y = seq.conv %x, %w lengths(%n : tensor<?xi64>) : tensor<?x?x8xf32>, tensor<8x1xf32>
  %last = seq.last %y : tensor<?x?x8xf32>
  return %last : tensor<?x1x8xf32>
}
seqm.export "f" = @lengths kind "prefill" arguments ["x", "w", "n"] results ["y"]
