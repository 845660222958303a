//===- ScanOps.td - Diagonal scans, short convolutions, shifts *- tablegen -*-===//

#ifndef SEQ_SCAN_OPS
#define SEQ_SCAN_OPS

include "SeqBase.td"

def Seq_SelectiveScanOp : Seq_CarryingOp<"selective_scan", [AttrSizedOperandSegments]> {
  let summary = "Selective scan: the state space of Mamba";
  let description = [{
    Channel form (Gu and Dao 2023, section 3.2): x, dt [B,T,D], A [D,N], B and C [B,T,G,N];
    channel d uses B and C of d / (D/G). Per row and channel, with a state h [N]:

        h' = exp(dt A) h + dt x B
        y  = C . h' + skip x, then times silu(z)

    Head form (Dao and Gu 2024, section 7): x [B,T,H,P], dt [B,T,H], A [H], and a state h [N,P]
    per head, which uses B and C of h / (H/G): h' = exp(dt A) h + dt B x^T, y = h'^T C + skip x.

    A is the rate itself, at most 0. Before its use dt becomes dt + dt_bias, then softplus of
    that with `dt_softplus`, then is clamped to [dt_min, dt_max] where given. `skip` is [D], or
    [H] or [H,P]; `z` has the shape of x; `dt_bias` is [D], or [H]. `complex` (channel
    form): A [D,N,2], B and C [B,T,G,N,2] are pairs (re, im) and y = 2 Re(C . h') + skip x.
    reset, lengths, form and chunk as in state_mix.

    State: [D,N], complex [D,N,2]; head form [H,N,P].
  }];
  let arguments = (ins Seq_Tensor:$x, Seq_Tensor:$dt, Seq_Tensor:$a, Seq_Tensor:$b, Seq_Tensor:$c,
    Optional<Seq_Tensor>:$skip, Optional<Seq_Tensor>:$z, Optional<Seq_Tensor>:$dt_bias,
    Variadic<Seq_State>:$states, Optional<Seq_Flags>:$reset, Optional<Seq_RowNumbers>:$lengths,
    UnitAttr:$dt_softplus, OptionalAttr<F64Attr>:$dt_min, OptionalAttr<F64Attr>:$dt_max,
    UnitAttr:$complex, DefaultValuedAttr<Seq_FormAttr, "::mlir::seq::Form::Auto">:$form,
    DefaultValuedAttr<I64Attr, "0">:$chunk);
  let results = (outs Seq_Tensor:$y, Variadic<Seq_State>:$newStates);
  let builders = [OpBuilder<(ins "const ::mlir::seq::SelectiveScanParts &":$parts)>];
  let assemblyFormat = [{
    $x `,` $dt `,` $a `,` $b `,` $c
    (`skip` `(` $skip^ `:` type($skip) `)`)? (`z` `(` $z^ `:` type($z) `)`)?
    (`dt_bias` `(` $dt_bias^ `:` type($dt_bias) `)`)?
    (`states` `(` $states^ `:` type($states) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`lengths` `(` $lengths^ `:` type($lengths) `)`)?
    (`form` `` $form^)? attr-dict `:` type($x) `,` type($dt) `,` type($a) `,` type($b) `,` type($c)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether x is [B,T,H,P] and the decay one number a head.
    bool isHeadForm();
    /// The operands and options of this op, to build one like it.
    ::mlir::seq::SelectiveScanParts getParts();
  }];
}

def Seq_ScanOp : Seq_CarryingOp<"scan", [AttrSizedOperandSegments]> {
  let summary = "A linear recurrence of every element";
  let description = [{
    h_t = exp(g_t) h_{t-1} + x_t, elementwise over the dimensions behind time (Martin and
    Cundy 2018). x is [B,T,...], g of the same shape, or of the shape without [B,T] where it
    is the same for all tokens. `complex`: the last dimension is the pair (re, im) of
    a complex number, and g its complex logarithm. h [B,T,...] holds the state after every
    token. The real part of g is at most 0. reset, lengths, form and chunk as in state_mix.

    State: [...].
  }];
  let arguments = (ins Seq_Tensor:$x, Seq_Tensor:$g, Variadic<Seq_State>:$states,
    Optional<Seq_Flags>:$reset, Optional<Seq_RowNumbers>:$lengths, UnitAttr:$complex,
    DefaultValuedAttr<Seq_FormAttr, "::mlir::seq::Form::Auto">:$form,
    DefaultValuedAttr<I64Attr, "0">:$chunk);
  let results = (outs Seq_Tensor:$h, Variadic<Seq_State>:$newStates);
  let builders = [OpBuilder<(ins "::mlir::Value":$x, "::mlir::Value":$g,
                                 CArg<"bool", "false">:$isComplex, CArg<"::mlir::Value", "{}">:$reset)>];
  let assemblyFormat = [{
    $x `,` $g (`states` `(` $states^ `:` type($states) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`lengths` `(` $lengths^ `:` type($lengths) `)`)?
    (`form` `` $form^)? attr-dict `:` type($x) `,` type($g)
  }];
  let hasVerifier = 1;
}

def Seq_ConvOp : Seq_CarryingOp<"conv", [AttrSizedOperandSegments]> {
  let summary = "A short causal convolution of every channel";
  let description = [{
    y_t = act(bias + sum_j w[:,j] x_{t-(W-1)+j}) for x [B,T,D], w [D,W] and bias [D]: the last
    tap is the newest sample. Tokens before the first are those of the carried state, the
    oldest first, or 0. reset and lengths as in state_mix.

    State: [W-1,D]; none with a single tap.
  }];
  let arguments = (ins Seq_Tensor:$x, Seq_Tensor:$w, Optional<Seq_Tensor>:$bias, Variadic<Seq_State>:$states,
    Optional<Seq_Flags>:$reset, Optional<Seq_RowNumbers>:$lengths,
    DefaultValuedAttr<Seq_ActivationAttr, "::mlir::seq::Activation::Identity">:$activation);
  let results = (outs Seq_Tensor:$y, Variadic<Seq_State>:$newStates);
  let builders = [OpBuilder<(ins "::mlir::Value":$x, "::mlir::Value":$w, CArg<"::mlir::Value", "{}">:$bias,
    CArg<"::mlir::seq::Activation", "::mlir::seq::Activation::Identity">:$activation)>];
  let assemblyFormat = [{
    $x `,` $w (`bias` `(` $bias^ `:` type($bias) `)`)? (`states` `(` $states^ `:` type($states) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`lengths` `(` $lengths^ `:` type($lengths) `)`)?
    (`activation` `` $activation^)? attr-dict `:` type($x) `,` type($w)
  }];
  let hasVerifier = 1;
}

def Seq_TokenShiftOp : Seq_CarryingOp<"token_shift", [AttrSizedOperandSegments]> {
  let summary = "The token before: y[t] = x[t-1]";
  let description = [{
    x [B,T,D]; y[0] is the carried state `!seq.state<DxT>`, zero at the start
    (RWKV, Peng et al. 2023). reset and lengths as in state_mix.
  }];
  let arguments = (ins Seq_Tensor:$x, Variadic<Seq_State>:$states, Optional<Seq_Flags>:$reset,
    Optional<Seq_RowNumbers>:$lengths);
  let results = (outs Seq_Tensor:$y, Variadic<Seq_State>:$newStates);
  let builders = [OpBuilder<(ins "::mlir::Value":$x)>];
  let assemblyFormat = [{
    $x (`state` $states^)? (`reset` `(` $reset^ `:` type($reset) `)`)?
    (`lengths` `(` $lengths^ `:` type($lengths) `)`)? attr-dict `:` type($x) (`,` type($states)^)?
  }];
  let hasVerifier = 1;
}

#endif // SEQ_SCAN_OPS
