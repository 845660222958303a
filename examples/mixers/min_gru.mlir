// minGRU (Feng et al. 2024) with candidates that stay positive, as its logarithmic form has them:
//   z = sigmoid(W_z x), c = W_h x, h = (1 - z) h + z p(c), p(c) = c + 1/2 for c >= 0, else sigmoid(c)
// x [B,T,10]. The weight holds the rows of W_h, then those of W_z. log(1 - z) = -softplus(W_z x).
!channels = tensor<?x?x10xf32>
!both = tensor<?x?x20xf32>
module attributes {seqm.name = "min_gru"} {
  seqm.parameter @weight : tensor<20x10xf32> = #seqm.normal<seed = 1, stddev = 3.0e-1 : f64>
  seqm.export "forward" = @min_gru kind "forward" arguments ["x"] results ["h"]

  func.func @min_gru(%x: !channels) -> !channels {
    %weight = seqm.load @weight : tensor<20x10xf32>
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %x, %zero : !channels
    %t = tensor.dim %x, %one : !channels
    %all = seq.linear %x, %weight : !channels, tensor<20x10xf32> -> !both
    %hidden = tensor.extract_slice %all[0, 0, 0] [%b, %t, 10] [1, 1, 1] : !both to !channels
    %gate = tensor.extract_slice %all[0, 0, 10] [%b, %t, 10] [1, 1, 1] : !both to !channels
    %candidate = call @positive(%hidden) : (!channels) -> !channels
    %rate = seq.activation %gate softplus : !channels
    %g = arith.negf %rate : !channels
    %z = seq.activation %gate sigmoid : !channels
    %input = arith.mulf %z, %candidate : !channels
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
