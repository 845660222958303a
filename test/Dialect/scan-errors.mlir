// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3xf32>, %g: tensor<1x3xf32>) {
  // expected-error @+1 {{scan_c1}}
  %h = seq.scan %x, %g : tensor<1x3xf32>, tensor<1x3xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x?xf32>, %g: tensor<1x3x8xf32>) {
  // expected-error @+1 {{scan_c1}}
  %h = seq.scan %x, %g : tensor<1x3x?xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %g: tensor<1x3x4xf32>) {
  // expected-error @+1 {{scan_c2}}
  %h = seq.scan %x, %g : tensor<1x3x8xf32>, tensor<1x3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %g: tensor<3x8xf32>) {
  // expected-error @+1 {{scan_c2}}
  %h = seq.scan %x, %g : tensor<1x3x8xf32>, tensor<3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %g: tensor<1x3x8xf32>) {
  // expected-error @+1 {{scan_c3}}
  %h = seq.scan %x, %g {complex} : tensor<1x3x8xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>) {
  %g = arith.constant dense<0.5> : tensor<8xf32>
  // expected-error @+1 {{scan_c4}}
  %h = seq.scan %x, %g : tensor<1x3x8xf32>, tensor<8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x2xf32>) {
  %g = arith.constant dense<[0.5, -3.0]> : tensor<2xf32>
  // expected-error @+1 {{scan_c4}}
  %h = seq.scan %x, %g {complex} : tensor<1x3x2xf32>, tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %g: tensor<1x3x8xf32>) {
  // expected-error @+1 {{scan_c5}}
  %h = seq.scan %x, %g form parallel {chunk = 8 : i64} : tensor<1x3x8xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %g: tensor<1x3x8xf32>, %r: tensor<3xi1>) {
  // expected-error @+1 {{scan_c6}}
  %h = seq.scan %x, %g reset(%r : tensor<3xi1>) : tensor<1x3x8xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %g: tensor<1x3x8xf32>, %n: tensor<3xi64>) {
  // expected-error @+1 {{scan_c6}}
  %h = seq.scan %x, %g lengths(%n : tensor<3xi64>) : tensor<1x3x8xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %g: tensor<1x3x8xf32>, %s: !seq.state<4xf32>) {
  // expected-error @+1 {{scan_c7}}
  %h:2 = seq.scan %x, %g states(%s : !seq.state<4xf32>) : tensor<1x3x8xf32>, tensor<1x3x8xf32>
  return
}
