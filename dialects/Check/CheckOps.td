//===- CheckOps.td - Expectations inside tests that run ------*- tablegen -*-===//

#ifndef SEQ_CHECK_OPS
#define SEQ_CHECK_OPS

include "mlir/IR/OpBase.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "::mlir::check";
  let summary = "Expectations inside .mlir tests that run";
}

class Check_Op<string mnemonic, list<Trait> traits = []> : Op<Check_Dialect, mnemonic, traits>;

def Check_ExpectCloseOp : Check_Op<"expect_close", [SameTypeOperands]> {
  let summary = "Fails unless |actual - expected| <= atol + rtol |expected| everywhere";
  let description = "NaN is close to NaN only.";
  let arguments = (ins AnyRankedTensor:$actual, AnyRankedTensor:$expected,
    DefaultValuedAttr<F64Attr, "1e-6">:$atol, DefaultValuedAttr<F64Attr, "1e-6">:$rtol);
  let assemblyFormat = "$actual `,` $expected attr-dict `:` type($actual)";
}

def Check_ExpectEqualOp : Check_Op<"expect_equal", [SameTypeOperands]> {
  let summary = "Fails unless all elements are equal";
  let arguments = (ins AnyRankedTensor:$actual, AnyRankedTensor:$expected);
  let assemblyFormat = "$actual `,` $expected attr-dict `:` type($actual)";
}

#endif // SEQ_CHECK_OPS
