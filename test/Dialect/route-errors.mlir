// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%l: tensor<1x3x?xf32>) {
  // expected-error @+1 {{route_c1}}
  %i, %w = seq.route %l softmax top 2 : tensor<1x3x?xf32>
  return
}

// -----

func.func @f(%l: tensor<f32>) {
  // expected-error @+1 {{route_c1}}
  %i, %w = seq.route %l softmax top 2 : tensor<f32>
  return
}

// -----

func.func @f(%l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{route_c2: top is at least 1 and at most the number of experts, 8}}
  %i, %w = seq.route %l softmax top 9 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{route_c2}}
  %i, %w = seq.route %l sigmoid top 0 : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%l: tensor<1x3x8xf32>, %b: tensor<7xf32>) {
  // expected-error @+1 {{route_c3}}
  %i, %w = seq.route %l bias %b softmax top 2 : tensor<1x3x8xf32>, tensor<7xf32>
  return
}

// -----

func.func @f(%l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{route_c4}}
  %i, %w = seq.route %l softmax top 2 {groups = 3 : i64} : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{route_c4}}
  %i, %w = seq.route %l softmax top 2 {groups = 4 : i64, keep_groups = 5 : i64} : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{route_c4}}
  %i, %w = seq.route %l softmax top 2 {groups = -1 : i64} : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{route_c5: group_top is at least 1 and at most the experts of a group, 2}}
  %i, %w = seq.route %l softmax top 2 {groups = 4 : i64, keep_groups = 2 : i64, group_top = 3 : i64} : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{route_c6}}
  %i, %w = seq.route %l softmax top 5 {groups = 4 : i64, keep_groups = 2 : i64} : tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%l: tensor<1x3x8xf32>) {
  // expected-error @+1 {{route_c7}}
  %i, %w = seq.route %l softmax top 2 {renormalise, eps = -1.0 : f64} : tensor<1x3x8xf32>
  return
}
