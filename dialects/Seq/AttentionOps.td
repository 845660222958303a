//===- AttentionOps.td - Attention, rotary positions, KV states -*- tablegen -*-===//

#ifndef SEQ_ATTENTION_OPS
#define SEQ_ATTENTION_OPS

include "SeqBase.td"

def Seq_AttentionOp : Seq_CarryingOp<"attention", [AttrSizedOperandSegments, Pure]> {
  let summary = "Softmax attention with grouped heads";
  let description = [{
    o[b,i,h] = sum_j softmax_j(s[b,h,i,j]) v[b,j,h / (Hq/Hkv)] over the visible
    keys j, with s = softcap(scale q.k) and softcap(x) = c tanh(x / c)
    (Vaswani et al. 2017; grouped heads: Ainslie et al. 2023). `memory` is either
    keys and values of the same call or one KV state that holds them.

    Queries are aligned with the last keys: query i stands at position
    p = i + Tk - Tq, or at `positions[b,i]` where given. With `causal`, keys j <= p
    are visible; with `window = w`, only those with p - j < w. `sink[h]` is a logit
    that joins the softmax and has no value. `scale` defaults to 1/sqrt(K). A row
    without visible keys gives 0. With `lse` the second result is
    log(sum_j exp(s)) [B, Tq, Hq] (the sink included), -inf for an empty row.
  }];
  let arguments = (ins Seq_Tensor:$q, Variadic<AnyTypeOf<[Seq_Tensor, Seq_KV]>>:$memory,
    Optional<Seq_Tensor>:$sink, Optional<Seq_IndexTensor>:$positions,
    OptionalAttr<F64Attr>:$scale, UnitAttr:$causal,
    DefaultValuedAttr<I64Attr, "0">:$window, DefaultValuedAttr<F64Attr, "0.0">:$softcap,
    UnitAttr:$lse);
  let results = (outs Seq_Tensor:$o, Optional<Seq_Tensor>:$logSumExp);
  let assemblyFormat = [{
    $q `,` $memory (`sink` $sink^)? (`positions` $positions^)? attr-dict `:`
    type($q) `,` type($memory) (`sink` type($sink)^)? (`positions` type($positions)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The KV state, or null where keys and values are given as tensors.
    ::mlir::Value getKv();
    int64_t getQueryHeads();
    int64_t getKvHeads();
    int64_t getKeyDim();
    int64_t getValueDim();
    double getEffectiveScale();
  }];
}

def Seq_KvAppendOp : Seq_InferredOp<"kv_append", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Appends keys and values to a KV state";
  let description = [{
    Writes the tokens of k [B,T,H,K] and v [B,T,H,V] behind those that the state
    holds and returns the state that holds both.
  }];
  let arguments = (ins Seq_KV:$state, Seq_Tensor:$k, Seq_Tensor:$v);
  let results = (outs Seq_KV:$newState);
  let assemblyFormat = "$state `,` $k `,` $v attr-dict `:` type($state) `,` type($k) `,` type($v)";
  let hasVerifier = 1;
}

def Seq_PositionsOp : Seq_CarryingOp<"positions"> {
  let summary = "The position of every token";
  let description = [{
    [B,T] of i32: 0, 1, … along time for the tokens of x [B,T,...]. The carried
    state `!seq.state<i64>` counts the tokens before.
  }];
  let arguments = (ins AnyRankedTensor:$x, Variadic<Seq_State>:$states);
  let results = (outs TensorOf<[I32]>:$positions, Variadic<Seq_State>:$newStates);
  let assemblyFormat = "$x (`state` $states^)? attr-dict `:` type($x) (`,` type($states)^)?";
  let hasVerifier = 1;
}

def Seq_RotaryOp : Seq_PointwiseOp<"rotary"> {
  let summary = "Rotary position embedding";
  let description = [{
    Rotates pairs of the first `dims` channels of x [B,T,H,D] by the angle
    position * f_i, f_i = base^(-2 i / dims) or `frequencies[i]` where given (Su et
    al. 2021). A pair is (i, i + dims/2) in the layout half, (2i, 2i + 1) in the
    layout interleaved. Channels from `dims` on (0 means all D) are copied. Cosine
    and sine are multiplied by `magnitude` (YaRN's attention factor).
  }];
  let arguments = (ins Seq_Tensor:$x, Seq_IndexTensor:$positions,
    Seq_RotaryLayoutAttr:$layout, DefaultValuedAttr<F64Attr, "10000.0">:$base,
    DefaultValuedAttr<I64Attr, "0">:$dims, OptionalAttr<DenseF64ArrayAttr>:$frequencies,
    DefaultValuedAttr<F64Attr, "1.0">:$magnitude);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = "$x `,` $positions `` $layout attr-dict `:` type($x) `,` type($positions)";
  let hasVerifier = 1;
  let extraClassDeclaration = Seq_PointwiseInTime.decls # [{
    /// Rotated channels: `dims`, or all of them where it is 0.
    int64_t getRotatedDims();
    /// The angle per position of each pair, in radians.
    ::llvm::SmallVector<double> getPairFrequencies();
  }];
}

#endif // SEQ_ATTENTION_OPS
