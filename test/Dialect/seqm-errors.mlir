// RUN: seq-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{parameter_c1}}
seqm.parameter @w : tensor<?xf32> = #seqm.normal<seed = 7, stddev = 0.5 : f32>

// -----

// expected-error @+1 {{parameter_c1}}
seqm.parameter @w : f32 = #seqm.normal<seed = 7, stddev = 0.5 : f32>

// -----

// An extent that overflows is no extent.
// expected-error @+1 {{parameter_c1}}
seqm.parameter @w : tensor<4611686018427387904x4xf32> = #seqm.normal<seed = 7, stddev = 0.5 : f32>

// -----

// expected-error @+1 {{parameter_c1}}
seqm.parameter @w : tensor<8xi8> = #seqm.normal<seed = 7, stddev = 0.5 : f32> {seqm.logical = f32}

// -----

// expected-error @+1 {{parameter_c2}}
seqm.parameter @w : tensor<2xf32> = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>

// -----

// expected-error @+1 {{parameter_c3}}
seqm.parameter @w : tensor<2xf32> = #seqm.file<"w.bin", offset = -1>

// -----

// expected-error @+1 {{parameter_c4}}
seqm.parameter @w : tensor<6xf32> = #seqm.file<"w.bin", offset = 0 shape = [2, 2] strides = [1, 2]>

// -----

// expected-error @+1 {{parameter_c4}}
seqm.parameter @w : tensor<4xf32> = #seqm.file<"w.bin", offset = 0 shape = [2, 2] strides = [1]>

// -----

// expected-error @+1 {{parameter_c5}}
seqm.parameter @w : tensor<4xf32> = "values"

// -----

func.func @f() {
  // expected-error @+1 {{load_c1: there is no parameter @w}}
  %w = seqm.load @w : tensor<2xf32>
  return
}

// -----

seqm.parameter @w : tensor<2xf32> = #seqm.file<"w.bin", offset = 0>
func.func @f() {
  // expected-error @+1 {{load_c2: parameter @w is a 'tensor<2xf32>'}}
  %w = seqm.load @w : tensor<3xf32>
  return
}

// -----

func.func @f() { return }
// expected-error @+1 {{export_c1}}
seqm.export "f" = @f kind "backward" arguments [] results []

// -----

// expected-error @+1 {{export_c2: there is no function @f}}
seqm.export "f" = @f kind "other" arguments [] results []

// -----

func.func @f(%x: tensor<2xf32>, %s: !seq.state<2xf32>) { return }
// expected-error @+1 {{export_c3}}
seqm.export "f" = @f kind "other" arguments ["x", "s"] results []

// -----

// expected-error @+1 {{model_c1: seqm.context is a positive i64}}
module attributes {seqm.context = 0 : i64} {}

// -----

// expected-error @+1 {{model_c1}}
module attributes {seqm.vocabulary = "many"} {}

// -----

// expected-error @+1 {{model_c1}}
module attributes {seqm.vocabulary = 10 : i32} {}

// -----

// expected-error @+1 {{model_c2}}
module attributes {seqm.stop_tokens = array<i64: 3, -1>} {}

// -----

// expected-error @+1 {{model_c2}}
module attributes {seqm.stop_tokens = 3 : i64} {}

// -----

// expected-error @+1 {{model_c3}}
module attributes {seqm.name = 1 : i64} {}

// -----

// expected-error @+1 {{model_c3}}
module attributes {seqm.tokenizer = [1]} {}
