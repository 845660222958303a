// REQUIRES: numpy
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.host forward 2x19x64xf32 1e-5
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.v3 forward 1x1x64xf32 1e-5 --target-cpu=x86-64-v3
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.q8 forward 2x9x64xf32 3e-2 --quantize=q8_0
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.q1 forward 1x1x64xf32 2e-1 --quantize=q4_1
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.outer outer 2x9x40xf32,3x24x40xf32 1e-5
// RUN: %python %S/check_function.py %seqc %seq-run %seq-opt %s %t.narrow narrow 2x9x64xf32 2e-3

// A layer of experts: the router's choice is the same in f32 and in f64 for these inputs. Its weights are
// stacks of parameters, a constant, and what a caller passes.

seqm.parameter @router : tensor<6x64xf32> = #seqm.normal<seed = 1, stddev = 2.0e-1 : f64>
seqm.parameter @correction : tensor<6xf32> = dense<[0.1, -0.1, 0.0, 0.2, 0.0, 0.05]> : tensor<6xf32>
seqm.parameter @gate0 : tensor<40x64xf32> = #seqm.normal<seed = 2, stddev = 1.0e-1 : f64>
seqm.parameter @gate1 : tensor<40x64xf32> = #seqm.normal<seed = 3, stddev = 1.0e-1 : f64>
seqm.parameter @gates : tensor<6x40x64xf32> = #seqm.concat<[@gate0, @gate1, @gate0, @gate1, @gate1, @gate0]>
seqm.parameter @ups : tensor<6x40x64xf32> = #seqm.normal<seed = 4, stddev = 1.0e-1 : f64>
seqm.parameter @downs : tensor<6x64x40xf32> = #seqm.normal<seed = 5, stddev = 1.0e-1 : f64>
seqm.parameter @biases : tensor<6x64xf32> = #seqm.normal<seed = 6, stddev = 1.0e-1 : f64>
seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]
seqm.export "outer" = @outer kind "other" arguments ["x", "w"] results ["y", "z"]
seqm.export "narrow" = @narrow kind "other" arguments ["x"] results ["y"]

func.func private @layer(%x: tensor<?x?x64xf32>, %router: tensor<6x64xf32>, %correction: tensor<6xf32>,
                         %gates: tensor<6x40x64xf32>, %ups: tensor<6x40x64xf32>, %downs: tensor<6x64x40xf32>,
                         %biases: tensor<6x64xf32>) -> tensor<?x?x64xf32> {
  %l = seq.linear %x, %router : tensor<?x?x64xf32>, tensor<6x64xf32> -> tensor<?x?x6xf32>
  %i, %w = seq.route %l bias %correction sigmoid top 2 {renormalise, groups = 3 : i64, keep_groups = 2 : i64,
    group_top = 2 : i64} : tensor<?x?x6xf32>, tensor<6xf32>
  %g = seq.expert_linear %x, %i, %gates : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<6x40x64xf32>
  %u = seq.expert_linear %x, %i, %ups : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<6x40x64xf32>
  %h = seq.glu %g, %u silu : tensor<?x?x2x40xf32>
  %y = seq.expert_linear %h, %i, %downs bias %biases combine %w : tensor<?x?x2x40xf32>, tensor<?x?x2xi32>,
    tensor<6x64x40xf32> bias tensor<6x64xf32> combine tensor<?x?x2xf32>
  return %y : tensor<?x?x64xf32>
}

func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %router = seqm.load @router : tensor<6x64xf32>
  %correction = seqm.load @correction : tensor<6xf32>
  %gates = seqm.load @gates : tensor<6x40x64xf32>
  %ups = seqm.load @ups : tensor<6x40x64xf32>
  %downs = seqm.load @downs : tensor<6x64x40xf32>
  %biases = seqm.load @biases : tensor<6x64xf32>
  %y = call @layer(%x, %router, %correction, %gates, %ups, %downs, %biases)
    : (tensor<?x?x64xf32>, tensor<6x64xf32>, tensor<6xf32>, tensor<6x40x64xf32>, tensor<6x40x64xf32>, tensor<6x64x40xf32>, tensor<6x64xf32>) -> tensor<?x?x64xf32>
  %s = arith.addf %x, %y : tensor<?x?x64xf32>
  return %s : tensor<?x?x64xf32>
}

// Matrices from the caller of the module, and constant ones.
func.func @outer(%x: tensor<?x?x40xf32>, %w: tensor<3x24x40xf32>) -> (tensor<?x?x2x24xf32>, tensor<?x?x5xf32>) {
  %r = arith.constant dense<[[1.0], [-1.0], [0.5]]> : tensor<3x1xf32>
  %first = arith.constant dense<1.0> : tensor<1x40xf32>
  %sum = seq.linear %x, %first : tensor<?x?x40xf32>, tensor<1x40xf32> -> tensor<?x?x1xf32>
  %l = seq.linear %sum, %r : tensor<?x?x1xf32>, tensor<3x1xf32> -> tensor<?x?x3xf32>
  %i, %p = seq.route %l softmax top 2 : tensor<?x?x3xf32>
  %y = seq.expert_linear %x, %i, %w : tensor<?x?x40xf32>, tensor<?x?x2xi32>, tensor<3x24x40xf32>
  %c = arith.constant dense<0.25> : tensor<3x5x40xf32>
  %z = seq.expert_linear %x, %i, %c combine %p : tensor<?x?x40xf32>, tensor<?x?x2xi32>, tensor<3x5x40xf32> combine tensor<?x?x2xf32>
  return %y, %z : tensor<?x?x2x24xf32>, tensor<?x?x5xf32>
}

// Half precision on the way is f32 in kernels.
func.func @narrow(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %h = arith.truncf %x : tensor<?x?x64xf32> to tensor<?x?x64xf16>
  %router = seqm.load @router : tensor<6x64xf32>
  %l = seq.linear %x, %router : tensor<?x?x64xf32>, tensor<6x64xf32> -> tensor<?x?x6xf32>
  %i, %w = seq.route %l softmax top 3 : tensor<?x?x6xf32>
  %ups = seqm.load @ups : tensor<6x40x64xf32>
  %downs = seqm.load @downs : tensor<6x64x40xf32>
  %u = seq.expert_linear %h, %i, %ups : tensor<?x?x64xf16>, tensor<?x?x3xi32>, tensor<6x40x64xf32>
  %y = seq.expert_linear %u, %i, %downs combine %w : tensor<?x?x3x40xf16>, tensor<?x?x3xi32>, tensor<6x64x40xf32> combine tensor<?x?x3xf32>
  %r = arith.extf %y : tensor<?x?x64xf16> to tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}
