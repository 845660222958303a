// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x8xf32>, %i: tensor<1x3x2xi32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{expert_linear_c1}}
  %y = seq.expert_linear %x, %i, %w : tensor<1x3x8xf32>, tensor<1x3x2xi32>, tensor<6x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %i: tensor<1x3x2xi32>, %w: tensor<?x6x8xf32>) {
  // expected-error @+1 {{expert_linear_c1}}
  %y = seq.expert_linear %x, %i, %w : tensor<1x3x8xf32>, tensor<1x3x2xi32>, tensor<?x6x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %i: tensor<1x3x?xi32>, %w: tensor<4x6x8xf32>) {
  // expected-error @+1 {{expert_linear_c2}}
  %y = seq.expert_linear %x, %i, %w : tensor<1x3x8xf32>, tensor<1x3x?xi32>, tensor<4x6x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x7xf32>, %i: tensor<1x3x2xi32>, %w: tensor<4x6x8xf32>) {
  // expected-error @+1 {{expert_linear_c3}}
  %y = seq.expert_linear %x, %i, %w : tensor<1x3x7xf32>, tensor<1x3x2xi32>, tensor<4x6x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x3x8xf32>, %i: tensor<1x3x2xi32>, %w: tensor<4x6x8xf32>) {
  // expected-error @+1 {{expert_linear_c3}}
  %y = seq.expert_linear %x, %i, %w : tensor<1x3x3x8xf32>, tensor<1x3x2xi32>, tensor<4x6x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %i: tensor<1x3x2xi32>, %w: tensor<4x6x8xf32>, %b: tensor<6xf32>) {
  // expected-error @+1 {{expert_linear_c4}}
  %y = seq.expert_linear %x, %i, %w bias %b : tensor<1x3x8xf32>, tensor<1x3x2xi32>, tensor<4x6x8xf32> bias tensor<6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %i: tensor<1x3x2xi32>, %w: tensor<4x6x8xf32>, %c: tensor<1x3x4xf32>) {
  // expected-error @+1 {{expert_linear_c5}}
  %y = seq.expert_linear %x, %i, %w combine %c
    : tensor<1x3x8xf32>, tensor<1x3x2xi32>, tensor<4x6x8xf32> combine tensor<1x3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x48xf32>, %i: tensor<1x3x2xi32>, %w: tensor<4x6x48x!seq.q8_0>) {
  // expected-error @+1 {{expert_linear_c6}}
  %y = seq.expert_linear %x, %i, %w : tensor<1x3x48xf32>, tensor<1x3x2xi32>, tensor<4x6x48x!seq.q8_0>
  return
}
