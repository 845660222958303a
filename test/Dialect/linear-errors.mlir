// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<?x8xf32>) {
  // expected-error @+1 {{linear_c1}}
  %y = seq.linear %x, %w : tensor<1x3x8xf32>, tensor<?x8xf32> -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<8xf32>) {
  // expected-error @+1 {{linear_c1}}
  %y = seq.linear %x, %w : tensor<1x3x8xf32>, tensor<8xf32> -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x7xf32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{linear_c2}}
  %y = seq.linear %x, %w : tensor<1x3x7xf32>, tensor<6x8xf32> -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x?xf32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{linear_c2}}
  %y = seq.linear %x, %w : tensor<1x3x?xf32>, tensor<6x8xf32> -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{linear_c2}}
  %y = seq.linear %x, %w {transposed} : tensor<1x3x8xf32>, tensor<6x8xf32> -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{linear_c3}}
  %y = seq.linear %x, %w : tensor<1x3x8xf32>, tensor<6x8xf32> -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{linear_c3}}
  %y = seq.linear %x, %w : tensor<1x3x8xf32>, tensor<6x8xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<6x8xf32>, %b: tensor<8xf32>) {
  // expected-error @+1 {{linear_c4}}
  %y = seq.linear %x, %w bias %b : tensor<1x3x8xf32>, tensor<6x8xf32> bias tensor<8xf32> -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x40xf32>, %w: tensor<6x40x!seq.q4_0>) {
  // expected-error @+1 {{linear_c5}}
  %y = seq.linear %x, %w : tensor<1x3x40xf32>, tensor<6x40x!seq.q4_0> -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x32xf32>, %w: tensor<32x32x!seq.q8_0>) {
  // expected-error @+1 {{linear_c5}}
  %y = seq.linear %x, %w {transposed} : tensor<1x3x32xf32>, tensor<32x32x!seq.q8_0> -> tensor<1x3x32xf32>
  return
}
