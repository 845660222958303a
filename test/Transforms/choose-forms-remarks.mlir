// RUN: seq-opt %s --split-input-file --verify-diagnostics --seq-choose-forms -o /dev/null
// RUN: seq-opt %s --split-input-file --seq-choose-forms 2>/dev/null | FileCheck %s

// Chunks that are no whole blocks are done, but not as fast.

// CHECK: seq.retention {{.*}} form chunkwise {chunk = 24 : i64, seq.form_reason = "the program says so"}
func.func @chunk(%q: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  // expected-remark @+1 {{8 of the 24 tokens of a chunk make no whole block of 16 and go token by token}}
  %o = seq.retention %q, %q, %q form chunkwise {chunk = 24 : i64} : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
  return %o : tensor<?x?x2x8xf32>
}

// -----

// CHECK: seq.retention {{.*}} form chunkwise {chunk = 8 : i64, seq.form_reason = "the program gives a chunk"}
func.func @chunk_of_auto(%q: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  // expected-remark @+1 {{8 of the 8 tokens of a chunk make no whole block of 16 and go token by token}}
  %o = seq.retention %q, %q, %q {chunk = 8 : i64} : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
  return %o : tensor<?x?x2x8xf32>
}

// -----

// Scans have no blocks.

// CHECK: seq.scan {{.*}} form chunkwise {chunk = 24 : i64
func.func @scan(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %h = seq.scan %x, %x {chunk = 24 : i64} : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %h : tensor<?x?x8xf32>
}
