//===- RecurrenceOps.td - Matrix states, retention, shifts ---*- tablegen -*-===//

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
    `g` by decay: none (absent); static [H] or [H,K]; head [B,T,H]; channel [B,T,H,K].
    By update: outer has no a, b, beta; dplr has a and b [B,T,H,K]; delta has beta
    [B,T,H] and means S' = D S + k (beta (v - (D S)^T k))^T with D = diag(exp(g_t)).
    `u` [H,K] needs read pre (absent: 0; with `u_exp` its exponential is used). `i`
    [B,T,H] is the logarithm of an input gate. normaliser ratio divides o_t by the
    same read of the state n' = exp(g) n + exp(i) k. Where `i` is given, states are
    kept relative to a running maximum m, so that exp never overflows; then the
    initial m is -inf's stand-in -1e38.

    States: S [H,K,V]; with a normaliser n [H,K]; with `i` m [H].
  }];
  let arguments = (ins Seq_Tensor:$q, Seq_Tensor:$k, Seq_Tensor:$v,
    Optional<Seq_Tensor>:$g, Optional<Seq_Tensor>:$a, Optional<Seq_Tensor>:$b,
    Optional<Seq_Tensor>:$beta, Optional<Seq_Tensor>:$u, Optional<Seq_Tensor>:$i,
    Variadic<Seq_State>:$states,
    Seq_DecayAttr:$decay, Seq_UpdateAttr:$update, Seq_ReadAttr:$read,
    DefaultValuedAttr<Seq_NormaliserAttr, "::mlir::seq::Normaliser::None">:$normaliser,
    DefaultValuedAttr<F64Attr, "1.0">:$scale, UnitAttr:$u_exp);
  let results = (outs Seq_Tensor:$o, Variadic<Seq_State>:$newStates);
  let assemblyFormat = [{
    $q `,` $k `,` $v
    (`g` `(` $g^ `:` type($g) `)`)? (`a` `(` $a^ `:` type($a) `)`)? (`b` `(` $b^ `:` type($b) `)`)?
    (`beta` `(` $beta^ `:` type($beta) `)`)? (`u` `(` $u^ `:` type($u) `)`)?
    (`i` `(` $i^ `:` type($i) `)`)? (`states` `(` $states^ `:` type($states) `)`)?
    `decay` `` $decay `update` `` $update `read` `` $read attr-dict `:` type($q) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
}

def Seq_RetentionOp : Seq_CarryingOp<"retention", []> {
  let summary = "Retention: a matrix state with a static decay per head";
  let description = [{
    S_t = gamma_h S_{t-1} + k_t v_t^T, o_t = scale S_t^T q_t (Sun et al. 2023, eq. 6)
    with gamma_h = 1 - 2^(-5 - h), or exp(log_decay[h]) where given. q, k [B,T,H,K],
    v [B,T,H,V], state [H,K,V]. Lowered through state_mix.
  }];
  let arguments = (ins Seq_Tensor:$q, Seq_Tensor:$k, Seq_Tensor:$v, Variadic<Seq_State>:$states,
    OptionalAttr<DenseF64ArrayAttr>:$log_decay, DefaultValuedAttr<F64Attr, "1.0">:$scale);
  let results = (outs Seq_Tensor:$o, Variadic<Seq_State>:$newStates);
  let assemblyFormat = [{
    $q `,` $k `,` $v (`states` `(` $states^ `:` type($states) `)`)? attr-dict `:`
    type($q) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// log(gamma) of every head.
    ::llvm::SmallVector<double> getLogDecays();
  }];
}

def Seq_TokenShiftOp : Seq_CarryingOp<"token_shift"> {
  let summary = "The token before: y[t] = x[t-1]";
  let description = [{
    x [B,T,D]; y[0] is the carried state `!seq.state<DxT>`, zero at the start
    (RWKV, Peng et al. 2023).
  }];
  let arguments = (ins Seq_Tensor:$x, Variadic<Seq_State>:$states);
  let results = (outs Seq_Tensor:$y, Variadic<Seq_State>:$newStates);
  let assemblyFormat = "$x (`state` $states^)? attr-dict `:` type($x) (`,` type($states)^)?";
  let hasVerifier = 1;
}

def Seq_StateInitOp : Seq_Op<"state_init", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "A fresh state for some rows";
  let description = [{
    `batch` rows, filled with the type's initial value; a KV state has room for
    `capacity` tokens and holds none.
  }];
  let arguments = (ins Index:$batch, Optional<Index>:$capacity);
  let results = (outs Seq_AnyState:$state);
  let assemblyFormat = "$batch (`capacity` $capacity^)? attr-dict `:` type($state)";
  let hasVerifier = 1;
}

#endif // SEQ_RECURRENCE_OPS
