// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/ssd_chunk_scan.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// Mamba-2: the head form of the selective scan.
// golden: @x = x
// golden: @z = z
// golden: @dt = dt
// golden: @a = A
// golden: @b = B
// golden: @c = C
// golden: @d = D
// golden: @bias = dt_bias
// golden: @want = out

func.func @ssd_chunk_scan() {
  %x = seqm.load @x : tensor<2x75x4x6xf32>
  %z = seqm.load @z : tensor<2x75x4x6xf32>
  %dt = seqm.load @dt : tensor<2x75x4xf32>
  %a = seqm.load @a : tensor<4xf32>
  %b = seqm.load @b : tensor<2x75x1x8xf32>
  %c = seqm.load @c : tensor<2x75x1x8xf32>
  %d = seqm.load @d : tensor<4xf32>
  %bias = seqm.load @bias : tensor<4xf32>
  %want = seqm.load @want : tensor<2x75x4x6xf32>
  %y = seq.selective_scan %x, %dt, %a, %b, %c skip(%d : tensor<4xf32>) z(%z : tensor<2x75x4x6xf32>) dt_bias(%bias : tensor<4xf32>)
    {dt_softplus} : tensor<2x75x4x6xf32>, tensor<2x75x4xf32>, tensor<4xf32>, tensor<2x75x1x8xf32>, tensor<2x75x1x8xf32>
  check.expect_close %y, %want : tensor<2x75x4x6xf32>
  return
}
