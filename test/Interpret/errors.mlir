// RUN: seq-opt %s --seq-interpret --split-input-file --verify-diagnostics -o /dev/null

// Every case fails at the op that can not go on.

func.func @close() {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.5, 4.0]]> : tensor<2x2xf32>
  // expected-error @+1 {{fails at [1, 0]: actual 3, expected 3.5 (difference -0.5)}}
  check.expect_close %a, %b : tensor<2x2xf32>
  return
}

// -----

func.func @tolerance() {
  %a = arith.constant dense<[100.0, 1.25]> : tensor<2xf64>
  %b = arith.constant dense<[101.0, 1.0]> : tensor<2xf64>
  // 1 is below 1 % of 101 and 1/8; 1/4 is not below 1 % and 1/8.
  // expected-error @+1 {{fails at [1]}}
  check.expect_close %a, %b {atol = 0.125 : f64, rtol = 0.01 : f64} : tensor<2xf64>
  return
}

// -----

func.func @nan() {
  %a = arith.constant dense<0x7FF8000000000000> : tensor<1xf64>
  %b = arith.constant dense<1.0> : tensor<1xf64>
  // expected-error @+1 {{fails at [0]: actual nan, expected 1}}
  check.expect_close %a, %b : tensor<1xf64>
  return
}

// -----

func.func @infinite() {
  %a = arith.constant dense<1.0> : tensor<1xf64>
  %b = arith.constant dense<0x7FF0000000000000> : tensor<1xf64>
  // expected-error @+1 {{fails at [0]: actual 1, expected inf}}
  check.expect_close %a, %b {rtol = 0.5 : f64} : tensor<1xf64>
  return
}

// -----

func.func @equal() {
  %a = arith.constant dense<[1, 2]> : tensor<2xi32>
  %b = arith.constant dense<[1, 3]> : tensor<2xi32>
  // expected-error @+1 {{fails at [1]: actual 2, expected 3}}
  check.expect_equal %a, %b : tensor<2xi32>
  return
}

// -----

func.func @shapes() {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %a = tensor.empty(%c2) : tensor<?xf32>
  %b = tensor.empty(%c3) : tensor<?xf32>
  // expected-error @+1 {{compares 2 with 3}}
  check.expect_equal %a, %b : tensor<?xf32>
  return
}

// -----

func.func @unknown_constant() {
  // expected-error @+1 {{is a constant of a kind that the oracle does not know}}
  %a = arith.constant dense<1.0> : vector<4xf32>
  return
}

// -----

func.func @unknown_op(%p: memref<4xf32>) { return }
func.func @runs() {
  // expected-error @+1 {{'memref.alloc' op is not known to the oracle}}
  %m = memref.alloc() : memref<4xf32>
  return
}

// -----

func.func @branches() {
  cf.br ^bb1
^bb1:
  return
}
// expected-error @-5 {{has branches between blocks, which the oracle does not know}}

// -----

func.func private @deeper() {
  func.call @deeper() : () -> ()
  return
}
// expected-error @-4 {{is called 256 calls deep}}
func.func @recursion() {
  func.call @deeper() : () -> ()
  return
}

// -----

func.func private @elsewhere()
// expected-error @-1 {{has no body}}
func.func @external() {
  func.call @elsewhere() : () -> ()
  return
}

// -----

func.func @experts() {
  %x = arith.constant dense<1.0> : tensor<1x2xf32>
  %i = arith.constant dense<[[0, -1]]> : tensor<1x2xi32>
  %w = arith.constant dense<1.0> : tensor<3x1x2xf32>
  // expected-error @+1 {{has the index -1 (number 1), outside [0, 3)}}
  %y = seq.expert_linear %x, %i, %w : tensor<1x2xf32>, tensor<1x2xi32>, tensor<3x1x2xf32>
  return
}

// -----

func.func @ids() {
  %ids = arith.constant dense<[[0, 3]]> : tensor<1x2xi32>
  %table = arith.constant dense<1.0> : tensor<3x4xf32>
  // expected-error @+1 {{looks up the id 3 (number 1), outside [0, 3)}}
  %y = seq.embedding %ids, %table : tensor<1x2xi32>, tensor<3x4xf32> -> tensor<1x2x4xf32>
  return
}

// -----

func.func @full() {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %k = tensor.empty() : tensor<1x3x1x4xf32>
  %s0 = seq.state_init %c1 capacity %c2 : !seq.kv<1x4xf32>
  // expected-error @+1 {{appends 3 tokens to a state that holds 0 of 2}}
  %s1 = seq.kv_append %s0, %k, %k : !seq.kv<1x4xf32>, tensor<1x3x1x4xf32>, tensor<1x3x1x4xf32>
  return
}

// -----

// Extents that types leave open are compared when the op runs.
func.func @batches() {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %x = tensor.empty(%c2) : tensor<?x3x5xf32>
  %s0 = seq.state_init %c1 : !seq.state<5xf32>
  // expected-error @+1 {{the state is 1x5 where the other operands ask for 2x5}}
  %y, %s1 = seq.token_shift %x state %s0 : tensor<?x3x5xf32>, !seq.state<5xf32>
  return
}

// -----

func.func @times() {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %q = tensor.empty(%c2) : tensor<1x?x1x4xf32>
  %v = tensor.empty(%c3) : tensor<1x?x1x4xf32>
  // expected-error @+1 {{v is 1x3x1x4 where the other operands ask for 1x2x?x?}}
  %o = seq.retention %q, %q, %v : tensor<1x?x1x4xf32>, tensor<1x?x1x4xf32>, tensor<1x?x1x4xf32>
  return
}

// -----

func.func @elementwise() {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %a = tensor.empty(%c2) : tensor<?xf32>
  %b = tensor.empty(%c3) : tensor<?xf32>
  // expected-error @+1 {{has operands of 2 and 3}}
  %y = arith.addf %a, %b : tensor<?xf32>
  return
}

// -----

func.func @cast() {
  %c2 = arith.constant 2 : index
  %a = tensor.empty(%c2) : tensor<?xf32>
  // expected-error @+1 {{has a result that is no 'tensor<3xf32>': its shape is 2}}
  %y = tensor.cast %a : tensor<?xf32> to tensor<3xf32>
  return
}

// -----

func.func @zero() {
  %a = arith.constant dense<[1, 2]> : tensor<2xi32>
  %b = arith.constant dense<[1, 0]> : tensor<2xi32>
  // expected-error @+1 {{divides by zero}}
  %y = arith.divsi %a, %b : tensor<2xi32>
  return
}

// -----

func.func @conversion() {
  %a = arith.constant dense<[1.0, 300.0]> : tensor<2xf32>
  // expected-error @+1 {{converts a number that its type can not hold}}
  %y = arith.fptosi %a : tensor<2xf32> to tensor<2xi8>
  return
}

// -----

func.func @shift() {
  %a = arith.constant 1 : i32
  %b = arith.constant 32 : i32
  // expected-error @+1 {{shifts by its width or more}}
  %y = arith.shli %a, %b : i32
  return
}

// -----

func.func @index() {
  %c5 = arith.constant 5 : index
  %a = arith.constant dense<[1.0, 300.0]> : tensor<2xf32>
  // expected-error @+1 {{has the index 5 in dimension 0 of 2}}
  %y = tensor.extract %a[%c5] : tensor<2xf32>
  return
}

// -----

func.func @slice() {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %a = arith.constant dense<[1.0, 300.0]> : tensor<2xf32>
  // expected-error @+1 {{takes a part at 1 of 2 outside 2}}
  %y = tensor.extract_slice %a[%c1] [%c2] [1] : tensor<2xf32> to tensor<?xf32>
  return
}

// -----

func.func @memory() {
  %huge = arith.constant 1099511627776 : index
  // expected-error @+1 {{too large for the oracle}}
  %y = tensor.empty(%huge, %huge) : tensor<?x?xf32>
  return
}

// -----

func.func @negative() {
  %n = arith.constant -1 : index
  // expected-error @+1 {{would make a tensor with the extent -1}}
  %y = tensor.empty(%n) : tensor<?xf32>
  return
}

// -----

func.func @step() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{has the step 0}}
  scf.for %i = %c0 to %c1 step %c0 {
  }
  return
}

// -----

func.func @no_token() {
  %c0 = arith.constant 0 : index
  %x = tensor.empty(%c0) : tensor<2x?x3xf32>
  // expected-error @+1 {{has no last token: x is 2x0x3}}
  %y = seq.last %x : tensor<2x?x3xf32>
  return
}

// -----

// expected-error @+1 {{can not read 'no/such/file': No such file or directory}}
seqm.parameter @w : tensor<2xf32> = #seqm.file<"no/such/file", offset = 0>
func.func @missing_file() {
  %w = seqm.load @w : tensor<2xf32>
  return
}

// -----

// expected-error @+1 {{has the part @u, which does not exist}}
seqm.parameter @w : tensor<2xf32> = #seqm.concat<[@u]>
func.func @missing_part() {
  %w = seqm.load @w : tensor<2xf32>
  return
}

// -----

seqm.parameter @u : tensor<1xf32> = dense<1.0> : tensor<1xf32>
// expected-error @+1 {{has parts of 1 elements, not 2}}
seqm.parameter @w : tensor<2xf32> = #seqm.concat<[@u]>
func.func @short_part() {
  %w = seqm.load @w : tensor<2xf32>
  return
}

// -----

// expected-error @+1 {{is part of itself}}
seqm.parameter @w : tensor<2xf32> = #seqm.concat<[@w]>
func.func @circle() {
  %w = seqm.load @w : tensor<2xf32>
  return
}
