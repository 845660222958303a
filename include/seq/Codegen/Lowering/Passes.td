//===- Passes.td - From tensors to functions of the ABI ------*- tablegen -*-===//

#ifndef SEQ_CODEGEN_LOWERING_PASSES
#define SEQ_CODEGEN_LOWERING_PASSES

include "mlir/Pass/PassBase.td"

def SeqBufferize : Pass<"seq-bufferize", "::mlir::ModuleOp"> {
  let summary = "Give every tensor a buffer; seq ops become calls of kernels";
  let description = [{
    One-shot bufferisation across functions. A seq op that has a kernel becomes a call of a
    function that the kernel's emitter writes for the target (the module attribute
    `seq.target`, or the option); ops of the same kind, attributes and types share one.
    States are updated in place: a new state is the old one, and a use of the old one behind the
    update an error. seq.state_init becomes buffers, a seq.local_state and a call of a kernel.
  }];
  let options = [Option<"cpu", "cpu", "std::string", "\"host\"", "the processor, as in seqc --target-cpu">,
    Option<"features", "features", "std::string", "\"\"", "features to add or to leave out, as in seqc --target-features">];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::cf::ControlFlowDialect", "::mlir::memref::MemRefDialect", "::mlir::bufferization::BufferizationDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect", "::mlir::math::MathDialect",
    "::mlir::LLVM::LLVMDialect"];
}

def SeqResultsToArguments : Pass<"seq-results-to-arguments", "::mlir::ModuleOp"> {
  let summary = "Return buffers through arguments, and states not at all";
  let description = [{
    A function's memref results become trailing arguments, allocated by the caller, whose
    extents must follow from the arguments' ones. A returned state is the argument that
    it started as, or one that seq.state_init made: its memory is the caller's, too. A state
    that is made with other rows than the sequences that it is used with is an error.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::cf::ControlFlowDialect", "::mlir::memref::MemRefDialect"];
}

def SeqPlanMemory : Pass<"seq-plan-memory", "::mlir::ModuleOp"> {
  let summary = "Put all buffers of a call into one arena";
  let description = [{
    Every memref.alloc becomes a slice of the arena that the runtime provides; buffers that
    do not live at the same time share memory. Each function gets the arena as an argument
    and a twin `NAME.arena` that computes the bytes it needs from the extents of its
    arguments and the number of workers. A buffer whose size does not follow from those is
    an error.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::cf::ControlFlowDialect", "::mlir::memref::MemRefDialect", "::mlir::LLVM::LLVMDialect"];
}

def SeqLowerExports : Pass<"seq-lower-exports", "::mlir::ModuleOp"> {
  let summary = "Write the functions that the runtime calls";
  let description = [{
    For each seqm.export a function of the ABI that finds arguments, results, states and
    dimensions in the frame, checks ids against the tables that they index before anything
    is changed, and calls the exported function; and its twin that computes the arena.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::cf::ControlFlowDialect", "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def SeqLowerRuntime : Pass<"seq-lower-runtime", "::mlir::ModuleOp"> {
  let summary = "Outline parallel loops; reach states, parameters and the runtime by the frame";
  let description = [{
    Every function gets the frame as its first argument. seq.parallel becomes a function and
    a call of the runtime's parallel_for; states become pointers, those of the call to structures
    on the stack; parameters and workers are
    loaded from the frame.
  }];
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::cf::ControlFlowDialect", "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def SeqLowerToLLVM : Pass<"seq-lower-to-llvm", "::mlir::ModuleOp"> {
  let summary = "The last step: everything to the LLVM dialect";
  let dependentDialects = ["::mlir::seq::SeqDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::cf::ControlFlowDialect", "::mlir::LLVM::LLVMDialect"];
}

#endif // SEQ_CODEGEN_LOWERING_PASSES
