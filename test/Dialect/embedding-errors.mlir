// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%i: tensor<1x3xi32>, %t: tensor<?x8xf32>) {
  // expected-error @+1 {{embedding_c1}}
  %y = seq.embedding %i, %t : tensor<1x3xi32>, tensor<?x8xf32> -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%i: tensor<1x3xi32>, %t: tensor<8xf32>) {
  // expected-error @+1 {{embedding_c1}}
  %y = seq.embedding %i, %t : tensor<1x3xi32>, tensor<8xf32> -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%i: tensor<1x3xi32>, %t: tensor<10x8xf32>) {
  // expected-error @+1 {{embedding_c2}}
  %y = seq.embedding %i, %t : tensor<1x3xi32>, tensor<10x8xf32> -> tensor<1x3x10xf32>
  return
}

// -----

func.func @f(%i: tensor<1x3xi32>, %t: tensor<10x8xf32>) {
  // expected-error @+1 {{embedding_c2}}
  %y = seq.embedding %i, %t : tensor<1x3xi32>, tensor<10x8xf32> -> tensor<1x8xf32>
  return
}

// -----

func.func @f(%i: tensor<1x3xi32>, %t: tensor<10x8x!seq.q4_1>) {
  // expected-error @+1 {{embedding_c3}}
  %y = seq.embedding %i, %t : tensor<1x3xi32>, tensor<10x8x!seq.q4_1> -> tensor<1x3x8xf32>
  return
}
