//===- CheckOps.td - Expectations inside tests that run ------*- tablegen -*-===//

#ifndef SEQ_CHECK_OPS
#define SEQ_CHECK_OPS

include "dialects/Seq/SeqBase.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

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

def Check_MakeStateOp : Check_Op<"make_state", [Pure]> {
  let summary = "A state with given contents";
  let description = [{
    A `!seq.state` from a tensor [B,...] of its rows; a `!seq.kv` from keys
    [B,T,H,K] and values [B,T,H,V], with room for `capacity` tokens (default: those
    given).
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$contents, OptionalAttr<I64Attr>:$capacity);
  let results = (outs Seq_AnyState:$state);
  let assemblyFormat = "$contents attr-dict `:` type($contents) `->` type($state)";
  let hasVerifier = 1;
}

def Check_StateContentsOp : Check_Op<"state_contents", [Pure]> {
  let summary = "The contents of a state, as check.make_state takes them";
  let arguments = (ins Seq_AnyState:$state);
  let results = (outs Variadic<AnyRankedTensor>:$contents);
  let assemblyFormat = "$state attr-dict `:` type($state) `->` type($contents)";
  let hasVerifier = 1;
}

#endif // SEQ_CHECK_OPS
