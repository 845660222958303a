// REQUIRES: numpy
// RUN: %python %S/check_forms.py %seqc %seq-run %seq-opt %s %t.host
// RUN: %python %S/check_forms.py %seqc %seq-run %seq-opt %s %t.v3 --target-cpu=x86-64-v3

// One op: a prefill of 4096 tokens takes it in chunks, a step token by token, and both agree with the oracle.

module attributes {seqm.context = 4096 : i64} {
  seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]
  func.func @forward(%x: tensor<?x?x1x160xf32>) -> tensor<?x?x1x160xf32> {
    %k = seq.l2_norm %x eps 1.0e-6 : tensor<?x?x1x160xf32>
    %y = seq.retention %x, %k, %x : tensor<?x?x1x160xf32>, tensor<?x?x1x160xf32>, tensor<?x?x1x160xf32>
    return %y : tensor<?x?x1x160xf32>
  }
}
