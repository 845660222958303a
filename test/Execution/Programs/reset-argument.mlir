// Resets are an argument of type bool: with all tokens reset, none remembers the one before.
// RUN: %seqc %s -o %t.seqm
// RUN: %seq-run %t.seqm --function=forward --input=2x3x4xf32=1.5 --input=2x3xbool=true | FileCheck %s --check-prefix=RESET
// RUN: %seq-run %t.seqm --function=forward --input=2x3x4xf32=1.5 --input=2x3xbool=false | FileCheck %s --check-prefix=WHOLE
// RESET: y: 2x3x4xf32 {{.*}}min 0 max 0
// WHOLE: y: 2x3x4xf32 {{.*}}min 0 max 1.5

module {
  seqm.export "forward" = @forward kind "forward" arguments ["x", "reset"] results ["y"]
  func.func @forward(%x: tensor<?x?x4xf32>, %reset: tensor<?x?xi1>) -> tensor<?x?x4xf32> {
    %y = seq.token_shift %x reset(%reset : tensor<?x?xi1>) : tensor<?x?x4xf32>
    return %y : tensor<?x?x4xf32>
  }
}
