// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x3x?xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{selective_scan_c1}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x?xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8x1x1xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{selective_scan_c1}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x8x1x1xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x4xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{selective_scan_c2}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x8xf32>, tensor<1x3x4xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x5xf32>, %dt: tensor<1x3x4x5xf32>, %a: tensor<4xf32>, %b: tensor<1x3x2x6xf32>, %c: tensor<1x3x2x6xf32>) {
  // expected-error @+1 {{selective_scan_c2}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x4x5xf32>, tensor<1x3x4x5xf32>, tensor<4xf32>, tensor<1x3x2x6xf32>, tensor<1x3x2x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x5xf32>, %dt: tensor<1x3x4xf32>, %a: tensor<4xf32>, %b: tensor<1x3x2x6xf32>, %c: tensor<1x3x2x6xf32>) {
  // expected-error @+1 {{selective_scan_c3}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c {complex} : tensor<1x3x4x5xf32>, tensor<1x3x4xf32>, tensor<4xf32>, tensor<1x3x2x6xf32>, tensor<1x3x2x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<4x8xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{selective_scan_c4}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<4x8xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4x2xf32>, %c: tensor<1x3x2x4x2xf32>) {
  // expected-error @+1 {{selective_scan_c4}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c {complex} : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4x2xf32>, tensor<1x3x2x4x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x5xf32>, %dt: tensor<1x3x4xf32>, %a: tensor<4x6xf32>, %b: tensor<1x3x2x6xf32>, %c: tensor<1x3x2x6xf32>) {
  // expected-error @+1 {{selective_scan_c4}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x4x5xf32>, tensor<1x3x4xf32>, tensor<4x6xf32>, tensor<1x3x2x6xf32>, tensor<1x3x2x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x5xf32>, %c: tensor<1x3x2x5xf32>) {
  // expected-error @+1 {{selective_scan_c5}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x5xf32>, tensor<1x3x2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x1x4xf32>) {
  // expected-error @+1 {{selective_scan_c5}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x1x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4x2xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{selective_scan_c5}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c {complex} : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4x2xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x3x4xf32>, %c: tensor<1x3x3x4xf32>) {
  // expected-error @+1 {{selective_scan_c6}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x3x4xf32>, tensor<1x3x3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x5xf32>, %dt: tensor<1x3x4xf32>, %a: tensor<4xf32>, %b: tensor<1x3x3x6xf32>, %c: tensor<1x3x3x6xf32>) {
  // expected-error @+1 {{selective_scan_c6}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x4x5xf32>, tensor<1x3x4xf32>, tensor<4xf32>, tensor<1x3x3x6xf32>, tensor<1x3x3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>, %d: tensor<8x1xf32>) {
  // expected-error @+1 {{selective_scan_c7}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c skip(%d : tensor<8x1xf32>) : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x5xf32>, %dt: tensor<1x3x4xf32>, %a: tensor<4xf32>, %b: tensor<1x3x2x6xf32>, %c: tensor<1x3x2x6xf32>, %d: tensor<5xf32>) {
  // expected-error @+1 {{selective_scan_c7}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c skip(%d : tensor<5xf32>) : tensor<1x3x4x5xf32>, tensor<1x3x4xf32>, tensor<4xf32>, tensor<1x3x2x6xf32>, tensor<1x3x2x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>, %z: tensor<1x3x4xf32>) {
  // expected-error @+1 {{selective_scan_c8}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c z(%z : tensor<1x3x4xf32>) : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>, %d: tensor<4xf32>) {
  // expected-error @+1 {{selective_scan_c9}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c dt_bias(%d : tensor<4xf32>) : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{selective_scan_c10}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c {dt_min = 2.0 : f64, dt_max = 1.0 : f64} : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>) {
  %a = arith.constant dense<0.5> : tensor<8x4xf32>
  // expected-error @+1 {{selective_scan_c11}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{selective_scan_c12}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c form parallel : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>) {
  // expected-error @+1 {{selective_scan_c13}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c form recurrent {chunk = 4 : i64} : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>, %r: tensor<1x2xi1>) {
  // expected-error @+1 {{selective_scan_c14}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c reset(%r : tensor<1x2xi1>) : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>, %n: tensor<2xi64>) {
  // expected-error @+1 {{selective_scan_c14}}
  %y = seq.selective_scan %x, %dt, %a, %b, %c lengths(%n : tensor<2xi64>) : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x8xf32>, %dt: tensor<1x3x8xf32>, %a: tensor<8x4xf32>, %b: tensor<1x3x2x4xf32>, %c: tensor<1x3x2x4xf32>, %s: !seq.state<4x8xf32>) {
  // expected-error @+1 {{selective_scan_c15}}
  %y:2 = seq.selective_scan %x, %dt, %a, %b, %c states(%s : !seq.state<4x8xf32>) : tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<8x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x3x4x5xf32>, %dt: tensor<1x3x4xf32>, %a: tensor<4xf32>, %b: tensor<1x3x2x6xf32>, %c: tensor<1x3x2x6xf32>, %s: !seq.state<4x5x6xf32>) {
  // expected-error @+1 {{selective_scan_c15}}
  %y:2 = seq.selective_scan %x, %dt, %a, %b, %c states(%s : !seq.state<4x5x6xf32>) : tensor<1x3x4x5xf32>, tensor<1x3x4xf32>, tensor<4xf32>, tensor<1x3x2x6xf32>, tensor<1x3x2x6xf32>
  return
}
