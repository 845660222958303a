// REQUIRES: numpy
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.real forward 3x75x21xf64,3x75x21xf64 1e-12
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.v3 forward 1x5000x21xf64,1x5000x21xf64 1e-12 --target-cpu=x86-64-v3
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.sums sums 1x200000x3xf64 1e-13
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.segments segments "3x75x5xf64,3x75x5xf64,3x75xi64<20,3xi64<75" 1e-12
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.complex complex 2x75x5x2xf64 1e-10

// Scans of f64 sequences compute in f64: sums to f64, decays to 1e-12, rotations to 1e-11.

seqm.export "forward" = @real kind "forward" arguments ["x", "z"] results ["h"]
seqm.export "sums" = @sums kind "forward" arguments ["x"] results ["h"]
seqm.export "complex" = @complex kind "forward" arguments ["x"] results ["h"]
seqm.export "segments" = @segments kind "forward" arguments ["x", "z", "ids", "lengths"] results ["h"]

func.func @real(%x: tensor<?x?x21xf64>, %z: tensor<?x?x21xf64>) -> tensor<?x?x21xf64> {
  %square = arith.mulf %z, %z : tensor<?x?x21xf64>
  %g = arith.negf %square : tensor<?x?x21xf64>
  %h = seq.scan %x, %g : tensor<?x?x21xf64>, tensor<?x?x21xf64>
  return %h : tensor<?x?x21xf64>
}

func.func @sums(%x: tensor<?x?x3xf64>) -> tensor<?x?x3xf64> {
  %g = arith.constant dense<0.0> : tensor<3xf64>
  %h = seq.scan %x, %g : tensor<?x?x3xf64>, tensor<3xf64>
  return %h : tensor<?x?x3xf64>
}

func.func @complex(%x: tensor<?x?x5x2xf64>) -> tensor<?x?x5x2xf64> {
  %g = arith.constant dense<[[-0.1, 0.7], [0.0, -3.1], [-2.0, 9.0], [-0.01, 0.0], [-0.5, 100.0]]> : tensor<5x2xf64>
  %h = seq.scan %x, %g {complex} : tensor<?x?x5x2xf64>, tensor<5x2xf64>
  return %h : tensor<?x?x5x2xf64>
}

// A sequence starts at every 3.
func.func @segments(%x: tensor<?x?x5xf64>, %z: tensor<?x?x5xf64>, %ids: tensor<?x?xi64>, %lengths: tensor<?xi64>) -> tensor<?x?x5xf64> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %b = tensor.dim %x, %zero : tensor<?x?x5xf64>
  %t = tensor.dim %x, %one : tensor<?x?x5xf64>
  %three = arith.constant 3 : i64
  %threes = tensor.splat %three[%b, %t] : tensor<?x?xi64>
  %reset = arith.cmpi eq, %ids, %threes : tensor<?x?xi64>
  %square = arith.mulf %z, %z : tensor<?x?x5xf64>
  %g = arith.negf %square : tensor<?x?x5xf64>
  %h = seq.scan %x, %g reset(%reset : tensor<?x?xi1>) lengths(%lengths : tensor<?xi64>) : tensor<?x?x5xf64>, tensor<?x?x5xf64>
  return %h : tensor<?x?x5xf64>
}
