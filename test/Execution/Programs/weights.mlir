// REQUIRES: numpy
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.host forward 2x9x64xf32 1e-5
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.v3 forward 1x1x64xf32 1e-5 --target-cpu=x86-64-v3
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.q8 forward 2x9x64xf32 3e-2 --quantize=q8_0
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.outer outer "2x9x40xf32,40x40xf32,2x9xi64<40" 1e-5
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.outer8 outer "3x1x40xf32,40x40xf32,3x1xi64<40" 1e-5 --quantize=q8_0

// Matrices that are no parameters, parameters in several layouts, and other floats than
// f32. 40 outputs are no whole panels.

seqm.parameter @v : tensor<40x64xf32> = #seqm.normal<seed = 1, stddev = 1.0e-1 : f64>
seqm.parameter @half : tensor<64xf16> = dense<0.75> : tensor<64xf16>
seqm.parameter @several : tensor<64x64xf32> = #seqm.normal<seed = 3, stddev = 1.0e-1 : f64>
seqm.parameter @bias : tensor<40xf64> = dense<0.1> : tensor<40xf64>
seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]
seqm.export "outer" = @outer kind "other" arguments ["x", "w", "ids"] results ["y", "z", "e"]

// One caller passes a computed matrix, one a constant.
func.func private @layer(%x: tensor<?x?x64xf32>, %w: tensor<40x64xf32>) -> tensor<?x?x40xf32> {
  %y = seq.linear %x, %w : tensor<?x?x64xf32>, tensor<40x64xf32> -> tensor<?x?x40xf32>
  return %y : tensor<?x?x40xf32>
}

func.func private @several_uses(%x: tensor<?x?x64xf32>, %n: tensor<64xf16>, %w: tensor<64x64xf32>) -> tensor<?x?x64xf32> {
  %h = seq.rms_norm %x weight %n eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf16>
  %a = seq.linear %h, %w : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  %b = seq.linear %a, %w {transposed} : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  %e = arith.mulf %w, %w : tensor<64x64xf32>
  %c = seq.linear %b, %e : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  return %c : tensor<?x?x64xf32>
}

func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x40xf32> {
  %n = seqm.load @half : tensor<64xf16>
  %w = seqm.load @several : tensor<64x64xf32>
  %h = call @several_uses(%x, %n, %w) : (tensor<?x?x64xf32>, tensor<64xf16>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
  %v = seqm.load @v : tensor<40x64xf32>
  %negative = arith.negf %v : tensor<40x64xf32>
  %y = call @layer(%h, %negative) : (tensor<?x?x64xf32>, tensor<40x64xf32>) -> tensor<?x?x40xf32>
  %constant = arith.constant dense<0.25> : tensor<40x64xf32>
  %z = call @layer(%h, %constant) : (tensor<?x?x64xf32>, tensor<40x64xf32>) -> tensor<?x?x40xf32>
  %bias = seqm.load @bias : tensor<40xf64>
  %u = seq.linear %x, %constant bias %bias : tensor<?x?x64xf32>, tensor<40x64xf32> bias tensor<40xf64> -> tensor<?x?x40xf32>
  %s = arith.addf %y, %z : tensor<?x?x40xf32>
  %r = arith.addf %s, %u : tensor<?x?x40xf32>
  return %r : tensor<?x?x40xf32>
}

// The matrix comes from the caller of the module.
func.func @outer(%x: tensor<?x?x40xf32>, %w: tensor<40x40xf32>, %ids: tensor<?x?xi64>)
    -> (tensor<?x?x40xf32>, tensor<?x?x40xf32>, tensor<?x?x40xf32>) {
  %y = seq.linear %x, %w : tensor<?x?x40xf32>, tensor<40x40xf32> -> tensor<?x?x40xf32>
  %z = seq.linear %x, %w {transposed} : tensor<?x?x40xf32>, tensor<40x40xf32> -> tensor<?x?x40xf32>
  %e = seq.embedding %ids, %w : tensor<?x?xi64>, tensor<40x40xf32> -> tensor<?x?x40xf32>
  return %y, %z, %e : tensor<?x?x40xf32>, tensor<?x?x40xf32>, tensor<?x?x40xf32>
}
