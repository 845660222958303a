// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/wkv4.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// RWKV-4: a head a channel, K = V = 1, the key as an input gate, the ratio read before the
// update. States are compared as what they stand for, S exp(m) and n exp(m).
// golden: @k = k
// golden: @v = v
// golden: @decay = time_decay
// golden: @u : tensor<20x1xf32> = time_first
// golden: @num : tensor<2x20x1x1xf32> = num
// golden: @den : tensor<2x20x1xf32> = den
// golden: @max = max
// golden: @want = out
// golden: @wantZero = out_zero_state
// golden: @wantNum = out_num
// golden: @wantDen = out_den
// golden: @wantMax = out_max

!row = tensor<2x71x20x1xf32>
!s = !seq.state<20x1x1xf32>
!n = !seq.state<20x1xf32>
!m = !seq.state<20xf32, init = -1.0e38>
func.func @wkv4() {
  %k = seqm.load @k : tensor<2x71x20xf32>
  %v = seqm.load @v : tensor<2x71x20xf32>
  %decay = seqm.load @decay : tensor<20xf32>
  %u = seqm.load @u : tensor<20x1xf32>
  %rate = math.exp %decay : tensor<20xf32>
  %g = arith.negf %rate : tensor<20xf32>
  %one = arith.constant dense<1.0> : tensor<2x71x20x1xf32>
  %values = seq.split_heads %v 20 : tensor<2x71x20xf32>
  %want = seqm.load @want : tensor<2x71x20xf32>
  %wantZero = seqm.load @wantZero : tensor<2x71x20xf32>

  %zero = seq.state_mix %one, %one, %values g(%g : tensor<20xf32>) u(%u : tensor<20x1xf32>)
    i(%k : tensor<2x71x20xf32>) decay static update outer read pre normaliser ratio {u_exp}
    : !row, !row, !row
  %flatZero = seq.merge_heads %zero : !row
  check.expect_close %flatZero, %wantZero : tensor<2x71x20xf32>

  %num = seqm.load @num : tensor<2x20x1x1xf32>
  %den = seqm.load @den : tensor<2x20x1xf32>
  %max = seqm.load @max : tensor<2x20xf32>
  %s0 = check.make_state %num : tensor<2x20x1x1xf32> -> !s
  %n0 = check.make_state %den : tensor<2x20x1xf32> -> !n
  %m0 = check.make_state %max : tensor<2x20xf32> -> !m
  %o, %s1, %n1, %m1 = seq.state_mix %one, %one, %values g(%g : tensor<20xf32>) u(%u : tensor<20x1xf32>)
    i(%k : tensor<2x71x20xf32>) states(%s0, %n0, %m0 : !s, !n, !m)
    decay static update outer read pre normaliser ratio {u_exp} : !row, !row, !row
  %flat = seq.merge_heads %o : !row
  check.expect_close %flat, %want : tensor<2x71x20xf32>

  %s = check.state_contents %s1 : !s -> tensor<2x20x1x1xf32>
  %n = check.state_contents %n1 : !n -> tensor<2x20x1xf32>
  %m = check.state_contents %m1 : !m -> tensor<2x20xf32>
  %flatS = tensor.collapse_shape %s [[0], [1, 2, 3]] : tensor<2x20x1x1xf32> into tensor<2x20xf32>
  %flatN = tensor.collapse_shape %n [[0], [1, 2]] : tensor<2x20x1xf32> into tensor<2x20xf32>
  %exp = math.exp %m : tensor<2x20xf32>
  %trueS = arith.mulf %flatS, %exp : tensor<2x20xf32>
  %trueN = arith.mulf %flatN, %exp : tensor<2x20xf32>
  %wantNum = seqm.load @wantNum : tensor<2x20xf32>
  %wantDen = seqm.load @wantDen : tensor<2x20xf32>
  %wantMax = seqm.load @wantMax : tensor<2x20xf32>
  %wantExp = math.exp %wantMax : tensor<2x20xf32>
  %wantS = arith.mulf %wantNum, %wantExp : tensor<2x20xf32>
  %wantN = arith.mulf %wantDen, %wantExp : tensor<2x20xf32>
  check.expect_close %trueS, %wantS : tensor<2x20xf32>
  check.expect_close %trueN, %wantN : tensor<2x20xf32>
  return
}
