module attributes {seqm.context = 4096 : i64} {
  seqm.parameter @rate : tensor<10x16xf32> = dense<-0.5> : tensor<10x16xf32>
  seqm.export "forward" = @forward kind "forward" arguments ["x", "q", "b"] results ["y", "o"]
  func.func @forward(%x: tensor<?x?x10xf32>, %q: tensor<?x?x2x256xf32>, %b: tensor<?x?x1x16xf32>) -> (tensor<?x?x10xf32>, tensor<?x?x2x256xf32>) {
    %rate = seqm.load @rate : tensor<10x16xf32>
    %o = seq.state_mix %q, %q, %q g(%q : tensor<?x?x2x256xf32>) decay channel update outer read post : tensor<?x?x2x256xf32>, tensor<?x?x2x256xf32>, tensor<?x?x2x256xf32>
    %h = seq.selective_scan %x, %x, %rate, %b, %b : tensor<?x?x10xf32>, tensor<?x?x10xf32>, tensor<10x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>
    %y = seq.scan %h, %x : tensor<?x?x10xf32>, tensor<?x?x10xf32>
    return %y, %o : tensor<?x?x10xf32>, tensor<?x?x2x256xf32>
  }
}
