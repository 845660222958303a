//===- ExpertOps.td - Mixtures of experts --------------------*- tablegen -*-===//

#ifndef SEQ_EXPERT_OPS
#define SEQ_EXPERT_OPS

include "SeqBase.td"

def Seq_RouteOp : Seq_PointwiseOp<"route"> {
  let summary = "Chooses experts for every token, and weighs them";
  let description = [{
    From router logits [..., E] the `top` experts of every token, best first (indices
    [..., top]), and their weights [..., top] (Shazeer et al. 2017; Fedus et al. 2021):

      s = softmax(logits) or sigmoid(logits)
      key = s + bias, by which experts are chosen, not weighed (Wang et al. 2024)
      weight = s of the chosen ones; with `renormalise` divided by (their sum + eps);
               times `scale`

    Of equal keys the lower index is better. With `groups` G > 1 the experts stand in G equal
    groups, of which the `keep_groups` best ones take part; a group is as good as the sum of its
    `group_top` best keys (DeepSeek-AI 2024).
  }];
  let arguments = (ins Seq_Tensor:$logits, Optional<Seq_Tensor>:$bias, Seq_ScoresAttr:$scores, I64Attr:$top,
    UnitAttr:$renormalise, DefaultValuedAttr<F64Attr, "0.0">:$eps, DefaultValuedAttr<F64Attr, "1.0">:$scale,
    DefaultValuedAttr<I64Attr, "1">:$groups, DefaultValuedAttr<I64Attr, "1">:$keep_groups,
    DefaultValuedAttr<I64Attr, "1">:$group_top);
  let results = (outs TensorOf<[I32]>:$indices, Seq_Tensor:$weights);
  let assemblyFormat = [{
    $logits (`bias` $bias^)? `` $scores `top` $top attr-dict `:` type($logits) (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = Seq_PointwiseInTime.decls # [{
    int64_t getExperts();
  }];
}

def Seq_ExpertLinearOp : Seq_PointwiseOp<"expert_linear", [AttrSizedOperandSegments]> {
  let summary = "A linear layer with the weights of chosen experts";
  let description = [{
    For every token and each of its C experts e = indices[..., c]

      y[..., c, n] = sum_k x[..., k] weight[e, n, k] + bias[e, n]

    where x is [..., K], the same for all experts of a token, or [..., C, K], one for each.
    With `combine` [..., C] the result is sum_c combine[..., c] y[..., c, n] instead. The
    weights are a stack [E,N,K], which may be block-quantised along K; only those of chosen
    experts are read. An index outside [0, E) is an error at run time.
  }];
  let arguments = (ins Seq_Tensor:$x, TensorOf<[I32]>:$indices, Seq_WeightTensor:$weight, Optional<Seq_Tensor>:$bias,
    Optional<Seq_Tensor>:$combine);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = [{
    $x `,` $indices `,` $weight (`bias` $bias^)? (`combine` $combine^)? attr-dict `:` type($x) `,` type($indices)
    `,` type($weight) (`bias` type($bias)^)? (`combine` type($combine)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = Seq_PointwiseInTime.decls # [{
    int64_t getExperts();
    int64_t getOutputs();
    int64_t getInputs();
  }];
}

#endif // SEQ_EXPERT_OPS
