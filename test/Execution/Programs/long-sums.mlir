// REQUIRES: numpy
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.scan scan 1x1000000x2xf32,1x1000000x2xf32 9.6e-7
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.slow slow 1x1000000x3xf32 9.6e-7
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.complex complex 1x1000000x2x2xf32 9.6e-7 --target-cpu=x86-64-v3
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.selective selective 1x100000x4xf32,1x100000x4xf32,1x100000x1x3xf32,1x100000x1x3xf32 2.7e-4
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.retention retention 1x100000x3x4xf32,1x100000x3x4xf32,1x100000x3x5xf32 2.7e-4
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.gates gates 1x100000x3x4xf32,1x100000x3x4xf32,1x100000x3x5xf32,1x100000x3x4xf32 6.6e-6
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.delta delta 1x100000x3x4xf32,1x100000x3x4xf32,1x100000x3x5xf32,1x100000x3xf32,1x100000x3xf32 9.3e-6

// Long sums with decays near 0 and near 1, against the oracle. The bounds are those of "Accuracy" in docs/Spec.md, with
// u = 2^-24 and the lifetime L of an error:
//   scan, slow, complex: 16 u, whatever the length
//   selective: L = 2000, the slowest rate times the mean step; u (2 L + 4 sqrt(6 L + 19))
//   retention: L = 4096; u (L + 4 sqrt(2 L + 8))
//   gates, delta: L = 64, since the product of so many of these decays is below u; u (L + 4 sqrt(n))

seqm.export "scan" = @scan kind "other" arguments ["x", "z"] results ["h"]
seqm.export "slow" = @slow kind "other" arguments ["x"] results ["h"]
seqm.export "complex" = @complex kind "other" arguments ["x"] results ["h"]
seqm.export "selective" = @selective kind "other" arguments ["x", "z", "B", "C"] results ["y"]
seqm.export "retention" = @retention kind "other" arguments ["q", "k", "v"] results ["o"]
seqm.export "gates" = @gates kind "other" arguments ["q", "k", "v", "z"] results ["o"]
seqm.export "delta" = @delta kind "other" arguments ["q", "k", "v", "z", "b"] results ["o"]

// Log decays -exp(6 z) for normal z: from -1e-10 (the decay is 1 in f32) to -1e10 (it is 0).
func.func private @scan_decays(%z: tensor<?x?x2xf32>) -> tensor<?x?x2xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %b = tensor.dim %z, %zero : tensor<?x?x2xf32>
  %t = tensor.dim %z, %one : tensor<?x?x2xf32>
  %six = arith.constant 6.0 : f32
  %sixes = tensor.splat %six[%b, %t] : tensor<?x?x2xf32>
  %wide = arith.mulf %z, %sixes : tensor<?x?x2xf32>
  %rate = math.exp %wide : tensor<?x?x2xf32>
  %g = arith.negf %rate : tensor<?x?x2xf32>
  return %g : tensor<?x?x2xf32>
}

func.func @scan(%x: tensor<?x?x2xf32>, %z: tensor<?x?x2xf32>) -> tensor<?x?x2xf32> {
  %g = call @scan_decays(%z) : (tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
  %h = seq.scan %x, %g : tensor<?x?x2xf32>, tensor<?x?x2xf32>
  return %h : tensor<?x?x2xf32>
}

// No decay, one of a million tokens, and one that forgets at once.
func.func @slow(%x: tensor<?x?x3xf32>) -> tensor<?x?x3xf32> {
  %g = arith.constant dense<[0.0, -1.0e-6, -1.0e+4]> : tensor<3xf32>
  %h = seq.scan %x, %g : tensor<?x?x3xf32>, tensor<3xf32>
  return %h : tensor<?x?x3xf32>
}

// Rotations that hardly shrink.
func.func @complex(%x: tensor<?x?x2x2xf32>) -> tensor<?x?x2x2xf32> {
  %g = arith.constant dense<[[-1.0e-6, 0.7], [0.0, -3.1]]> : tensor<2x2xf32>
  %h = seq.scan %x, %g {complex} : tensor<?x?x2x2xf32>, tensor<2x2xf32>
  return %h : tensor<?x?x2x2xf32>
}

// Steps softplus(z), 0.8 in the mean, and rates from 1/1600 to 500.
func.func @selective(%x: tensor<?x?x4xf32>, %z: tensor<?x?x4xf32>, %B: tensor<?x?x1x3xf32>, %C: tensor<?x?x1x3xf32>) -> tensor<?x?x4xf32> {
  %A = arith.constant dense<[-6.25e-4, -1.0, -5.0e+2]> : tensor<3xf32>
  %empty = tensor.empty() : tensor<4x3xf32>
  %rates = linalg.broadcast ins(%A : tensor<3xf32>) outs(%empty : tensor<4x3xf32>) dimensions = [0]
  %y = seq.selective_scan %x, %z, %rates, %B, %C {dt_softplus} : tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<4x3xf32>, tensor<?x?x1x3xf32>, tensor<?x?x1x3xf32>
  return %y : tensor<?x?x4xf32>
}

// Heads that remember 4096 and 128 tokens, and one that forgets at once.
func.func @retention(%q: tensor<?x?x3x4xf32>, %k: tensor<?x?x3x4xf32>, %v: tensor<?x?x3x5xf32>) -> tensor<?x?x3x5xf32> {
  %o = seq.retention %q, %k, %v {log_decay = array<f64: -2.44140625e-4, -7.8e-3, -1.0e+4>} : tensor<?x?x3x4xf32>, tensor<?x?x3x4xf32>, tensor<?x?x3x5xf32>
  return %o : tensor<?x?x3x5xf32>
}

func.func @gates(%q: tensor<?x?x3x4xf32>, %k: tensor<?x?x3x4xf32>, %v: tensor<?x?x3x5xf32>, %z: tensor<?x?x3x4xf32>) -> tensor<?x?x3x5xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %b = tensor.dim %z, %zero : tensor<?x?x3x4xf32>
  %t = tensor.dim %z, %one : tensor<?x?x3x4xf32>
  %six = arith.constant 6.0 : f32
  %sixes = tensor.splat %six[%b, %t] : tensor<?x?x3x4xf32>
  %wide = arith.mulf %z, %sixes : tensor<?x?x3x4xf32>
  %rate = math.exp %wide : tensor<?x?x3x4xf32>
  %g = arith.negf %rate : tensor<?x?x3x4xf32>
  %o = seq.state_mix %q, %k, %v g(%g : tensor<?x?x3x4xf32>) decay channel update outer read post : tensor<?x?x3x4xf32>, tensor<?x?x3x4xf32>, tensor<?x?x3x5xf32>
  return %o : tensor<?x?x3x5xf32>
}

func.func @delta(%q: tensor<?x?x3x4xf32>, %k: tensor<?x?x3x4xf32>, %v: tensor<?x?x3x5xf32>, %z: tensor<?x?x3xf32>, %b: tensor<?x?x3xf32>) -> tensor<?x?x3x5xf32> {
  %unit = seq.l2_norm %k eps 1.0e-6 : tensor<?x?x3x4xf32>
  %beta = seq.activation %b sigmoid : tensor<?x?x3xf32>
  %rate = math.exp %z : tensor<?x?x3xf32>
  %small = seq.activation %z sigmoid : tensor<?x?x3xf32>
  %product = arith.mulf %rate, %small : tensor<?x?x3xf32>
  %g = arith.negf %product : tensor<?x?x3xf32>
  %o = seq.state_mix %q, %unit, %v g(%g : tensor<?x?x3xf32>) beta(%beta : tensor<?x?x3xf32>) decay head update delta read post : tensor<?x?x3x4xf32>, tensor<?x?x3x4xf32>, tensor<?x?x3x5xf32>
  return %o : tensor<?x?x3x5xf32>
}
