// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK: seqm.parameter @dense : tensor<2xf32> = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
seqm.parameter @dense : tensor<2xf32> = dense<[1.0, 2.0]> : tensor<2xf32>
// CHECK: seqm.parameter @normal : tensor<2x3xf32> = #seqm.normal<seed = 7, stddev = 5.000000e-01 : f32>
seqm.parameter @normal : tensor<2x3xf32> = #seqm.normal<seed = 7, stddev = 0.5 : f32>
// CHECK: seqm.parameter @file : tensor<2x3xf32> = #seqm.file<"w.bin", offset = 64>
seqm.parameter @file : tensor<2x3xf32> = #seqm.file<"w.bin", offset = 64>
// CHECK: seqm.parameter @view : tensor<6xf32> = #seqm.file<"w.bin", offset = 64 shape = [2, 3] strides = [1, 2] stored = bf16>
seqm.parameter @view : tensor<6xf32> = #seqm.file<"w.bin", offset = 64 shape = [2, 3] strides = [1, 2] stored = bf16>
// CHECK: seqm.parameter @joined : tensor<4x3xf32> = #seqm.concat<[@normal, @file]>
seqm.parameter @joined : tensor<4x3xf32> = #seqm.concat<[@normal, @file]>

// CHECK: seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]
seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]
func.func @forward(%x: tensor<?x?x2xf32>, %s: !seq.state<2xf32>) -> tensor<?x?x2xf32> {
  // CHECK: seqm.load @dense : tensor<2xf32>
  %w = seqm.load @dense : tensor<2xf32>
  return %x : tensor<?x?x2xf32>
}
