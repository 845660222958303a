// The work of SmolLM2-135M's layers that is neither a product, attention nor a rotation, alone:
// a norm and a gate. docs/Pipelines.md ("How a seq op becomes code") says what it is compared with.
//   seqc bench/rowwise.mlir -o rowwise.seqm
//   seq-bench rowwise.seqm --function=norm --time=512
//   seq-bench rowwise.seqm --function=gate --time=512
seqm.export "norm" = @norm kind "other" arguments ["x", "weight"] results ["y"]
seqm.export "gate" = @gate kind "other" arguments ["x"] results ["y"]

func.func @norm(%x: tensor<?x?x576xf32>, %weight: tensor<576xf32>) -> tensor<?x?x576xf32> {
  %y = seq.rms_norm %x weight %weight eps 1.0e-5 : tensor<?x?x576xf32>, tensor<576xf32>
  return %y : tensor<?x?x576xf32>
}

// The gate and what it gates are the halves of one merged product.
func.func @gate(%x: tensor<?x?x3072xf32>) -> tensor<?x?x1536xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x3072xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x3072xf32>
  %gate = tensor.extract_slice %x[0, 0, 0][%b, %t, 1536][1, 1, 1] : tensor<?x?x3072xf32> to tensor<?x?x1536xf32>
  %up = tensor.extract_slice %x[0, 0, 1536][%b, %t, 1536][1, 1, 1] : tensor<?x?x3072xf32> to tensor<?x?x1536xf32>
  %y = seq.glu %gate, %up silu : tensor<?x?x1536xf32>
  return %y : tensor<?x?x1536xf32>
}
