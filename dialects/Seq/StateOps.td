//===- StateOps.td - Making, choosing and shortening states --*- tablegen -*-===//

#ifndef SEQ_STATE_OPS
#define SEQ_STATE_OPS

include "SeqBase.td"

def Seq_StateInitOp : Seq_Op<"state_init", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "A fresh state for some rows";
  let description = [{
    `batch` rows, filled with the type's initial value; a KV state has room for
    `capacity` tokens and holds none. Compiled, the state has memory of the running call: batch
    and capacity must follow from extents of its arguments, and an export can not return it.
  }];
  let arguments = (ins Index:$batch, Optional<Index>:$capacity);
  let results = (outs Seq_AnyState:$state);
  let assemblyFormat = "$batch (`capacity` $capacity^)? attr-dict `:` type($state)";
  let hasVerifier = 1;
}

/// An op that updates a state in place.
class Seq_StateUpdateOp<string mnemonic>
    : Seq_InferredOp<mnemonic, [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let results = (outs Seq_AnyState:$newState);
  let hasVerifier = 1;
}

def Seq_StateSelectOp : Seq_StateUpdateOp<"state_select"> {
  let summary = "Rows of a state in another order";
  let description = [{
    New row b is old row rows[b]: what a beam search does when beams die and fork, or a
    server when sequences move between slots. A row may be taken any number of times.
  }];
  let arguments = (ins Seq_AnyState:$state, Seq_RowNumbers:$rows);
  let assemblyFormat = "$state `,` $rows attr-dict `:` type($state) `,` type($rows)";
}

def Seq_StateRollbackOp : Seq_StateUpdateOp<"state_rollback"> {
  let summary = "A KV state without its newest tokens";
  let description = [{
    Row b forgets the tokens from lengths[b] on (speculative decoding: those that were
    refused). Other states do not know their past: keep a copy of them.
  }];
  let arguments = (ins Seq_AnyState:$state, Seq_RowNumbers:$lengths);
  let assemblyFormat = "$state `,` $lengths attr-dict `:` type($state) `,` type($lengths)";
}

#endif // SEQ_STATE_OPS
