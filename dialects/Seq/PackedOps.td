//===- PackedOps.td - Packed weights and what kernels use ----*- tablegen -*-===//
//
// Ops that the compiler makes on its way to machine code. Nobody writes them by
// hand; docs/Pipelines.md says where they come and go.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_PACKED_OPS
#define SEQ_PACKED_OPS

include "SeqBase.td"

def Seq_Packing : Seq_Type<"Packing", "packing"> {
  let summary = "How a matrix of weights is packed: its format, outputs and inputs";
  let description = [{
    `!seq.packing<q4_1, 1536x576>`: a matrix of 1536 outputs and 576 inputs. It is
    packed in panels of 32 outputs (the last one padded with zeros), a panel after
    the other. Dense formats (f32, f16, bf16): a panel is [K][32] elements.
    Quantised formats: a panel is K/32 records, each
      d: 32 x f16 (scale of each output), with q4_1 also m: 32 x f16 (minimum),
      then the quants of 32 inputs x 32 outputs:
      q4: [4][32] dwords; bits 4j..4j+3 of dword [i][n] are the quant of input 8i+j of output n;
      q8: [8][32] dwords; byte j of dword [i][n] is the quant of input 4i+j of output n.
    Value of a weight: q4_0 d (q - 8), q4_1 d q + m, q8_0 d q.
    `!seq.packing<q4_1, 512, 2048, 64>` is a stack of 64 such matrices, one behind the other.
  }];
  let parameters = (ins "::mlir::Type":$format, "int64_t":$outputs, "int64_t":$inputs,
    DefaultValuedParameter<"int64_t", "1">:$matrices);
  let builders = [TypeBuilder<(ins "::mlir::Type":$format, "int64_t":$outputs, "int64_t":$inputs), [{
    return $_get($_ctxt, format, outputs, inputs, /*matrices=*/1);
  }]>];
  let assemblyFormat = "`<` $format `,` $outputs `,` $inputs (`,` $matrices^)? `>`";
  let extraClassDeclaration = [{
    static constexpr int64_t kPanel = 32;
    /// Panels of a matrix.
    int64_t getPanels() { return (getOutputs() + kPanel - 1) / kPanel; }
    /// Bytes of 32 inputs (quantised) or one input (dense) of a panel.
    int64_t getRecordBytes();
    /// Bytes of a panel, and of all matrices.
    int64_t getPanelBytes();
    int64_t getBytes() { return getMatrices() * getPanels() * getPanelBytes(); }
  }];
}

def Seq_PackOp : Seq_Op<"pack", [Pure]> {
  let summary = "Packs a matrix while the module runs";
  let description = [{
    The bytes of a matrix [N,K] (with `transposed` [K,N]), or of a stack of matrices [E,N,K],
    that is no parameter of the module.
    The packing's format is f32.
  }];
  let arguments = (ins Seq_Tensor:$matrix, UnitAttr:$transposed, TypeAttrOf<Seq_Packing>:$packing);
  let results = (outs TensorOf<[I8]>:$bytes);
  let assemblyFormat = "$matrix `as` $packing attr-dict `:` type($matrix) `->` type($bytes)";
}

def Seq_PackedLinearOp : Seq_Op<"packed_linear", [Pure, Seq_TimeInterface, AttrSizedOperandSegments]> {
  let summary = "A linear layer with packed weights";
  let description = [{
    y = x W^T (+ bias) (+ residual); the packing says how
    W's bytes are laid out. x is [..., K], y [..., N], residual like y.
  }];
  let arguments = (ins Seq_Tensor:$x, TensorOf<[I8]>:$weight, Optional<Seq_Tensor>:$bias,
    Optional<Seq_Tensor>:$residual, TypeAttrOf<Seq_Packing>:$packing);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = [{
    $x `,` $weight `as` $packing (`bias` $bias^)? (`residual` $residual^)? attr-dict `:` type($x)
    `,` type($weight) (`bias` type($bias)^)? (`residual` type($residual)^)? `->` type($y)
  }];
  let extraClassDeclaration = Seq_PointwiseInTime.decls;
}

def Seq_PackedExpertLinearOp
    : Seq_Op<"packed_expert_linear", [Pure, Seq_TimeInterface, AttrSizedOperandSegments]> {
  let summary = "A linear layer of chosen experts with packed weights";
  let description = [{As expert_linear; the packing says how the stack of weights is laid out.}];
  let arguments = (ins Seq_Tensor:$x, TensorOf<[I32]>:$indices, TensorOf<[I8]>:$weight, Optional<Seq_Tensor>:$bias,
    Optional<Seq_Tensor>:$combine, TypeAttrOf<Seq_Packing>:$packing);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = [{
    $x `,` $indices `,` $weight `as` $packing (`bias` $bias^)? (`combine` $combine^)? attr-dict `:` type($x)
    `,` type($indices) `,` type($weight) (`bias` type($bias)^)? (`combine` type($combine)^)? `->` type($y)
  }];
  let extraClassDeclaration = Seq_PointwiseInTime.decls;
}

def Seq_PackedEmbeddingOp : Seq_Op<"packed_embedding", [Pure, Seq_TimeInterface]> {
  let summary = "Rows of a packed table";
  let arguments = (ins Seq_IndexTensor:$ids, TensorOf<[I8]>:$table, TypeAttrOf<Seq_Packing>:$packing);
  let results = (outs Seq_Tensor:$y);
  let assemblyFormat = [{
    $ids `,` $table `as` $packing attr-dict `:` type($ids) `,` type($table) `->` type($y)
  }];
  let extraClassDeclaration = Seq_PointwiseInTime.decls;
}

def Seq_ParallelOp : Seq_Op<"parallel", [SingleBlockImplicitTerminator<"YieldOp">, RecursiveMemoryEffects]> {
  let summary = "A parallel loop of the runtime";
  let description = [{
    Runs the body over [0, count) in pieces of at least `grain` iterations: the body
    gets [begin, end) and the number of its worker, below seq.workers. Bodies run at the
    same time and may use values from outside.
  }];
  let arguments = (ins Index:$count, Index:$grain);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$count `grain` $grain $body attr-dict";
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$count, "::mlir::Value":$grain)>];
  let extraClassDeclaration = [{
    ::mlir::Value getBegin() { return getBody().getArgument(0); }
    ::mlir::Value getEnd() { return getBody().getArgument(1); }
    ::mlir::Value getWorker() { return getBody().getArgument(2); }
  }];
}

def Seq_YieldOp : Seq_Op<"yield", [Pure, Terminator, HasParent<"ParallelOp">]> {
  let summary = "Ends the body of seq.parallel";
  let assemblyFormat = "attr-dict";
}

def Seq_WorkersOp : Seq_Op<"workers", [Pure]> {
  let summary = "How many workers seq.parallel may use at the same time";
  let results = (outs Index:$workers);
  let assemblyFormat = "attr-dict";
}

def Seq_StateComponentOp : Seq_Op<"state_component", [Pure]> {
  let summary = "The memory of a state";
  let description = [{
    Component 0 of `!seq.state<AxBxf32>` is memref<?xAxBxf32> (batch first). A KV state
    `!seq.kv<HxKxVxf32>` of capacity C has component 0, keys in panels of 32 tokens,
    memref<?xHx?xKx32xf32> = [B,H,ceil(C/32),K,32], and component 1, values,
    memref<?xHx?xVxf32> = [B,H,C,V].
  }];
  let arguments = (ins Seq_AnyState:$state, I64Attr:$index);
  let results = (outs AnyMemRef:$memory);
  let assemblyFormat = "$state `[` $index `]` attr-dict `:` type($state) `->` type($memory)";
}

def Seq_LocalStateOp : Seq_Op<"local_state", [Pure]> {
  let summary = "A state in memory of the running call";
  let description = [{
    What seq.state_init becomes: the components as seq.state_component gives them, and the
    tokens of each row as seq.state_tokens does.
  }];
  let arguments = (ins MemRefOf<[I64]>:$tokens, Variadic<AnyMemRef>:$components);
  let results = (outs Seq_AnyState:$state);
  let assemblyFormat = [{
    $tokens `,` $components attr-dict `:` type($tokens) `,` type($components) `->` type($state)
  }];
}

def Seq_StateTokensOp : Seq_Op<"state_tokens", [Pure]> {
  let summary = "How many tokens each row of a state holds: memref<?xi64>, [B]";
  let arguments = (ins Seq_AnyState:$state);
  let results = (outs MemRefOf<[I64]>:$tokens);
  let assemblyFormat = "$state attr-dict `:` type($state) `->` type($tokens)";
}

def Seq_ReportIndexOp : Seq_Op<"report_index"> {
  let summary = "Notes that index number `position` holds `value`, outside [0, limit)";
  let description = [{Of an `expert`, or of a row of a table.}];
  let arguments = (ins I64:$position, I64:$value, I64:$limit, UnitAttr:$expert);
  let assemblyFormat = "$position `,` $value `,` $limit (`expert` $expert^)? attr-dict";
}

def Seq_ReportFullOp : Seq_Op<"report_full"> {
  let summary = "Notes that a state gets `tokens` tokens in total, but has room for `room`";
  let arguments = (ins I64:$tokens, I64:$room);
  let assemblyFormat = "$tokens `,` $room attr-dict";
}

def Seq_ParameterMemoryOp : Seq_Op<"parameter_memory", [Pure]> {
  let summary = "The memory of a parameter of the module, read only";
  let arguments = (ins FlatSymbolRefAttr:$parameter);
  let results = (outs AnyMemRef:$memory);
  let assemblyFormat = "$parameter attr-dict `:` type($memory)";
}

def Seq_FrameOp : Seq_Op<"frame", [Pure]> {
  let summary = "The frame of the running call (seq_abi_frame in include/seq/Runtime/ABI.h)";
  let results = (outs AnyType:$frame);
  let assemblyFormat = "attr-dict `:` type($frame)";
}

def Seq_ViewOp : Seq_Op<"view", [Pure]> {
  let summary = "Memory behind a pointer as a memref of identity layout";
  let description = [{`offset` bytes behind `pointer` (an !llvm.ptr); `sizes` are the dynamic
    extents of the result.}];
  let arguments = (ins AnyType:$pointer, Index:$offset, Variadic<Index>:$sizes);
  let results = (outs AnyMemRef:$memory);
  let assemblyFormat = "$pointer `[` $offset `]` `(` $sizes `)` attr-dict `:` type($pointer) `->` type($memory)";
}

#endif // SEQ_PACKED_OPS
