seqm.export "a" = @a kind "other" arguments ["x"] results ["y"]
seqm.export "b" = @b kind "other" arguments ["x"] results ["y"]
func.func @a(%x: tensor<?x?x4xf32>, %s: !seq.state<4xf32> {seqm.name = "s"}) -> (tensor<?x?x4xf32>, !seq.state<4xf32>) {
  %y, %n = seq.token_shift %x state %s : tensor<?x?x4xf32>, !seq.state<4xf32>
  return %y, %n : tensor<?x?x4xf32>, !seq.state<4xf32>
}
func.func @b(%x: tensor<?x?x8xf32>, %s: !seq.state<8xf32> {seqm.name = "s"}) -> (tensor<?x?x8xf32>, !seq.state<8xf32>) {
  %y, %n = seq.token_shift %x state %s : tensor<?x?x8xf32>, !seq.state<8xf32>
  return %y, %n : tensor<?x?x8xf32>, !seq.state<8xf32>
}
