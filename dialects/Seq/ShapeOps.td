//===- ShapeOps.td - Heads, broadcasts, the last token -------*- tablegen -*-===//

#ifndef SEQ_SHAPE_OPS
#define SEQ_SHAPE_OPS

include "SeqBase.td"

def Seq_SplitHeadsOp : Seq_PointwiseOp<"split_heads"> {
  let summary = "Views the innermost dimension as heads: [..., H*D] to [..., H, D]";
  let arguments = (ins AnyRankedTensor:$x, I64Attr:$heads);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x $heads attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Seq_MergeHeadsOp : Seq_PointwiseOp<"merge_heads"> {
  let summary = "Views the two innermost dimensions as one: [..., H, D] to [..., H*D]";
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Seq_BroadcastOp : Seq_PointwiseOp<"broadcast"> {
  let summary = "Repeats a tensor over the leading dimensions of another";
  let description = [{
    `value`'s dimensions are the innermost ones of `like`, and the result has the shape
    of `like`. With `leading = n` the dimensions of `value` stand behind the first n of
    `like` instead (2: a constant for every token). The contents of `like` do not matter.
  }];
  let arguments = (ins AnyRankedTensor:$value, AnyRankedTensor:$like, OptionalAttr<I64Attr>:$leading);
  let results = (outs AnyRankedTensor:$y);
  let builders = [OpBuilder<(ins "::mlir::Value":$value, "::mlir::Value":$like), [{
    build($_builder, $_state, value, like, /*leading=*/::mlir::IntegerAttr());
  }]>];
  let assemblyFormat = "$value `,` $like (`leading` $leading^)? attr-dict `:` type($value) `,` type($like)";
  let hasVerifier = 1;
  let extraClassDeclaration = Seq_PointwiseInTime.decls # [{
    /// How many dimensions of `like` the result begins with.
    int64_t getLeadingCount();
  }];
}

def Seq_LastOp : Seq_InferredOp<"last", [Pure]> {
  let summary = "The last token: [B,T,...] to [B,1,...]";
  let description = [{State derivation moves it towards the inputs, so that a prefill
    computes what follows the mixers for one position only.}];
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // SEQ_SHAPE_OPS
