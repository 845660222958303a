//===- LinearOps.td - Linear layers, embeddings, activations -*- tablegen -*-===//

#ifndef SEQ_LINEAR_OPS
#define SEQ_LINEAR_OPS

include "SeqBase.td"

def Seq_LinearOp : Seq_Op<"linear", [Pure, Seq_TimeInterface]> {
  let summary = "A linear layer";
  let description = [{
    y[..., n] = sum_k x[..., k] w[n, k] + bias[n]. The weight is [N,K] (outputs
    first, as checkpoints store it) or, with `transposed`, [K,N]; its elements may
    be block-quantised along K.
  }];
  let arguments = (ins Seq_Tensor:$x, Seq_WeightTensor:$weight, Optional<Seq_Tensor>:$bias,
    UnitAttr:$transposed);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = [{
    $x `,` $weight (`bias` $bias^)? attr-dict `:` type($x) `,` type($weight)
    (`bias` type($bias)^)? `->` type($y)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = Seq_PointwiseInTime.decls # [{
    int64_t getInputs();
    int64_t getOutputs();
  }];
}

def Seq_EmbeddingOp : Seq_Op<"embedding", [Pure, Seq_TimeInterface]> {
  let summary = "Rows of a table";
  let description = [{
    y[b,t] = table[ids[b,t]] for a table [V,D], whose elements may be
    block-quantised along D. An id outside [0, V) is an error at run time.
  }];
  let arguments = (ins Seq_IndexTensor:$ids, Seq_WeightTensor:$table);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = "$ids `,` $table attr-dict `:` type($ids) `,` type($table) `->` type($y)";
  let hasVerifier = 1;
  let extraClassDeclaration = Seq_PointwiseInTime.decls;
}

def Seq_ActivationOp : Seq_PointwiseOp<"activation"> {
  let summary = "An activation function, elementwise";
  let description = [{
    silu x sigmoid(x); gelu x Phi(x) with erf; gelu_tanh its tanh approximation
    (Hendrycks and Gimpel 2016); relu max(x, 0); relu2 its square; softplus
    log(1 + exp(x)); sigmoid; tanh; identity.
  }];
  let arguments = (ins Seq_Tensor:$x, Seq_ActivationAttr:$kind);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = "$x `` $kind attr-dict `:` type($x)";
}

def Seq_GluOp : Seq_PointwiseOp<"glu", [SameTypeOperands]> {
  let summary = "A gated activation: kind(gate) * up";
  let description = [{Shazeer 2020; SwiGLU is the kind silu, GeGLU gelu.}];
  let arguments = (ins Seq_Tensor:$gate, Seq_Tensor:$up, Seq_ActivationAttr:$kind);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = "$gate `,` $up `` $kind attr-dict `:` type($gate)";
}

#endif // SEQ_LINEAR_OPS
