// minLSTM (Feng et al. 2024) with candidates that stay positive, as its logarithmic form has them:
//   f = sigmoid(W_f x), i = sigmoid(W_i x), c = W_h x, h = f / (f + i) h + i / (f + i) p(c),
//   p(c) = c + 1/2 for c >= 0, else sigmoid(c)
// x [B,T,10]. The weight holds the rows of W_h, then those of W_f and W_i.
!channels = tensor<?x?x10xf32>
!all = tensor<?x?x30xf32>
module attributes {seqm.name = "min_lstm"} {
  seqm.parameter @weight : tensor<30x10xf32> = #seqm.normal<seed = 1, stddev = 3.0e-1 : f64>
  seqm.export "forward" = @min_lstm kind "forward" arguments ["x"] results ["h"]

  func.func @min_lstm(%x: !channels) -> !channels {
    %weight = seqm.load @weight : tensor<30x10xf32>
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %x, %zero : !channels
    %t = tensor.dim %x, %one : !channels
    %all = seq.linear %x, %weight : !channels, tensor<30x10xf32> -> !all
    %hidden = tensor.extract_slice %all[0, 0, 0] [%b, %t, 10] [1, 1, 1] : !all to !channels
    %f = tensor.extract_slice %all[0, 0, 10] [%b, %t, 10] [1, 1, 1] : !all to !channels
    %i = tensor.extract_slice %all[0, 0, 20] [%b, %t, 10] [1, 1, 1] : !all to !channels
    %candidate = call @positive(%hidden) : (!channels) -> !channels
    %forget = seq.activation %f sigmoid : !channels
    %take = seq.activation %i sigmoid : !channels
    %sum = arith.addf %forget, %take : !channels
    %decay = arith.divf %forget, %sum : !channels
    %part = arith.divf %take, %sum : !channels
    %g = math.log %decay : !channels
    %input = arith.mulf %part, %candidate : !channels
    %h = seq.scan %input, %g : !channels, !channels
    return %h : !channels
  }

  func.func private @positive(%c: !channels) -> !channels {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %c, %zero : !channels
    %t = tensor.dim %c, %one : !channels
    %half = arith.constant 0.5 : f32
    %none = arith.constant 0.0 : f32
    %halves = tensor.splat %half[%b, %t] : !channels
    %nothing = tensor.splat %none[%b, %t] : !channels
    %up = arith.addf %c, %halves : !channels
    %low = seq.activation %c sigmoid : !channels
    %isPositive = arith.cmpf oge, %c, %nothing : !channels
    %p = arith.select %isPositive, %up, %low : tensor<?x?x10xi1>, !channels
    return %p : !channels
  }
}
