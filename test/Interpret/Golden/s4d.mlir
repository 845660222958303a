// REQUIRES: data
// RUN: %python %S/Inputs/golden.py %data/reference/ops/s4d.safetensors %s > %t.mlir
// RUN: seq-opt %t.mlir --seq-interpret -o /dev/null

// A diagonal state space with a zero-order hold (Gu et al. 2022): h = exp(dt A) h + u, y = 2 Re(C' h) with
// C' = C (exp(dt A) - 1) / A, a complex scan with 8 states a channel.
// golden: @u = u [0, 2, 1]
// golden: @logRe = log_A_real
// golden: @aIm = A_imag
// golden: @logDt = log_dt
// golden: @c = C
// golden: @want = out_conv [0, 2, 1]

#state = affine_map<(b, t, h, n) -> (b, t, h, n)>
#read = affine_map<(b, t, h, n) -> (h, n)>
#out = affine_map<(b, t, h, n) -> (b, t, h)>
func.func @s4d() {
  %u = seqm.load @u : tensor<2x71x6xf32>
  %logRe = seqm.load @logRe : tensor<6x8xf32>
  %aIm = seqm.load @aIm : tensor<6x8xf32>
  %logDt = seqm.load @logDt : tensor<6xf32>
  %c = seqm.load @c : tensor<6x8x2xf32>
  %want = seqm.load @want : tensor<2x71x6xf32>
  %dt6 = math.exp %logDt : tensor<6xf32>
  %emptyP = tensor.empty() : tensor<6x8xf32>
  %dt = linalg.broadcast ins(%dt6 : tensor<6xf32>) outs(%emptyP : tensor<6x8xf32>) dimensions = [1]
  %minusRe = math.exp %logRe : tensor<6x8xf32>
  %aRe = arith.negf %minusRe : tensor<6x8xf32>
  %gRe = arith.mulf %dt, %aRe : tensor<6x8xf32>
  %gIm = arith.mulf %dt, %aIm : tensor<6x8xf32>
  %re1 = tensor.expand_shape %gRe [[0], [1, 2]] output_shape [6, 8, 1] : tensor<6x8xf32> into tensor<6x8x1xf32>
  %im1 = tensor.expand_shape %gIm [[0], [1, 2]] output_shape [6, 8, 1] : tensor<6x8xf32> into tensor<6x8x1xf32>
  %g = tensor.concat dim(2) %re1, %im1 : (tensor<6x8x1xf32>, tensor<6x8x1xf32>) -> tensor<6x8x2xf32>

  // (exp(dt A) - 1) / A, with conj(A) / |A|^2 for 1 / A.
  %length = math.exp %gRe : tensor<6x8xf32>
  %cos = math.cos %gIm : tensor<6x8xf32>
  %sin = math.sin %gIm : tensor<6x8xf32>
  %one = arith.constant dense<1.0> : tensor<6x8xf32>
  %eRe = arith.mulf %length, %cos : tensor<6x8xf32>
  %nRe = arith.subf %eRe, %one : tensor<6x8xf32>
  %nIm = arith.mulf %length, %sin : tensor<6x8xf32>
  %rr = arith.mulf %aRe, %aRe : tensor<6x8xf32>
  %ii = arith.mulf %aIm, %aIm : tensor<6x8xf32>
  %norm = arith.addf %rr, %ii : tensor<6x8xf32>
  %t0 = arith.mulf %nRe, %aRe : tensor<6x8xf32>
  %t1 = arith.mulf %nIm, %aIm : tensor<6x8xf32>
  %t2 = arith.addf %t0, %t1 : tensor<6x8xf32>
  %fRe = arith.divf %t2, %norm : tensor<6x8xf32>
  %t3 = arith.mulf %nIm, %aRe : tensor<6x8xf32>
  %t4 = arith.mulf %nRe, %aIm : tensor<6x8xf32>
  %t5 = arith.subf %t3, %t4 : tensor<6x8xf32>
  %fIm = arith.divf %t5, %norm : tensor<6x8xf32>
  %cRe = tensor.extract_slice %c[0, 0, 0] [6, 8, 1] [1, 1, 1] : tensor<6x8x2xf32> to tensor<6x8xf32>
  %cIm = tensor.extract_slice %c[0, 0, 1] [6, 8, 1] [1, 1, 1] : tensor<6x8x2xf32> to tensor<6x8xf32>
  %t6 = arith.mulf %cRe, %fRe : tensor<6x8xf32>
  %t7 = arith.mulf %cIm, %fIm : tensor<6x8xf32>
  %readRe = arith.subf %t6, %t7 : tensor<6x8xf32>
  %t8 = arith.mulf %cRe, %fIm : tensor<6x8xf32>
  %t9 = arith.mulf %cIm, %fRe : tensor<6x8xf32>
  %readIm = arith.addf %t8, %t9 : tensor<6x8xf32>

  %emptyU = tensor.empty() : tensor<2x71x6x8x1xf32>
  %uRe = linalg.broadcast ins(%u : tensor<2x71x6xf32>) outs(%emptyU : tensor<2x71x6x8x1xf32>) dimensions = [3, 4]
  %uIm = arith.constant dense<0.0> : tensor<2x71x6x8x1xf32>
  %input = tensor.concat dim(4) %uRe, %uIm : (tensor<2x71x6x8x1xf32>, tensor<2x71x6x8x1xf32>) -> tensor<2x71x6x8x2xf32>
  %h = seq.scan %input, %g {complex} : tensor<2x71x6x8x2xf32>, tensor<6x8x2xf32>
  %hRe = tensor.extract_slice %h[0, 0, 0, 0, 0] [2, 71, 6, 8, 1] [1, 1, 1, 1, 1] : tensor<2x71x6x8x2xf32> to tensor<2x71x6x8xf32>
  %hIm = tensor.extract_slice %h[0, 0, 0, 0, 1] [2, 71, 6, 8, 1] [1, 1, 1, 1, 1] : tensor<2x71x6x8x2xf32> to tensor<2x71x6x8xf32>
  %zero = arith.constant dense<0.0> : tensor<2x71x6xf32>
  %y = linalg.generic {indexing_maps = [#state, #state, #read, #read, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%hRe, %hIm, %readRe, %readIm : tensor<2x71x6x8xf32>, tensor<2x71x6x8xf32>, tensor<6x8xf32>, tensor<6x8xf32>) outs(%zero : tensor<2x71x6xf32>) {
  ^bb0(%a: f32, %b: f32, %x: f32, %z: f32, %sum: f32):
    %two = arith.constant 2.0 : f32
    %ax = arith.mulf %a, %x : f32
    %bz = arith.mulf %b, %z : f32
    %real = arith.subf %ax, %bz : f32
    %twice = arith.mulf %two, %real : f32
    %next = arith.addf %sum, %twice : f32
    linalg.yield %next : f32
  } -> tensor<2x71x6xf32>
  check.expect_close %y, %want : tensor<2x71x6xf32>
  return
}
