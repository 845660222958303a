// A state that has room for four tokens and gets more.
// RUN: %seqc %s -o %t.seqm
// RUN: %seq-run %t.seqm --function=f --input=2x4x1x4xf32=1.5 | FileCheck %s
// CHECK: o: 2x4x1x4xf32 {{.*}}min 1.5 max 1.5
// RUN: not %seq-run %t.seqm --function=f --input=2x5x1x4xf32=1.5 2>&1 | FileCheck %s --check-prefix=FULL
// FULL: export 'f' puts 5 tokens into a state with room for 4: call it with fewer, or give seq.state_init (for a state of the context, the context) a larger capacity

seqm.export "f" = @f kind "other" arguments ["k"] results ["o"]
func.func @f(%k: tensor<?x?x1x4xf32>) -> tensor<?x?x1x4xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %k, %c0 : tensor<?x?x1x4xf32>
  %c4 = arith.constant 4 : index
  %s = seq.state_init %b capacity %c4 : !seq.kv<1x4xf32>
  %n = seq.kv_append %s, %k, %k : !seq.kv<1x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>
  %o = seq.attention %k, %n {causal} : tensor<?x?x1x4xf32>, !seq.kv<1x4xf32>
  return %o : tensor<?x?x1x4xf32>
}
