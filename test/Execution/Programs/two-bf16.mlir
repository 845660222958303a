// Remainders of rows of two bf16 tensors, which are masked loads: the code calls no conversion of libgcc.
// RUN: %seqc %s -o %t.seqm --target-cpu=host,x86-64-v3
// RUN: %seq-run %t.seqm --function=forward --input=2x9x7xbf16=1.5 --input=2x9x7xbf16=-3 | FileCheck %s
// RUN: %seq-run %t.seqm --target=x86-64-v3 --function=forward --input=2x9x7xbf16=1.5 --input=2x9x7xbf16=-3 | FileCheck %s
// CHECK: z: 2x9x7xbf16 {{.*}}min -4.5 max -4.5

module {
  seqm.export "forward" = @forward kind "other" arguments ["x", "y"] results ["z"]
  func.func @forward(%x: tensor<?x?x7xbf16>, %y: tensor<?x?x7xbf16>) -> tensor<?x?x7xbf16> {
    %z = seq.glu %x, %y identity : tensor<?x?x7xbf16>
    return %z : tensor<?x?x7xbf16>
  }
}
