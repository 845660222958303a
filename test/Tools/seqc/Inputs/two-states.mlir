seqm.export "forward" = @narrow kind "forward" arguments ["x"] results ["y"]
seqm.export "wide" = @wide kind "forward" arguments ["x"] results ["y"]
func.func @narrow(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = seq.token_shift %x : tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}
func.func @wide(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = seq.token_shift %x : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
