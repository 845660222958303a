// REQUIRES: numpy
// UNSUPPORTED: sanitizer
// RUN: %python %S/check_fresh.py %seqc %seq-opt %s %t.host 3 37 5.4e-6
// RUN: %python %S/check_fresh.py %seqc %seq-opt %s %t.v3 2 5 3.6e-6 --target-cpu=x86-64-v3
// RUN: %python %S/check_fresh.py %seqc %seq-opt %s %t.step 5 1 3.3e-6 --target-cpu=x86-64-v3
// RUN: %python %S/check_fresh.py %seqc %seq-opt %s %t.chunks 1 131 8.8e-6 --form=chunkwise --chunk=16

// Functions that make states of every kind for themselves. The bounds are three times that of attention (docs/Spec.md), of
// which @layers has three in a row: 3 u 4 sqrt(T + 20).

seqm.export "cache" = @cache kind "other" arguments ["q", "k", "v"] results ["o"]
seqm.export "two_appends" = @two_appends kind "other" arguments ["q", "k", "v", "j", "w"] results ["o", "p"]
seqm.export "tails" = @tails kind "other" arguments ["x"] results ["y", "z"]
seqm.export "shifts" = @shifts kind "other" arguments ["x"] results ["y", "z"]
seqm.export "counts" = @counts kind "other" arguments ["x"] results ["n", "m"]
seqm.export "scans" = @scans kind "other" arguments ["x", "z"] results ["h", "i", "j"]
seqm.export "f64" = @f64 kind "other" arguments ["x", "z"] results ["h"]
seqm.export "matrices" = @matrices kind "other" arguments ["q", "k", "v"] results ["o", "p"]
seqm.export "gates" = @gates kind "other" arguments ["q", "k", "v", "f", "i"] results ["o", "p"]
seqm.export "delta" = @delta kind "other" arguments ["q", "k", "v", "b"] results ["o"]
seqm.export "selective" = @selective kind "other" arguments ["x", "dt", "B", "C"] results ["y"]
seqm.export "heads" = @heads kind "other" arguments ["x", "dt", "B", "C"] results ["y", "z"]
seqm.export "layers" = @layers kind "other" arguments ["x"] results ["y"]
seqm.export "made_below" = @made_below kind "other" arguments ["x"] results ["y"]
seqm.export "loop" = @loop kind "other" arguments ["x"] results ["y"]

// A window of keys and values that has room for more than the call's tokens.
func.func @cache(%q: tensor<?x?x4x5xf32>, %k: tensor<?x?x2x5xf32>, %v: tensor<?x?x2x7xf32>) -> tensor<?x?x4x7xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : tensor<?x?x4x5xf32>
  %t = tensor.dim %q, %c1 : tensor<?x?x4x5xf32>
  %more = arith.constant 9 : index
  %capacity = arith.addi %t, %more : index
  %s = seq.state_init %b capacity %capacity : !seq.kv<2x5x7xf32>
  %n = seq.kv_append %s, %k, %v : !seq.kv<2x5x7xf32>, tensor<?x?x2x5xf32>, tensor<?x?x2x7xf32>
  %o = seq.attention %q, %n {causal, window = 6} : tensor<?x?x4x5xf32>, !seq.kv<2x5x7xf32>
  return %o : tensor<?x?x4x7xf32>
}

// Attention between two appends, and behind them.
func.func @two_appends(%q: tensor<?x?x1x4xf32>, %k: tensor<?x?x1x4xf32>, %v: tensor<?x?x1x3xf32>, %j: tensor<?x?x1x4xf32>, %w: tensor<?x?x1x3xf32>) -> (tensor<?x?x1x3xf32>, tensor<?x?x1x3xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : tensor<?x?x1x4xf32>
  %t = tensor.dim %q, %c1 : tensor<?x?x1x4xf32>
  %capacity = arith.muli %t, %c2 : index
  %s = seq.state_init %b capacity %capacity : !seq.kv<1x4x3xf32>
  %n = seq.kv_append %s, %k, %v : !seq.kv<1x4x3xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x3xf32>
  %o = seq.attention %q, %n {causal} : tensor<?x?x1x4xf32>, !seq.kv<1x4x3xf32>
  %m = seq.kv_append %n, %j, %w : !seq.kv<1x4x3xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x3xf32>
  %p = seq.attention %q, %m : tensor<?x?x1x4xf32>, !seq.kv<1x4x3xf32>
  return %o, %p : tensor<?x?x1x3xf32>, tensor<?x?x1x3xf32>
}

func.func @tails(%x: tensor<?x?x9xf32>) -> (tensor<?x?x9xf32>, tensor<?x?x9xf32>) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x9xf32>
  %w = arith.constant dense<[[0.5, -0.25, 1.0], [1.0, 0.5, 0.0], [0.0, 0.0, 1.0], [-1.0, 2.0, 0.5], [0.5, -0.25, 1.0], [1.0, 0.5, 0.0], [0.0, 0.0, 1.0], [-1.0, 2.0, 0.5], [0.5, 0.5, 0.5]]> : tensor<9x3xf32>
  %s = seq.state_init %b : !seq.state<2x9xf32>
  %y, %n = seq.conv %x, %w states(%s : !seq.state<2x9xf32>) activation silu : tensor<?x?x9xf32>, tensor<9x3xf32>
  %z, %m = seq.conv %y, %w states(%n : !seq.state<2x9xf32>) activation identity : tensor<?x?x9xf32>, tensor<9x3xf32>
  return %y, %z : tensor<?x?x9xf32>, tensor<?x?x9xf32>
}

// The second one goes on behind the first; the state does not start from zeros.
func.func @shifts(%x: tensor<?x?x33xf32>) -> (tensor<?x?x33xf32>, tensor<?x?x33xf32>) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x33xf32>
  %s = seq.state_init %b : !seq.state<33xf32>
  %y, %n = seq.token_shift %x state %s : tensor<?x?x33xf32>, !seq.state<33xf32>
  %z, %m = seq.token_shift %y state %n : tensor<?x?x33xf32>, !seq.state<33xf32>
  return %y, %z : tensor<?x?x33xf32>, tensor<?x?x33xf32>
}

func.func @counts(%x: tensor<?x?x2xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x2xf32>
  %s = seq.state_init %b : !seq.state<i64>
  %p, %n = seq.positions %x state %s : tensor<?x?x2xf32>, !seq.state<i64>
  %q, %m = seq.positions %x state %n : tensor<?x?x2xf32>, !seq.state<i64>
  %y = arith.sitofp %p : tensor<?x?xi32> to tensor<?x?xf32>
  %z = arith.sitofp %q : tensor<?x?xi32> to tensor<?x?xf32>
  return %y, %z : tensor<?x?xf32>, tensor<?x?xf32>
}

func.func @scans(%x: tensor<?x?x3x5xf32>, %z: tensor<?x?x2x2xf32>) -> (tensor<?x?x3x5xf32>, tensor<?x?x3x5xf32>, tensor<?x?x2x2xf32>) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x3x5xf32>
  %g = arith.constant dense<-0.25> : tensor<3x5xf32>
  %c = arith.constant dense<[[-0.1, 0.7], [-0.5, -3.1]]> : tensor<2x2xf32>
  %s = seq.state_init %b : !seq.state<3x5xf32>
  %r = seq.state_init %b : !seq.state<2x2xf32>
  %h, %n = seq.scan %x, %g states(%s : !seq.state<3x5xf32>) : tensor<?x?x3x5xf32>, tensor<3x5xf32>
  %i, %m = seq.scan %h, %g states(%n : !seq.state<3x5xf32>) : tensor<?x?x3x5xf32>, tensor<3x5xf32>
  %j, %l = seq.scan %z, %c states(%r : !seq.state<2x2xf32>) {complex} : tensor<?x?x2x2xf32>, tensor<2x2xf32>
  return %h, %i, %j : tensor<?x?x3x5xf32>, tensor<?x?x3x5xf32>, tensor<?x?x2x2xf32>
}

func.func @f64(%x: tensor<?x?x6xf32>, %z: tensor<?x?x6xf32>) -> tensor<?x?x6xf32> {
  %c0 = arith.constant 0 : index
  %wide = arith.extf %x : tensor<?x?x6xf32> to tensor<?x?x6xf64>
  %b = tensor.dim %wide, %c0 : tensor<?x?x6xf64>
  %square = arith.mulf %z, %z : tensor<?x?x6xf32>
  %rate = arith.negf %square : tensor<?x?x6xf32>
  %g = arith.extf %rate : tensor<?x?x6xf32> to tensor<?x?x6xf64>
  %s = seq.state_init %b : !seq.state<6xf64, init = 2.0>
  %h, %n = seq.scan %wide, %g states(%s : !seq.state<6xf64, init = 2.0>) : tensor<?x?x6xf64>, tensor<?x?x6xf64>
  %y = arith.truncf %h : tensor<?x?x6xf64> to tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}

// The state is larger than what one piece of the loop fills.
func.func @matrices(%q: tensor<?x?x2x48xf32>, %k: tensor<?x?x2x48xf32>, %v: tensor<?x?x2x55xf32>) -> (tensor<?x?x2x55xf32>, tensor<?x?x2x55xf32>) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %v, %c0 : tensor<?x?x2x55xf32>
  %s = seq.state_init %b : !seq.state<2x48x55xf32>
  %o, %n = seq.retention %q, %k, %v states(%s : !seq.state<2x48x55xf32>) {log_decay = array<f64: -0.1, -0.5>} : tensor<?x?x2x48xf32>, tensor<?x?x2x48xf32>, tensor<?x?x2x55xf32>
  %p, %m = seq.retention %q, %k, %v states(%n : !seq.state<2x48x55xf32>) {log_decay = array<f64: -0.5, -1.0>} : tensor<?x?x2x48xf32>, tensor<?x?x2x48xf32>, tensor<?x?x2x55xf32>
  return %o, %p : tensor<?x?x2x55xf32>, tensor<?x?x2x55xf32>
}

// Three states, whose maximum starts at -1e38.
func.func @gates(%q: tensor<?x?x3x4xf32>, %k: tensor<?x?x3x4xf32>, %v: tensor<?x?x3x5xf32>, %f: tensor<?x?x3xf32>, %i: tensor<?x?x3xf32>) -> (tensor<?x?x3x5xf32>, tensor<?x?x3x5xf32>) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %q, %c0 : tensor<?x?x3x4xf32>
  %e = math.exp %f : tensor<?x?x3xf32>
  %g = arith.negf %e : tensor<?x?x3xf32>
  %s = seq.state_init %b : !seq.state<3x4x5xf32>
  %n = seq.state_init %b : !seq.state<3x4xf32>
  %m = seq.state_init %b : !seq.state<3xf32, init = -1.0e38>
  %o, %s1, %n1, %m1 = seq.state_mix %q, %k, %v g(%g : tensor<?x?x3xf32>) i(%i : tensor<?x?x3xf32>) states(%s, %n, %m : !seq.state<3x4x5xf32>, !seq.state<3x4xf32>, !seq.state<3xf32, init = -1.0e38>) decay head update outer read post normaliser max {eps = 1.0e-6} : tensor<?x?x3x4xf32>, tensor<?x?x3x4xf32>, tensor<?x?x3x5xf32>
  %p, %s2, %n2, %m2 = seq.state_mix %k, %q, %v g(%g : tensor<?x?x3xf32>) i(%i : tensor<?x?x3xf32>) states(%s1, %n1, %m1 : !seq.state<3x4x5xf32>, !seq.state<3x4xf32>, !seq.state<3xf32, init = -1.0e38>) decay head update outer read post normaliser max {eps = 1.0e-6} : tensor<?x?x3x4xf32>, tensor<?x?x3x4xf32>, tensor<?x?x3x5xf32>
  return %o, %p : tensor<?x?x3x5xf32>, tensor<?x?x3x5xf32>
}

func.func @delta(%q: tensor<?x?x2x7xf32>, %k: tensor<?x?x2x7xf32>, %v: tensor<?x?x2x9xf32>, %b: tensor<?x?x2xf32>) -> tensor<?x?x2x9xf32> {
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %q, %c0 : tensor<?x?x2x7xf32>
  %unit = seq.l2_norm %k eps 1.0e-6 : tensor<?x?x2x7xf32>
  %beta = seq.activation %b sigmoid : tensor<?x?x2xf32>
  %s = seq.state_init %rows : !seq.state<2x7x9xf32>
  %o, %n = seq.state_mix %q, %unit, %v beta(%beta : tensor<?x?x2xf32>) states(%s : !seq.state<2x7x9xf32>) decay none update delta read post : tensor<?x?x2x7xf32>, tensor<?x?x2x7xf32>, tensor<?x?x2x9xf32>
  return %o : tensor<?x?x2x9xf32>
}

func.func @selective(%x: tensor<?x?x10xf32>, %dt: tensor<?x?x10xf32>, %B: tensor<?x?x2x3xf32>, %C: tensor<?x?x2x3xf32>) -> tensor<?x?x10xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x10xf32>
  %A = arith.constant dense<-0.5> : tensor<10x3xf32>
  %s = seq.state_init %b : !seq.state<10x3xf32>
  %y, %n = seq.selective_scan %x, %dt, %A, %B, %C states(%s : !seq.state<10x3xf32>) {dt_softplus} : tensor<?x?x10xf32>, tensor<?x?x10xf32>, tensor<10x3xf32>, tensor<?x?x2x3xf32>, tensor<?x?x2x3xf32>
  return %y : tensor<?x?x10xf32>
}

func.func @heads(%x: tensor<?x?x4x5xf32>, %dt: tensor<?x?x4xf32>, %B: tensor<?x?x2x6xf32>, %C: tensor<?x?x2x6xf32>) -> (tensor<?x?x4x5xf32>, tensor<?x?x4x5xf32>) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %dt, %c0 : tensor<?x?x4xf32>
  %A = arith.constant dense<[-0.5, -1.0, -0.1, -2.0]> : tensor<4xf32>
  %s = seq.state_init %b : !seq.state<4x6x5xf32>
  %y, %n = seq.selective_scan %x, %dt, %A, %B, %C states(%s : !seq.state<4x6x5xf32>) {dt_softplus} : tensor<?x?x4x5xf32>, tensor<?x?x4xf32>, tensor<4xf32>, tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>
  %z, %m = seq.selective_scan %x, %dt, %A, %C, %B states(%n : !seq.state<4x6x5xf32>) {dt_softplus} : tensor<?x?x4x5xf32>, tensor<?x?x4xf32>, tensor<4xf32>, tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>
  return %y, %z : tensor<?x?x4x5xf32>, tensor<?x?x4x5xf32>
}

// A function that is called three times, each time with states of its own.
func.func private @layer(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %q = seq.split_heads %x 2 : tensor<?x?x8xf32>
  %b = tensor.dim %q, %c0 : tensor<?x?x2x4xf32>
  %t = tensor.dim %q, %c1 : tensor<?x?x2x4xf32>
  %s = seq.state_init %b capacity %t : !seq.kv<2x4xf32>
  %m = seq.state_init %b : !seq.state<8xf32>
  %n = seq.kv_append %s, %q, %q : !seq.kv<2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  %a = seq.attention %q, %n {causal} : tensor<?x?x2x4xf32>, !seq.kv<2x4xf32>
  %h = seq.merge_heads %a : tensor<?x?x2x4xf32>
  %r, %k = seq.token_shift %x state %m : tensor<?x?x8xf32>, !seq.state<8xf32>
  %y = arith.addf %h, %r : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

func.func @layers(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = call @layer(%x) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %z = call @layer(%y) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %r = call @layer(%z) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %r : tensor<?x?x8xf32>
}

// A function that makes states for its caller, and one that goes on with them.
func.func private @make(%x: tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, !seq.kv<2x4xf32>, !seq.state<8xf32, init = 0.5>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %capacity = arith.muli %t, %c2 : index
  %s = seq.state_init %b capacity %capacity : !seq.kv<2x4xf32>
  %m = seq.state_init %b : !seq.state<8xf32, init = 0.5>
  %k = seq.split_heads %x 2 : tensor<?x?x8xf32>
  %n = seq.kv_append %s, %k, %k : !seq.kv<2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  %y, %r = seq.token_shift %x state %m : tensor<?x?x8xf32>, !seq.state<8xf32, init = 0.5>
  return %y, %n, %r : tensor<?x?x8xf32>, !seq.kv<2x4xf32>, !seq.state<8xf32, init = 0.5>
}

func.func private @go_on(%x: tensor<?x?x8xf32>, %s: !seq.kv<2x4xf32>, %m: !seq.state<8xf32, init = 0.5>) -> (tensor<?x?x8xf32>, !seq.kv<2x4xf32>, !seq.state<8xf32, init = 0.5>) {
  %k = seq.split_heads %x 2 : tensor<?x?x8xf32>
  %n = seq.kv_append %s, %k, %k : !seq.kv<2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  %a = seq.attention %k, %n {causal} : tensor<?x?x2x4xf32>, !seq.kv<2x4xf32>
  %h = seq.merge_heads %a : tensor<?x?x2x4xf32>
  %y, %r = seq.token_shift %h state %m : tensor<?x?x8xf32>, !seq.state<8xf32, init = 0.5>
  return %y, %n, %r : tensor<?x?x8xf32>, !seq.kv<2x4xf32>, !seq.state<8xf32, init = 0.5>
}

func.func @made_below(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y, %s, %m = call @make(%x) : (tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, !seq.kv<2x4xf32>, !seq.state<8xf32, init = 0.5>)
  %z, %s1, %m1 = call @go_on(%y, %s, %m) : (tensor<?x?x8xf32>, !seq.kv<2x4xf32>, !seq.state<8xf32, init = 0.5>) -> (tensor<?x?x8xf32>, !seq.kv<2x4xf32>, !seq.state<8xf32, init = 0.5>)
  return %z : tensor<?x?x8xf32>
}

// A state that a loop carries, by way of one that the loop makes in every round.
func.func @loop(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %s = seq.state_init %b : !seq.state<8xf32>
  %n = scf.for %i = %c0 to %c3 step %c1 iter_args(%c = %s) -> !seq.state<8xf32> {
    %f = seq.state_init %b : !seq.state<8xf32, init = 0.25>
    %u, %d = seq.token_shift %x state %f : tensor<?x?x8xf32>, !seq.state<8xf32, init = 0.25>
    %v, %g = seq.token_shift %u state %c : tensor<?x?x8xf32>, !seq.state<8xf32>
    scf.yield %g : !seq.state<8xf32>
  }
  %y, %m = seq.token_shift %x state %n : tensor<?x?x8xf32>, !seq.state<8xf32>
  return %y : tensor<?x?x8xf32>
}
