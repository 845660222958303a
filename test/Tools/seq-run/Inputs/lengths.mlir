module {
  seqm.export "forward" = @forward kind "other" arguments ["x", "lengths"] results ["y"]
  seqm.export "one" = @one kind "other" arguments ["x", "lengths"] results ["y"]

  func.func private @layer(%x: tensor<?x?x8xf32>, %lengths: tensor<?xi64>) -> tensor<?x?x8xf32> {
    %y = seq.scan %x, %x lengths(%lengths : tensor<?xi64>) : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    return %y : tensor<?x?x8xf32>
  }
  func.func @forward(%x: tensor<?x?x8xf32>, %lengths: tensor<?xi64>) -> tensor<?x?x8xf32> {
    %y = call @layer(%x, %lengths) : (tensor<?x?x8xf32>, tensor<?xi64>) -> tensor<?x?x8xf32>
    return %y : tensor<?x?x8xf32>
  }
  func.func @one(%x: tensor<?x1x8xf32>, %lengths: tensor<?xi64>) -> tensor<?x1x8xf32> {
    %y = seq.token_shift %x lengths(%lengths : tensor<?xi64>) : tensor<?x1x8xf32>
    return %y : tensor<?x1x8xf32>
  }
}
