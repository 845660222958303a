//===- Passes.td - From sequence functions to packed ones ----*- tablegen -*-===//

#ifndef SEQ_TRANSFORMS_PASSES
#define SEQ_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def SeqWidenElements : Pass<"seq-widen-elements", "::mlir::ModuleOp"> {
  let summary = "Let ops with kernels work in f32";
  let description = [{
    Kernels work in f32. An op on tensors of f16 or bf16 that becomes one gets its operands in
    f32, and its results are rounded; weights of linear layers and tables of embeddings stay as
    they are stored. So states that are derived from it hold f32. Ops that were given states are
    left alone.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect"];
}

def SeqMergeLinears : Pass<"seq-merge-linears", "::mlir::ModuleOp"> {
  let summary = "Make one linear layer of several with one input";
  let description = [{
    Linear layers of the same input (queries, keys and values; gate and up) become one
    whose weight is #seqm.concat of theirs, followed by slices of its outputs. Weights (and
    biases, if all have one) must be parameters or, through calls, arguments that become
    one argument. Layers are merged that agree in the element type of the weight and in
    having a bias, are not transposed, and have a multiple of 32 outputs; a remark says
    why others are not.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::seqm::SeqmDialect", "::mlir::tensor::TensorDialect",
    "::mlir::arith::ArithDialect"];
}

def SeqDeriveSteps : Pass<"seq-derive-steps", "::mlir::ModuleOp"> {
  let summary = "Make prefill and step, with typed states, from every forward";
  let description = [{
    For each export of kind forward: `prefill` takes the tokens of a call and the states
    of all ops that carry some, and returns the results at the last position and the new
    states; `step` is the same for one token. Functions that it calls are cloned once each;
    every call threads states of its own. Dimension 1 of rank-2 and higher tensors is
    time. An op that carries something along time and does not say what (the time
    interface) is an error, and so is attention that is not causal.

    With `extend` there is a third function of that name: prefill with the results at all
    positions, to score a text in pieces or to verify drafted tokens.

    States are named "kv" or after their op within a function, and after the number of
    the call in its callers: "layers.3.kv". Those of an export that is not called
    "forward" start with its name: "encoder.kv".
  }];
  let options = [Option<"extend", "extend", "bool", "false",
                        "derive `extend` too: prefill with the results at all positions">];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::tensor::TensorDialect"];
}

def SeqHoistLast : Pass<"seq-hoist-last", "::mlir::ModuleOp"> {
  let summary = "Compute only the last position where no more is asked for";
  let description = [{
    In exported functions and what they call, an op whose results only seq.last reads
    computes one position: ops that are pointwise in time, attention (one query sees all
    keys), and calls, whose callee gets a twin that returns last positions. seq.last ends
    up at mixers with a state, at arguments, and where something else reads other
    positions. A remark says where time can not be followed.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect"];
}

def SeqPackParameters : Pass<"seq-pack-parameters", "::mlir::ModuleOp"> {
  let summary = "Pack the matrices of linear layers and embeddings";
  let description = [{
    A parameter that is the weight of a linear layer or the table of an embedding, through
    whatever calls, becomes bytes in the layout of !seq.packing, and its users the packed
    ops. One packing serves both uses. Other parameters become dense f32. A parameter, or an
    argument that gets parameters, with uses that need different bytes is doubled; constant
    matrices become parameters. Rows that are no whole blocks are not quantised (a remark).

    A matrix that is no parameter (computed, or an argument of a function that is called
    from outside the module, whose signature stays) is packed by every call, in f32, by
    seq.pack; a remark says so. With a block-quantised type that is an error.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::seqm::SeqmDialect", "::mlir::arith::ArithDialect"];
  let options = [Option<"quantize", "quantize", "std::string", "\"none\"",
                        "how float matrices are stored: none, q8_0, q4_0, q4_1, bf16 or f16">];
}

def SeqFuseResidual : Pass<"seq-fuse-residual", "::mlir::ModuleOp"> {
  let summary = "Add residuals while the product is in registers";
  let description = [{
    A packed linear layer whose only use is an addition with another tensor takes that
    tensor as its residual.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect"];
}

def SeqChooseForms : Pass<"seq-choose-forms", "::mlir::ModuleOp"> {
  let summary = "Choose in which form each recurrence is computed";
  let description = [{
    Sets form and chunk of every op that has them and leaves them open: recurrent, chunkwise or
    parallel, by what docs/Forms.md expects each to take for these shapes, decays and tokens a call
    (a step, whose time is 1, is recurrent). The attribute `seq.form_reason` says why. A form that
    the op has already stays. A remark says where a chunk does not suit the op.

    `form` asks the same of all ops, whatever they have; a warning names the rule where an op has no
    such form, and that op is treated as without the option. `chunk` gives the tokens of a chunk
    to those that become chunkwise.
  }];
  let options = [Option<"form", "form", "std::string", "\"auto\"", "what all ops shall be: auto, recurrent, chunkwise or parallel">,
                 Option<"chunk", "chunk", "int64_t", "0", "tokens of a chunk (0: chosen)">,
                 Option<"threads", "threads", "int64_t", "0", "threads of a call (0: not known)">,
                 Option<"tokens", "tokens", "int64_t", "512", "tokens of a call where the types leave it open">,
                 Option<"lanes", "lanes", "int64_t", "8", "f32 lanes of a vector: 8 or 16">];
  let dependentDialects = ["::mlir::seq::SeqDialect"];
}

#endif // SEQ_TRANSFORMS_PASSES
