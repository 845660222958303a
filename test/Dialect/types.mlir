// RUN: seq-opt %s | seq-opt | FileCheck %s

// CHECK: func.func private @states(!seq.state<4x8x16xf32>, !seq.state<i64>, !seq.state<4xbf16, init = 1.500000e+00>)
func.func private @states(!seq.state<4x8x16xf32>, !seq.state<i64>, !seq.state<4xbf16, init = 1.5>)
// An initial value of 0 is not printed; one that few digits do not say keeps all of them.
// CHECK: func.func private @initial(!seq.state<4xf32>, !seq.state<4xf32, init = -1.000000e+38>, !seq.state<4xf32, init = 3.33333333333333315e-01>)
func.func private @initial(!seq.state<4xf32, init = 0.0>, !seq.state<4xf32, init = -1.0e38>, !seq.state<4xf32, init = 0.3333333333333333>)
// CHECK: func.func private @kv(!seq.kv<2x8xf32>, !seq.kv<2x8xf32>, !seq.kv<2x8x16xf16>)
func.func private @kv(!seq.kv<2x8xf32>, !seq.kv<2x8x8xf32>, !seq.kv<2x8x16xf16>)
// CHECK: func.func private @blocks(tensor<2x32x!seq.q4_0>, tensor<2x32x!seq.q4_1>, tensor<2x32x!seq.q8_0>)
func.func private @blocks(tensor<2x32x!seq.q4_0>, tensor<2x32x!seq.q4_1>, tensor<2x32x!seq.q8_0>)
