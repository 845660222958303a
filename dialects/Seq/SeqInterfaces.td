//===- SeqInterfaces.td - What passes ask of an op -----------*- tablegen -*-===//

#ifndef SEQ_INTERFACES
#define SEQ_INTERFACES

include "mlir/IR/OpBase.td"

def Seq_TimeInterface : OpInterface<"TimeInterface"> {
  let cppNamespace = "::mlir::seq";
  let description = [{
    What an op carries along time. Sequences have the shape [batch, time, ...].
    An op that carries nothing is pointwise in time: output t depends on input
    t alone. An op that carries states becomes steppable by threading them:
    `threadStates` rewrites the op into the form that starts from the given
    states and returns the states after the last token. State derivation asks
    nothing else of an op, so an op that does not implement this interface
    (and is not known to be pointwise) can not be stepped.
  }];
  let methods = [
    InterfaceMethod<[{The types of the states that the op needs from the tokens
      before it, in order; empty if it is pointwise in time.}],
      "::llvm::SmallVector<::mlir::Type>", "getCarriedStates">,
    InterfaceMethod<[{The states that the op is given now, if any.}],
      "::mlir::ValueRange", "getGivenStates">,
    InterfaceMethod<[{Replaces the op by its form that starts from `states` (one
      of each type of getCarriedStates) and returns the states after it. Only for
      ops that carry states and are given none.}],
      "::llvm::SmallVector<::mlir::Value>", "threadStates",
      (ins "::mlir::RewriterBase &":$rewriter, "::mlir::ValueRange":$states)>,
  ];
}

/// For ops that are pointwise in time.
def Seq_PointwiseInTime {
  string decls = [{
    ::llvm::SmallVector<::mlir::Type> getCarriedStates() { return {}; }
    ::mlir::ValueRange getGivenStates() { return {}; }
    ::llvm::SmallVector<::mlir::Value> threadStates(
        ::mlir::RewriterBase &, ::mlir::ValueRange) { return {}; }
  }];
}

#endif // SEQ_INTERFACES
