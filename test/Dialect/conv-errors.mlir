// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x2x4xf32>, %w: tensor<8x4xf32>) {
  // expected-error @+1 {{conv_c1}}
  %y = seq.conv %x, %w : tensor<1x3x2x4xf32>, tensor<8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x?xf32>, %w: tensor<8x4xf32>) {
  // expected-error @+1 {{conv_c1}}
  %y = seq.conv %x, %w : tensor<1x3x?xf32>, tensor<8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<4x8xf32>) {
  // expected-error @+1 {{conv_c2}}
  %y = seq.conv %x, %w : tensor<1x3x8xf32>, tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<8x?xf32>) {
  // expected-error @+1 {{conv_c2}}
  %y = seq.conv %x, %w : tensor<1x3x8xf32>, tensor<8x?xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<8x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{conv_c3}}
  %y = seq.conv %x, %w bias(%b : tensor<4xf32>) : tensor<1x3x8xf32>, tensor<8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<8x4xf32>, %r: tensor<3x1xi1>) {
  // expected-error @+1 {{conv_c4}}
  %y = seq.conv %x, %w reset(%r : tensor<3x1xi1>) : tensor<1x3x8xf32>, tensor<8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<8x4xf32>, %n: tensor<3xi64>) {
  // expected-error @+1 {{conv_c4}}
  %y = seq.conv %x, %w lengths(%n : tensor<3xi64>) : tensor<1x3x8xf32>, tensor<8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<8x4xf32>, %s: !seq.state<4x8xf32>) {
  // expected-error @+1 {{conv_c5}}
  %y:2 = seq.conv %x, %w states(%s : !seq.state<4x8xf32>) : tensor<1x3x8xf32>, tensor<8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %w: tensor<8x1xf32>, %s: !seq.state<1x8xf32>) {
  // expected-error @+1 {{conv_c5}}
  %y:2 = seq.conv %x, %w states(%s : !seq.state<1x8xf32>) : tensor<1x3x8xf32>, tensor<8x1xf32>
  return
}
