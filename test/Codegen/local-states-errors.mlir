// RUN: seq-opt %s --seq-bufferize=cpu=x86-64-v3 --seq-results-to-arguments --seq-plan-memory --split-input-file --verify-diagnostics

// The states of an export's results are its caller's.
seqm.export "f" = @returned kind "other" arguments ["x"] results []
func.func @returned(%x: tensor<?x?x8xf32>) -> !seq.state<8xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %s = seq.state_init %b : !seq.state<8xf32>
  // expected-error @+1 {{returns a state that an export makes: the states that an export returns live in the caller's context, so take the state as an argument}}
  return %s : !seq.state<8xf32>
}

// -----

func.func private @twice(%x: tensor<?x?x8xf32>) -> (!seq.state<8xf32>, !seq.state<8xf32>) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %s = seq.state_init %b : !seq.state<8xf32>
  // expected-error @+1 {{returns one state twice}}
  return %s, %s : !seq.state<8xf32>, !seq.state<8xf32>
}

// -----

func.func private @chosen(%x: tensor<?x?x8xf32>, %c: i1, %s: !seq.state<8xf32>, %r: !seq.state<8xf32>) -> !seq.state<8xf32> {
  %o = scf.if %c -> !seq.state<8xf32> {
    scf.yield %s : !seq.state<8xf32>
  } else {
    scf.yield %r : !seq.state<8xf32>
  }
  // expected-error @+1 {{returns a state that is neither one of the function's arguments nor made by seq.state_init in it}}
  return %o : !seq.state<8xf32>
}

// -----

// Two ops behind one fresh state.
func.func @shared(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %s = seq.state_init %b : !seq.state<8xf32>
  // expected-note @+1 {{it is updated here}}
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  // expected-error @+1 {{'seq.token_shift' op uses a state that another op has updated: states are updated in place, so take the state that it returns, or make two states}}
  %z, %m = seq.token_shift %y state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  return %z : tensor<?x?x8xf32>
}

// -----

// A read behind an update, which stands in another function.
func.func private @append(%s: !seq.kv<2x4xf32>, %k: tensor<?x?x2x4xf32>) -> !seq.kv<2x4xf32> {
  %n = seq.kv_append %s, %k, %k : !seq.kv<2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  return %n : !seq.kv<2x4xf32>
}

func.func @late(%s: !seq.kv<2x4xf32>, %k: tensor<?x?x2x4xf32>) -> (tensor<?x?x2x4xf32>, !seq.kv<2x4xf32>) {
  // expected-note @+1 {{it is updated here}}
  %n = call @append(%s, %k) : (!seq.kv<2x4xf32>, tensor<?x?x2x4xf32>) -> !seq.kv<2x4xf32>
  // expected-error @+1 {{uses a state that another op has updated}}
  %o = seq.attention %k, %s {causal} : tensor<?x?x2x4xf32>, !seq.kv<2x4xf32>
  return %o, %n : tensor<?x?x2x4xf32>, !seq.kv<2x4xf32>
}

// -----

func.func @one_for_two(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %s = seq.state_init %b : !seq.state<8xf32>
  // expected-note @+2 {{it is updated here}}
  // expected-error @+1 {{'func.call' op uses a state that another op has updated}}
  %y = call @two(%x, %s, %s) : (tensor<?x?x8xf32>, !seq.state<8xf32>, !seq.state<8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func private @two(%x: tensor<?x?x8xf32>, %s: !seq.state<8xf32>, %r: !seq.state<8xf32>) -> tensor<?x?x8xf32> {
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  %z, %m = seq.token_shift %y state %r : tensor<?x?x8xf32>, !seq.state<8xf32>
  return %z : tensor<?x?x8xf32>
}

// -----

// Each round would start from a fresh state, were it not the same memory.
func.func @outside(%x: tensor<?x?x8xf32>, %from: index, %to: index) -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %s = seq.state_init %b : !seq.state<8xf32>
  %r = scf.for %i = %from to %to step %c1 iter_args(%y = %x) -> tensor<?x?x8xf32> {
    // expected-error @+1 {{updates a state from outside of its loop: states are updated in place, so let the loop carry it}}
    %u, %n = seq.token_shift %y state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
    scf.yield %u : tensor<?x?x8xf32>
  }
  return %r : tensor<?x?x8xf32>
}

// -----

func.func @leaves(%x: tensor<?x?x8xf32>, %s: !seq.state<8xf32>, %from: index, %to: index) -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %n = scf.for %i = %from to %to step %c1 iter_args(%c = %s) -> !seq.state<8xf32> {
    %u, %d = seq.token_shift %x state %c : tensor<?x?x8xf32>, !seq.state<8xf32>
    // expected-error @+1 {{a state leaves the loop or branch that makes it: make it outside}}
    %f = seq.state_init %b : !seq.state<8xf32>
    scf.yield %f : !seq.state<8xf32>
  }
  %y, %m = seq.token_shift %x state %n : tensor<?x?x8xf32>, !seq.state<8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @constant_rows(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %b = arith.constant 2 : index
  // expected-error @+1 {{a state is made with other rows than the sequences that it is used with, or they can not be compared: take its batch from dimension 0 of these}}
  %s = seq.state_init %b : !seq.state<8xf32>
  // expected-note @+1 {{it is used here}}
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  return %y : tensor<?x?x8xf32>
}
seqm.export "f" = @constant_rows kind "other" arguments ["x"] results ["y"]

// -----

// Time is not the batch, in the function that uses the state neither.
func.func private @shift(%x: tensor<?x?x8xf32>, %s: !seq.state<8xf32>) -> tensor<?x?x8xf32> {
  // expected-note @+1 {{it is used here}}
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  return %y : tensor<?x?x8xf32>
}

func.func @time_rows(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %c1 = arith.constant 1 : index
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  // expected-error @+1 {{a state is made with other rows than the sequences}}
  %s = seq.state_init %t : !seq.state<8xf32>
  %y = call @shift(%x, %s) : (tensor<?x?x8xf32>, !seq.state<8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
seqm.export "f" = @time_rows kind "other" arguments ["x"] results ["y"]

// -----

// Rows that a caller counts are followed to where they come from.
func.func private @given(%x: tensor<?x?x8xf32>, %b: index) -> tensor<?x?x8xf32> {
  %s = seq.state_init %b : !seq.state<8xf32>
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  return %y : tensor<?x?x8xf32>
}

func.func @counts(%x: tensor<?x?x8xf32>, %z: tensor<?x?x9xf32>) -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %z, %c0 : tensor<?x?x9xf32>
  %y = call @given(%x, %b) : (tensor<?x?x8xf32>, index) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
seqm.export "f" = @counts kind "other" arguments ["x", "z"] results ["y"]

// -----

// A capacity that stands in the data is not known when the arena is.
func.func @data_capacity(%k: tensor<?x?x2x4xf32>, %n: tensor<1xi64>) -> tensor<?x?x2x4xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %k, %c0 : tensor<?x?x2x4xf32>
  %number = tensor.extract %n[%c0] : tensor<1xi64>
  %capacity = arith.index_cast %number : i64 to index
  // expected-error @+1 {{needs memory whose size does not follow from the extents of the function's arguments}}
  %s = seq.state_init %b capacity %capacity : !seq.kv<2x4xf32>
  %a = seq.kv_append %s, %k, %k : !seq.kv<2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  %o = seq.attention %k, %a {causal} : tensor<?x?x2x4xf32>, !seq.kv<2x4xf32>
  return %o : tensor<?x?x2x4xf32>
}
