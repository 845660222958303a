//===- NormOps.td - Norms over channels ----------------------*- tablegen -*-===//

#ifndef SEQ_NORM_OPS
#define SEQ_NORM_OPS

include "SeqBase.td"

/// A norm that can be gated by silu(gate).
class Seq_GatedNormOp<string mnemonic> : Seq_PointwiseOp<mnemonic, [AttrSizedOperandSegments]> {
  let results = (outs Seq_Tensor:$y);
  let hasVerifier = 1;
}

def Seq_RmsNormOp : Seq_GatedNormOp<"rms_norm"> {
  let summary = "Root-mean-square norm of the innermost dimension";
  let description = [{
    y = x / sqrt(mean(x^2) + eps) * (weight + weight_offset) (Zhang and Sennrich
    2019); no weight means 1. The mean is over each of `groups` equal parts of the
    dimension, the weight covers all of it. With a gate of the shape of x, y is multiplied
    by silu(gate), or with `gate_first` x is, before the norm (Dao and Gu 2024).
  }];
  let arguments = (ins Seq_Tensor:$x, Optional<Seq_Tensor>:$weight, Optional<Seq_Tensor>:$gate,
    F64Attr:$eps, DefaultValuedAttr<F64Attr, "0.0">:$weight_offset, DefaultValuedAttr<I64Attr, "1">:$groups,
    UnitAttr:$gate_first);
  let builders = [OpBuilder<(ins "::mlir::Value":$x, "::mlir::Value":$weight, "double":$eps,
    CArg<"double", "0.0">:$weight_offset, CArg<"int64_t", "1">:$groups,
    CArg<"::mlir::Value", "{}">:$gate, CArg<"bool", "false">:$gate_first)>];
  let assemblyFormat = [{
    $x (`weight` $weight^)? (`gate` `(` $gate^ `:` type($gate) `)`)? `eps` $eps attr-dict `:` type($x)
    (`,` type($weight)^)?
  }];
}

def Seq_LayerNormOp : Seq_PointwiseOp<"layer_norm", [AttrSizedOperandSegments]> {
  let summary = "Layer norm of the innermost dimension";
  let description = [{
    y = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias (Ba et al. 2016) with the
    population variance.
  }];
  let arguments = (ins Seq_Tensor:$x, Optional<Seq_Tensor>:$weight, Optional<Seq_Tensor>:$bias,
    F64Attr:$eps);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = [{
    $x (`weight` $weight^)? (`bias` $bias^)? `eps` $eps attr-dict `:` type($x)
    (`weight` type($weight)^)? (`bias` type($bias)^)?
  }];
  let hasVerifier = 1;
}

def Seq_GroupNormOp : Seq_GatedNormOp<"group_norm"> {
  let summary = "Layer norm of groups of the innermost dimension";
  let description = [{
    Splits the innermost dimension into `groups` equal parts and norms each like
    layer_norm; weight and bias cover the whole dimension (Wu and He 2018). Gates as in
    rms_norm.
  }];
  let arguments = (ins Seq_Tensor:$x, Optional<Seq_Tensor>:$weight, Optional<Seq_Tensor>:$bias,
    Optional<Seq_Tensor>:$gate, I64Attr:$groups, F64Attr:$eps, UnitAttr:$gate_first);
  let builders = [OpBuilder<(ins "::mlir::Value":$x, "::mlir::Value":$weight, "::mlir::Value":$bias,
    "int64_t":$groups, "double":$eps, CArg<"::mlir::Value", "{}">:$gate, CArg<"bool", "false">:$gate_first)>];
  let assemblyFormat = [{
    $x (`weight` $weight^)? (`bias` $bias^)? (`gate` `(` $gate^ `:` type($gate) `)`)? `groups` $groups
    `eps` $eps attr-dict `:` type($x) (`weight` type($weight)^)? (`bias` type($bias)^)?
  }];
}

def Seq_L2NormOp : Seq_PointwiseOp<"l2_norm"> {
  let summary = "Scales the innermost dimension to length 1";
  let description = [{
    y = x / sqrt(sum(x^2) + eps) in the mode add, x / max(sqrt(sum(x^2)), eps) in the
    mode max.
  }];
  let arguments = (ins Seq_Tensor:$x, F64Attr:$eps,
    DefaultValuedAttr<Seq_EpsModeAttr, "::mlir::seq::EpsMode::Add">:$mode);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = "$x `eps` $eps (`mode` `` $mode^)? attr-dict `:` type($x)";
  let hasVerifier = 1;
}

#endif // SEQ_NORM_OPS
