// An index of an expert that is not there is an error that says so: where the caller gives the index, before
// the call changes anything, and where the program computes it.

// RUN: %seqc %s -o %t.seqm
// RUN: %seq-run %t.seqm --function=given --input=1x3x8xf32=1 --input=1x3x2xi32=2
// RUN: not %seq-run %t.seqm --function=given --input=1x3x8xf32=1 --input=1x3x2xi32=3 2>&1 | FileCheck %s --check-prefix=GIVEN
// RUN: not %seq-run %t.seqm --function=given --input=1x3x8xf32=1 --input=1x3x2xi32=-1 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: %seq-run %t.seqm --function=computed --input=1x3x8xf32=1 --input=1x3x2xi32=1
// RUN: not %seq-run %t.seqm --function=computed --input=1x3x8xf32=1 --input=1x3x2xi32=2 2>&1 | FileCheck %s --check-prefix=COMPUTED
// RUN: %seq-run %t.seqm --function=rows --input=1x3xi32=2
// RUN: not %seq-run %t.seqm --function=rows --input=1x3xi32=3 2>&1 | FileCheck %s --check-prefix=ROWS

// GIVEN: error: export 'given': expert 3 at position 5 of argument 1 'experts' is outside [0, 3)
// NEGATIVE: error: export 'given': expert -1 at position 5 of argument 1 'experts' is outside [0, 3)
// COMPUTED: error: export 'computed': expert 4 at position {{[0-9]+}} is outside [0, 3)
// ROWS: error: export 'rows': token id 6 at position {{[0-9]+}} is outside [0, 5)

seqm.parameter @w : tensor<3x4x8xf32> = #seqm.normal<seed = 1, stddev = 1.0e-1 : f64>
seqm.parameter @table : tensor<5x8xf32> = #seqm.normal<seed = 2, stddev = 1.0e-1 : f64>
seqm.export "given" = @given kind "other" arguments ["x", "experts"] results ["y"]
seqm.export "computed" = @computed kind "other" arguments ["x", "halves"] results ["y"]
seqm.export "rows" = @rows kind "other" arguments ["halves"] results ["y"]

func.func @given(%x: tensor<?x?x8xf32>, %i: tensor<?x?x2xi32>) -> tensor<?x?x2x4xf32> {
  %w = seqm.load @w : tensor<3x4x8xf32>
  %y = seq.expert_linear %x, %i, %w : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<3x4x8xf32>
  return %y : tensor<?x?x2x4xf32>
}

func.func @computed(%x: tensor<?x?x8xf32>, %half: tensor<?x?x2xi32>) -> tensor<?x?x2x4xf32> {
  %w = seqm.load @w : tensor<3x4x8xf32>
  %i = arith.addi %half, %half : tensor<?x?x2xi32>
  %y = seq.expert_linear %x, %i, %w : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<3x4x8xf32>
  return %y : tensor<?x?x2x4xf32>
}

func.func @rows(%half: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %table = seqm.load @table : tensor<5x8xf32>
  %ids = arith.addi %half, %half : tensor<?x?xi32>
  %y = seq.embedding %ids, %table : tensor<?x?xi32>, tensor<5x8xf32> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
