// S4D (Gu et al. 2022) as a recurrence, with a zero-order hold; 8 complex states for each of 6 channels:
//   h = exp(dt A) h + u, y = 2 Re(C' h), C' = C (exp(dt A) - 1) / A, A = -exp(log_re) + i im, dt = exp(log_dt)
//   out = a sigmoid(b) with (a, b) = W gelu(y + D u) + bias
// u [B,T,6]. `y` is the convolution of the published code without its skip, `out` the whole layer.
!channels = tensor<?x?x6xf32>
!states = tensor<?x?x6x8x2xf32>
!rates = tensor<6x8xf32>
!pairs = tensor<6x8x2xf32>
#step = affine_map<(h, n, c) -> (h)>
#re = affine_map<(h, n, c) -> (h, n, 0)>
#im = affine_map<(h, n, c) -> (h, n, 1)>
#pair = affine_map<(h, n, c) -> (h, n, c)>
#member = affine_map<(h, n, c) -> (h, n)>
#input = affine_map<(b, t, h, n, c) -> (b, t, h)>
#state = affine_map<(b, t, h, n, c) -> (b, t, h, n, c)>
#read = affine_map<(b, t, h, n, c) -> (h, n, c)>
module attributes {seqm.name = "s4d"} {
  seqm.parameter @log_re : !rates = dense<-0.69> : !rates
  seqm.parameter @im : !rates = #seqm.normal<seed = 3, stddev = 1.0e+1 : f64>
  seqm.parameter @log_dt : tensor<6xf32> = dense<-4.0> : tensor<6xf32>
  seqm.parameter @C : !pairs = #seqm.normal<seed = 1, stddev = 7.0e-1 : f64>
  seqm.parameter @D : tensor<6xf32> = dense<1.0> : tensor<6xf32>
  seqm.parameter @weight : tensor<12x6xf32> = #seqm.normal<seed = 2, stddev = 4.0e-1 : f64>
  seqm.parameter @bias : tensor<12xf32> = dense<0.0> : tensor<12xf32>
  seqm.export "forward" = @s4d kind "forward" arguments ["u"] results ["y", "out"]

  // dt A and C', as pairs (re, im).
  func.func private @discretise(%log_re: !rates, %im: !rates, %log_dt: tensor<6xf32>, %C: !pairs) -> (!pairs, !pairs) {
    %steps = math.exp %log_dt : tensor<6xf32>
    %minus = math.exp %log_re : !rates
    %re = arith.negf %minus : !rates
    %empty = tensor.empty() : !pairs
    %g = linalg.generic {indexing_maps = [#step, #member, #member, #pair],
                         iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%steps, %re, %im : tensor<6xf32>, !rates, !rates) outs(%empty : !pairs) {
    ^bb0(%dt: f32, %a: f32, %b: f32, %out: f32):
      %member = linalg.index 2 : index
      %zero = arith.constant 0 : index
      %isRe = arith.cmpi eq, %member, %zero : index
      %part = arith.select %isRe, %a, %b : f32
      %product = arith.mulf %dt, %part : f32
      linalg.yield %product : f32
    } -> !pairs
    // C (exp(dt A) - 1) conj(A) / |A|^2
    %read = linalg.generic {indexing_maps = [#step, #member, #member, #re, #im, #pair],
                            iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%steps, %re, %im, %C, %C : tensor<6xf32>, !rates, !rates, !pairs, !pairs) outs(%empty : !pairs) {
    ^bb0(%dt: f32, %a: f32, %b: f32, %x: f32, %y: f32, %out: f32):
      %one = arith.constant 1.0 : f32
      %dtA = arith.mulf %dt, %a : f32
      %dtB = arith.mulf %dt, %b : f32
      %length = math.exp %dtA : f32
      %cos = math.cos %dtB : f32
      %sin = math.sin %dtB : f32
      %eRe = arith.mulf %length, %cos : f32
      %nRe = arith.subf %eRe, %one : f32
      %nIm = arith.mulf %length, %sin : f32
      %xRe = arith.mulf %x, %nRe : f32
      %yIm = arith.mulf %y, %nIm : f32
      %pRe = arith.subf %xRe, %yIm : f32
      %xIm = arith.mulf %x, %nIm : f32
      %yRe = arith.mulf %y, %nRe : f32
      %pIm = arith.addf %xIm, %yRe : f32
      %aa = arith.mulf %a, %a : f32
      %bb = arith.mulf %b, %b : f32
      %norm = arith.addf %aa, %bb : f32
      %s0 = arith.mulf %pRe, %a : f32
      %s1 = arith.mulf %pIm, %b : f32
      %s = arith.addf %s0, %s1 : f32
      %d0 = arith.mulf %pIm, %a : f32
      %d1 = arith.mulf %pRe, %b : f32
      %d = arith.subf %d0, %d1 : f32
      %member = linalg.index 2 : index
      %zero = arith.constant 0 : index
      %isRe = arith.cmpi eq, %member, %zero : index
      %part = arith.select %isRe, %s, %d : f32
      %quotient = arith.divf %part, %norm : f32
      linalg.yield %quotient : f32
    } -> !pairs
    return %g, %read : !pairs, !pairs
  }

  func.func @s4d(%u: !channels) -> (!channels, !channels) {
    %log_re = seqm.load @log_re : !rates
    %im = seqm.load @im : !rates
    %log_dt = seqm.load @log_dt : tensor<6xf32>
    %C = seqm.load @C : !pairs
    %D = seqm.load @D : tensor<6xf32>
    %weight = seqm.load @weight : tensor<12x6xf32>
    %bias = seqm.load @bias : tensor<12xf32>
    %g, %read = call @discretise(%log_re, %im, %log_dt, %C)
      : (!rates, !rates, tensor<6xf32>, !pairs) -> (!pairs, !pairs)
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %u, %zero : !channels
    %t = tensor.dim %u, %one : !channels

    // u stands in the real part of every state of its channel.
    %emptyStates = tensor.empty(%b, %t) : !states
    %input = linalg.generic {indexing_maps = [#input, #state],
                             iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%u : !channels) outs(%emptyStates : !states) {
    ^bb0(%in: f32, %out: f32):
      %member = linalg.index 4 : index
      %first = arith.constant 0 : index
      %isRe = arith.cmpi eq, %member, %first : index
      %none = arith.constant 0.0 : f32
      %part = arith.select %isRe, %in, %none : f32
      linalg.yield %part : f32
    } -> !states
    %h = seq.scan %input, %g {complex} : !states, !pairs

    // 2 Re(C' h) = 2 (re re - im im)
    %none = arith.constant 0.0 : f32
    %zeros = tensor.splat %none[%b, %t] : !channels
    %y = linalg.generic {indexing_maps = [#state, #read, #input],
                         iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%h, %read : !states, !pairs) outs(%zeros : !channels) {
    ^bb0(%x: f32, %r: f32, %sum: f32):
      %member = linalg.index 4 : index
      %first = arith.constant 0 : index
      %isRe = arith.cmpi eq, %member, %first : index
      %two = arith.constant 2.0 : f32
      %minusTwo = arith.constant -2.0 : f32
      %sign = arith.select %isRe, %two, %minusTwo : f32
      %product = arith.mulf %x, %r : f32
      %signed = arith.mulf %product, %sign : f32
      %next = arith.addf %sum, %signed : f32
      linalg.yield %next : f32
    } -> !channels

    %skips = seq.broadcast %D, %u : tensor<6xf32>, !channels
    %skip = arith.mulf %skips, %u : !channels
    %all = arith.addf %y, %skip : !channels
    %active = seq.activation %all gelu : !channels
    %both = seq.linear %active, %weight bias %bias
      : !channels, tensor<12x6xf32> bias tensor<12xf32> -> tensor<?x?x12xf32>
    %a = tensor.extract_slice %both[0, 0, 0] [%b, %t, 6] [1, 1, 1] : tensor<?x?x12xf32> to !channels
    %gate = tensor.extract_slice %both[0, 0, 6] [%b, %t, 6] [1, 1, 1] : tensor<?x?x12xf32> to !channels
    %out = seq.glu %gate, %a sigmoid : !channels
    return %y, %out : !channels, !channels
  }
}
