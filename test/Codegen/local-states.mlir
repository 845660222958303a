// RUN: seq-opt %s --seq-bufferize=cpu=x86-64-v3 | FileCheck %s
// RUN: seq-opt %s --seq-bufferize=cpu=x86-64-v3 --seq-results-to-arguments --canonicalize --cse | FileCheck %s --check-prefix=RESULTS
// RUN: seq-opt %s --seq-bufferize=cpu=x86-64-v3 --seq-results-to-arguments --canonicalize --cse --seq-plan-memory | FileCheck %s --check-prefix=PLAN
// RUN: seq-opt %s --seq-stage-scheduled --seq-stage-vector | FileCheck %s --check-prefix=RUNTIME

seqm.export "shift" = @shift kind "other" arguments ["x"] results ["y"]
seqm.export "cache" = @cache kind "other" arguments ["k"] results ["o"]
seqm.export "caller" = @caller kind "other" arguments ["x"] results ["y"]

// A state is a buffer and the tokens of its rows, which a kernel makes fresh.
// CHECK-LABEL: func.func @shift
// CHECK-SAME: %[[X:[^:]*]]: memref<?x?x8xf32>
// CHECK-DAG: %[[B:.*]] = memref.dim %[[X]], %c0
// CHECK-DAG: %[[S:.*]] = memref.alloc(%[[B]]) {alignment = 64 : i64} : memref<?x8xf32>
// CHECK-DAG: %[[N:.*]] = memref.alloc(%[[B]]) {alignment = 64 : i64} : memref<?xi64>
// CHECK: %[[STATE:.*]] = seq.local_state %[[N]], %[[S]] : memref<?xi64>, memref<?x8xf32> -> !seq.state<8xf32, init = 5.000000e-01>
// CHECK-NEXT: call @kernel.state_init.{{[0-9A-F]+}}(%[[STATE]])
// CHECK: call @kernel.token_shift.{{[0-9A-F]+}}(%[[X]], %[[STATE]], %{{.*}})
//
// The memory is taken from the arena, and no buffer has it before the state's last use.
// PLAN-LABEL: func.func private @shift.arena(%arg0: index, %arg1: index, %arg2: index
// PLAN-LABEL: func.func @shift
// PLAN-SAME: %[[ARENA:[^:]*]]: !llvm.ptr {seq.arena}
// PLAN-DAG: %[[S:.*]] = seq.view %[[ARENA]][%{{.*}}] (%{{.*}}) : !llvm.ptr -> memref<?x8xf32>
// PLAN-DAG: %[[N:.*]] = seq.view %[[ARENA]][%{{.*}}] (%{{.*}}) : !llvm.ptr -> memref<?xi64>
// PLAN-NOT: memref.alloc
// PLAN: seq.local_state %[[N]], %[[S]]
//
// What kernels see of it stands on the stack: 32 bytes of pointers, the tokens, rows, and room.
// RUNTIME-LABEL: func.func private @shift(
// RUNTIME: %[[STATE:.*]] = llvm.alloca %{{.*}} x !llvm.array<7 x i64>
// RUNTIME: llvm.store %{{.*}}, %[[STATE]] : i64, !llvm.ptr
// RUNTIME: %[[COUNT:.*]] = llvm.getelementptr %[[STATE]][32]
// RUNTIME-NEXT: llvm.store %{{.*}}, %[[COUNT]]
// RUNTIME: %[[ROWS:.*]] = llvm.getelementptr %[[STATE]][40]
// RUNTIME-NEXT: llvm.store %{{.*}}, %[[ROWS]]
// RUNTIME: %[[ROOM:.*]] = llvm.getelementptr %[[STATE]][48]
// RUNTIME-NEXT: llvm.store %c0_i64, %[[ROOM]]
// RUNTIME: call @kernel.state_init.{{[0-9A-F]+}}(%{{.*}}, %[[STATE]])
func.func @shift(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %s = seq.state_init %b : !seq.state<8xf32, init = 0.5>
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32, init = 0.5>
  return %y : tensor<?x?x8xf32>
}

// Keys stand in whole panels of 32 tokens.
// CHECK-LABEL: func.func @cache
// CHECK-DAG: %[[T:.*]] = memref.dim %{{.*}}, %c1
// CHECK-DAG: %[[UP:.*]] = arith.addi %[[T]], %c31
// CHECK-DAG: %[[PANELS:.*]] = arith.divui %[[UP]], %c32
// CHECK-DAG: %[[K:.*]] = memref.alloc(%{{.*}}, %[[PANELS]]) {alignment = 64 : i64} : memref<?x2x?x4x32xf32>
// CHECK-DAG: %[[V:.*]] = memref.alloc(%{{.*}}, %[[T]]) {alignment = 64 : i64} : memref<?x2x?x4xf32>
// CHECK: seq.local_state %{{.*}}, %[[K]], %[[V]]
func.func @cache(%k: tensor<?x?x2x4xf32>) -> tensor<?x?x2x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %k, %c0 : tensor<?x?x2x4xf32>
  %t = tensor.dim %k, %c1 : tensor<?x?x2x4xf32>
  %s = seq.state_init %b capacity %t : !seq.kv<2x4xf32>
  %n = seq.kv_append %s, %k, %k : !seq.kv<2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  %o = seq.attention %k, %n {causal} : tensor<?x?x2x4xf32>, !seq.kv<2x4xf32>
  return %o : tensor<?x?x2x4xf32>
}

// A state that a function returns has memory of its caller.
// RESULTS-LABEL: func.func private @make
// RESULTS-SAME: (%{{.*}}: memref<?x?x8xf32>, %[[S:.*]]: !seq.state<8xf32>)
// RESULTS-NEXT: call @kernel.state_init.{{[0-9A-F]+}}(%[[S]])
// RESULTS-NEXT: return
// RESULTS-LABEL: func.func @caller
// RESULTS: %[[S:.*]] = seq.local_state
// RESULTS: call @make(%{{.*}}, %[[S]])
// RESULTS: call @kernel.token_shift.{{[0-9A-F]+}}(%{{.*}}, %[[S]], %{{.*}})
func.func private @make(%x: tensor<?x?x8xf32>) -> !seq.state<8xf32> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %s = seq.state_init %b : !seq.state<8xf32>
  return %s : !seq.state<8xf32>
}

func.func @caller(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %s = call @make(%x) : (tensor<?x?x8xf32>) -> !seq.state<8xf32>
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  return %y : tensor<?x?x8xf32>
}
