// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/gated_rms_norm.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// The gate behind the norm and before it, over all channels and in groups of 5. The bias stands behind the gate-free norm.
// golden: @x = x
// golden: @z = z
// golden: @w = weight
// golden: @bias = bias
// golden: @wantAfter = out_norm_before_gate
// golden: @wantBefore = out_gate_before_norm
// golden: @wantGroupsAfter = out_grouped_norm_before_gate
// golden: @wantGroupsBefore = out_grouped_gate_before_norm

func.func @gated_rms_norm() {
  %x = seqm.load @x : tensor<3x7x20xf32>
  %z = seqm.load @z : tensor<3x7x20xf32>
  %w = seqm.load @w : tensor<20xf32>
  %bias = seqm.load @bias : tensor<20xf32>
  %wantAfter = seqm.load @wantAfter : tensor<3x7x20xf32>
  %wantBefore = seqm.load @wantBefore : tensor<3x7x20xf32>
  %wantGroupsAfter = seqm.load @wantGroupsAfter : tensor<3x7x20xf32>
  %wantGroupsBefore = seqm.load @wantGroupsBefore : tensor<3x7x20xf32>
  %groupsAfter = seq.rms_norm %x weight %w gate(%z : tensor<3x7x20xf32>) eps 1.0e-5 {groups = 4 : i64} : tensor<3x7x20xf32>, tensor<20xf32>
  check.expect_close %groupsAfter, %wantGroupsAfter : tensor<3x7x20xf32>
  %groupsBefore = seq.rms_norm %x weight %w gate(%z : tensor<3x7x20xf32>) eps 1.0e-5 {gate_first, groups = 4 : i64} : tensor<3x7x20xf32>, tensor<20xf32>
  check.expect_close %groupsBefore, %wantGroupsBefore : tensor<3x7x20xf32>

  %biases = seq.broadcast %bias, %x : tensor<20xf32>, tensor<3x7x20xf32>
  %before = seq.rms_norm %x weight %w gate(%z : tensor<3x7x20xf32>) eps 1.0e-5 {gate_first} : tensor<3x7x20xf32>, tensor<20xf32>
  %beforePlus = arith.addf %before, %biases : tensor<3x7x20xf32>
  check.expect_close %beforePlus, %wantBefore : tensor<3x7x20xf32>
  %normed = seq.rms_norm %x weight %w eps 1.0e-5 : tensor<3x7x20xf32>, tensor<20xf32>
  %normedPlus = arith.addf %normed, %biases : tensor<3x7x20xf32>
  %after = seq.glu %z, %normedPlus silu : tensor<3x7x20xf32>
  check.expect_close %after, %wantAfter : tensor<3x7x20xf32>
  return
}
