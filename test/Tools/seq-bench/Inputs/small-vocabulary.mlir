module attributes {seqm.context = 64 : i64, seqm.vocabulary = 5 : i64} {
  seqm.parameter @table : tensor<5x8xf16> = dense<0.5> : tensor<5x8xf16>
  seqm.export "score" = @score kind "other" arguments ["ids", "gate", "lengths"] results ["y"]
  func.func @score(%ids: tensor<?x?xi32>, %gate: tensor<?x?x8xbf16>, %lengths: tensor<?xi64>) -> tensor<?x?x8xf32> {
    %table = seqm.load @table : tensor<5x8xf16>
    %x = seq.embedding %ids, %table : tensor<?x?xi32>, tensor<5x8xf16> -> tensor<?x?x8xf32>
    %wide = arith.extf %gate : tensor<?x?x8xbf16> to tensor<?x?x8xf32>
    %glu = seq.glu %wide, %x silu : tensor<?x?x8xf32>
    %y = seq.token_shift %glu lengths(%lengths : tensor<?xi64>) : tensor<?x?x8xf32>
    return %y : tensor<?x?x8xf32>
  }
}
