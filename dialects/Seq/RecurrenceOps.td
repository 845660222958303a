//===- RecurrenceOps.td - Matrix states and retention --------*- tablegen -*-===//

#ifndef SEQ_RECURRENCE_OPS
#define SEQ_RECURRENCE_OPS

include "SeqBase.td"

def Seq_StateMixOp : Seq_CarryingOp<"state_mix", [AttrSizedOperandSegments]> {
  let summary = "The recurrence of a matrix state";
  let description = [{
    Per row and head, with a state S [K,V] in f32 (docs/Spec.md has the whole algebra):

        S' = diag(exp(g_t)) S + b_t (a_t^T S) + exp(i_t) k_t v_t^T
        read post: o_t = scale S'^T q_t
        read pre:  o_t = scale (S^T q_t + exp(i_t) ((q_t * u) . k_t) v_t)

    q, k are [B,T,Hk,K] and v is [B,T,H,V]; head h uses q and k of h / (H/Hk).
    `g` by decay: none (absent); static [H] or [H,K]; head [B,T,H]; channel [B,T,H,K];
    factored [B,T,H], times `rate` [H,K]. It is at most 0, and at least `g_min` where
    that is given. By update: outer has no a, b, beta; dplr has a and b [B,T,H,K]; delta
    has beta [B,T,H] and means S' = D S + k (beta (v - (D S)^T k))^T with D = diag(exp(g_t)).
    `u` [H,K] needs read pre (absent: 0; with `u_exp` its exponential is used). `i`
    [B,T,H] is the logarithm of an input gate. The normalisers divide o_t by the same
    read of the state n' = exp(g) n + exp(i) k: ratio by it + eps, max by
    max(|it|, exp(-m)) + eps. Where `i` is given, states are kept relative to a running
    maximum m, so that exp never overflows; then the initial m is -inf's stand-in -1e38.

    `reset` [B,T]: the state is a fresh one before each token where it is true.
    `lengths` [B]: tokens from lengths[b] on leave the state alone and give outputs 0.
    `form` says how it is computed, in chunks of `chunk` tokens (0: the compiler
    chooses); all forms are the same function.

    States: S [H,K,V]; with a normaliser n [H,K]; with `i` m [H].
  }];
  let arguments = (ins Seq_Tensor:$q, Seq_Tensor:$k, Seq_Tensor:$v,
    Optional<Seq_Tensor>:$g, Optional<Seq_Tensor>:$rate, Optional<Seq_Tensor>:$a,
    Optional<Seq_Tensor>:$b, Optional<Seq_Tensor>:$beta, Optional<Seq_Tensor>:$u,
    Optional<Seq_Tensor>:$i, Variadic<Seq_State>:$states,
    Optional<Seq_Flags>:$reset, Optional<Seq_RowNumbers>:$lengths,
    Seq_DecayAttr:$decay, Seq_UpdateAttr:$update, Seq_ReadAttr:$read,
    DefaultValuedAttr<Seq_NormaliserAttr, "::mlir::seq::Normaliser::None">:$normaliser,
    DefaultValuedAttr<F64Attr, "1.0">:$scale, DefaultValuedAttr<F64Attr, "0.0">:$eps, UnitAttr:$u_exp,
    DefaultValuedAttr<Seq_FormAttr, "::mlir::seq::Form::Auto">:$form,
    DefaultValuedAttr<I64Attr, "0">:$chunk, OptionalAttr<F64Attr>:$g_min);
  let results = (outs Seq_Tensor:$o, Variadic<Seq_State>:$newStates);
  let builders = [OpBuilder<(ins "const ::mlir::seq::StateMixParts &":$parts)>];
  let assemblyFormat = [{
    $q `,` $k `,` $v
    (`g` `(` $g^ `:` type($g) `)`)? (`rate` `(` $rate^ `:` type($rate) `)`)?
    (`a` `(` $a^ `:` type($a) `)`)? (`b` `(` $b^ `:` type($b) `)`)?
    (`beta` `(` $beta^ `:` type($beta) `)`)? (`u` `(` $u^ `:` type($u) `)`)?
    (`i` `(` $i^ `:` type($i) `)`)? (`states` `(` $states^ `:` type($states) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`lengths` `(` $lengths^ `:` type($lengths) `)`)?
    `decay` `` $decay `update` `` $update `read` `` $read (`normaliser` `` $normaliser^)?
    (`form` `` $form^)? attr-dict `:` type($q) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The operands and options of this op, to build one like it.
    ::mlir::seq::StateMixParts getParts();
  }];
}

def Seq_RetentionOp : Seq_CarryingOp<"retention", [AttrSizedOperandSegments]> {
  let summary = "Retention: a matrix state with a static decay per head";
  let description = [{
    S_t = gamma_h S_{t-1} + k_t v_t^T, o_t = scale S_t^T q_t (Sun et al. 2023, eq. 6)
    with gamma_h = 1 - 2^(-5 - h), or exp(log_decay[h]) where given. q, k [B,T,H,K],
    v [B,T,H,V], state [H,K,V]. reset, lengths, form and chunk as in state_mix, through
    which it is lowered.
  }];
  let arguments = (ins Seq_Tensor:$q, Seq_Tensor:$k, Seq_Tensor:$v, Variadic<Seq_State>:$states,
    Optional<Seq_Flags>:$reset, Optional<Seq_RowNumbers>:$lengths,
    OptionalAttr<DenseF64ArrayAttr>:$log_decay, DefaultValuedAttr<F64Attr, "1.0">:$scale,
    DefaultValuedAttr<Seq_FormAttr, "::mlir::seq::Form::Auto">:$form,
    DefaultValuedAttr<I64Attr, "0">:$chunk);
  let results = (outs Seq_Tensor:$o, Variadic<Seq_State>:$newStates);
  let builders = [OpBuilder<(ins "::mlir::Value":$q, "::mlir::Value":$k, "::mlir::Value":$v,
    CArg<"double", "1.0">:$scale, CArg<"::llvm::ArrayRef<double>", "{}">:$log_decay)>];
  let assemblyFormat = [{
    $q `,` $k `,` $v (`states` `(` $states^ `:` type($states) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`lengths` `(` $lengths^ `:` type($lengths) `)`)?
    (`form` `` $form^)? attr-dict `:` type($q) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// log(gamma) of every head.
    ::llvm::SmallVector<double> getLogDecays();
  }];
}

#endif // SEQ_RECURRENCE_OPS
