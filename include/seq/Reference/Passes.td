//===- Passes.td - The oracle as a pass ----------------------*- tablegen -*-===//

#ifndef SEQ_REFERENCE_PASSES
#define SEQ_REFERENCE_PASSES

include "mlir/Pass/PassBase.td"

def SeqInterpret : Pass<"seq-interpret", "::mlir::ModuleOp"> {
  let summary = "Run functions on the oracle, in f64";
  let description = [{
    Interprets functions of the seq dialect and of arith, math, tensor, linalg and scf
    around it. All floats are f64, whatever their type. Without `function`, every public
    function without arguments runs, in order. The run fails at the first expectation of
    the check dialect that is not met. A function that checks nothing has its results
    printed to standard output: one line each, the first elements only.

    Tensor arguments come from `inputs` (.npy files, one for each in order; integers of
    any width as long as they fit). States need no file: they are fresh, with the batch of
    the first input and room for `seqm.context` tokens (or a million), unless `load-states`
    names the prefix that an earlier run gave to `save-states`. Results go to `outputs`
    (.npy, one for each tensor in order; f64 or i64). State number N of the prefix P is
    saved to PN.npy, a KV state to PN.keys.npy and PN.values.npy.

    The module stays as it is; with `-o /dev/null` only the results are printed.
  }];
  let options = [
    Option<"function", "function", "std::string", "\"\"", "the function to run, by its own or its export's name">,
    ListOption<"inputs", "inputs", "std::string", "the .npy files of the tensor arguments">,
    ListOption<"outputs", "outputs", "std::string", "the .npy files for the tensor results">,
    Option<"loadStates", "load-states", "std::string", "\"\"", "prefix of the files of the states to start from">,
    Option<"saveStates", "save-states", "std::string", "\"\"", "prefix of the files for the states in the results">,
  ];
}

#endif // SEQ_REFERENCE_PASSES
