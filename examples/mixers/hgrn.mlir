// The recurrence of HGRN (Qin et al. 2023), element by element: h = exp(g) h + x.
// x [B,T,36]: gated inputs; g [B,T,36]: logarithms of forget gates, at most 0.
!channels = tensor<?x?x36xf32>
module attributes {seqm.name = "hgrn"} {
  seqm.export "forward" = @hgrn kind "forward" arguments ["x", "g"] results ["h"]

  func.func @hgrn(%x: !channels, %g: !channels) -> !channels {
    %h = seq.scan %x, %g : !channels, !channels
    return %h : !channels
  }
}
