// RUN: seq-opt %s --seq-derive-steps --split-input-file --verify-diagnostics

func.func @bidirectional(%x: tensor<?x?x1x4xf32>) -> tensor<?x?x1x4xf32> {
  // expected-error @+1 {{'seq.attention' op is not causal, so no position is finished before the last one is known: add `causal`, or export the function with kind "other"}}
  %o = seq.attention %x, %x, %x : tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>
  return %o : tensor<?x?x1x4xf32>
}
seqm.export "forward" = @bidirectional kind "forward" arguments ["x"] results ["y"]

// -----

seqm.parameter @k : tensor<1x8x1x4xf32> = #seqm.normal<seed = 1, stddev = 1.0 : f32>
func.func @memory(%x: tensor<?x?x1x4xf32>) -> tensor<?x?x1x4xf32> {
  %k = seqm.load @k : tensor<1x8x1x4xf32>
  %kd = tensor.cast %k : tensor<1x8x1x4xf32> to tensor<?x?x1x4xf32>
  // expected-error @+1 {{can be stepped only if queries, keys and values all run along time}}
  %o = seq.attention %x, %kd, %kd {causal} : tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>
  return %o : tensor<?x?x1x4xf32>
}
seqm.export "forward" = @memory kind "forward" arguments ["x"] results ["y"]

// -----

func.func @stateful(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %s = seq.state_init %b : !seq.state<4xf32>
  // expected-error @+1 {{'seq.token_shift' op is given states already: write the function over whole sequences, without states}}
  %y, %n = seq.token_shift %x state %s : tensor<?x?x4xf32>, !seq.state<4xf32>
  return %y : tensor<?x?x4xf32>
}
seqm.export "forward" = @stateful kind "forward" arguments ["x"] results ["y"]

// -----

seqm.parameter @w : tensor<1x8x4xf32> = #seqm.normal<seed = 1, stddev = 1.0 : f32>
func.func @timeless(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = seqm.load @w : tensor<1x8x4xf32>
  // expected-error @+1 {{carries states along time, but none of its operands runs along time}}
  %s = seq.token_shift %w : tensor<1x8x4xf32>
  return %x : tensor<?x?x4xf32>
}
seqm.export "forward" = @timeless kind "forward" arguments ["x"] results ["y"]

// -----

func.func @behind_last(%x: tensor<?x?x4xf32>) -> tensor<?x1x4xf32> {
  %l = seq.last %x : tensor<?x?x4xf32>
  // expected-error @+1 {{carries something along time, but its input is behind seq.last}}
  %s = seq.token_shift %l : tensor<?x1x4xf32>
  return %s : tensor<?x1x4xf32>
}
seqm.export "forward" = @behind_last kind "forward" arguments ["x"] results ["y"]

// -----

func.func @constant_time(%x: tensor<?x8x4xf32>) -> tensor<?x8x4xf32> {
  return %x : tensor<?x8x4xf32>
}
// expected-error @+1 {{is a forward function, but argument 0 has constant time: make dimension 1 of 'tensor<?x8x4xf32>' dynamic ('?')}}
seqm.export "forward" = @constant_time kind "forward" arguments ["x"] results ["y"]

// -----

// expected-error @+1 {{returns time in dimension 0 of result 0: return [batch, time, ...]}}
func.func @transposed(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%t, %b) : tensor<?x?xf32>
  %y = linalg.transpose ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) permutation = [1, 0]
  return %y : tensor<?x?xf32>
}
seqm.export "forward" = @transposed kind "forward" arguments ["x"] results ["y"]

// -----

func.func private @external(tensor<?x?xf32>) -> tensor<?x?xf32>
func.func @calls_external(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @+1 {{calls @external, which has no body}}
  %y = call @external(%x) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
seqm.export "forward" = @calls_external kind "forward" arguments ["x"] results ["y"]

// -----

func.func @recursive(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @+1 {{is part of a recursion through @recursive}}
  %y = call @recursive(%x) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
seqm.export "forward" = @recursive kind "forward" arguments ["x"] results ["y"]

// -----

// Two rows a position must become a dimension of their own again.

func.func @rows(%x: tensor<?x?x2x4xf32>) -> tensor<?x?x4xf32> {
  %y = tensor.collapse_shape %x [[0], [1, 2], [3]] : tensor<?x?x2x4xf32> into tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}
// expected-error @-4 {{returns 2 rows a position in result 0: give them a dimension of their own}}
seqm.export "forward" = @rows kind "forward" arguments ["x"] results ["y"]

// -----

func.func @counts_rows(%x: tensor<?x?x2x4xf32>) -> tensor<?x?xi32> {
  %y = tensor.collapse_shape %x [[0], [1, 2], [3]] : tensor<?x?x2x4xf32> into tensor<?x?x4xf32>
  // expected-error @+1 {{counts tokens, but its input has 2 rows for each of them}}
  %p = seq.positions %y : tensor<?x?x4xf32>
  return %p : tensor<?x?xi32>
}
seqm.export "forward" = @counts_rows kind "forward" arguments ["x"] results ["y"]

// -----

func.func @adds_rows(%x: tensor<?x?x2x4xf32>, %z: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = tensor.collapse_shape %x [[0], [1, 2], [3]] : tensor<?x?x2x4xf32> into tensor<?x?x4xf32>
  // expected-error @+1 {{combines tensors whose time is in different dimensions, or has several rows a position}}
  %s = arith.addf %y, %z : tensor<?x?x4xf32>
  return %s : tensor<?x?x4xf32>
}
seqm.export "forward" = @adds_rows kind "forward" arguments ["x", "z"] results ["y"]

// -----

func.func @row_length(%x: tensor<?x?x2x4xf32>) -> tensor<?x?x2x4xf32> {
  %c1 = arith.constant 1 : index
  %y = tensor.collapse_shape %x [[0], [1, 2], [3]] : tensor<?x?x2x4xf32> into tensor<?x?x4xf32>
  // expected-error @+1 {{asks for 2 times the number of positions}}
  %t = tensor.dim %y, %c1 : tensor<?x?x4xf32>
  return %x : tensor<?x?x2x4xf32>
}
seqm.export "forward" = @row_length kind "forward" arguments ["x"] results ["y"]

// -----

func.func @mixed_rows(%x: tensor<?x?x2x4xf32>, %z: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = tensor.collapse_shape %x [[0], [1, 2], [3]] : tensor<?x?x2x4xf32> into tensor<?x?x4xf32>
  %a = seq.split_heads %y 1 : tensor<?x?x4xf32>
  %b = seq.split_heads %z 1 : tensor<?x?x4xf32>
  // expected-error @+1 {{combines sequences with 2 and 1 rows a position (operand 1)}}
  %o = seq.state_mix %a, %b, %a decay none update outer read post : tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>
  %m = seq.merge_heads %o : tensor<?x?x1x4xf32>
  return %m : tensor<?x?x4xf32>
}
seqm.export "forward" = @mixed_rows kind "forward" arguments ["x", "z"] results ["y"]

// -----

func.func @three_rows(%x: tensor<?x?x2x4xf32>) -> tensor<?x?x3x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x2x4xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x2x4xf32>
  %y = tensor.collapse_shape %x [[0], [1, 2], [3]] : tensor<?x?x2x4xf32> into tensor<?x?x4xf32>
  // expected-error @+1 {{splits time into several dimensions}}
  %z = tensor.expand_shape %y [[0], [1, 2], [3]] output_shape [%b, %t, 3, 4] : tensor<?x?x4xf32> into tensor<?x?x3x4xf32>
  return %z : tensor<?x?x3x4xf32>
}
seqm.export "forward" = @three_rows kind "forward" arguments ["x"] results ["y"]
