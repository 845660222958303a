module attributes {seqm.context = 100 : i64} {
  seqm.export "forward" = @forward kind "forward" arguments ["x"] results ["y"]
  func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %a = seq.l2_norm %x eps 1.0e-6 : tensor<?x?x64xf32>
    %b = seq.rms_norm %a eps 1.0e-6 : tensor<?x?x64xf32>
    %c = seq.l2_norm %b eps 1.0e-6 : tensor<?x?x64xf32>
    return %c : tensor<?x?x64xf32>
  }
}
