//===- SeqBase.td - The dialect, its types and enumerations --*- tablegen -*-===//

#ifndef SEQ_BASE
#define SEQ_BASE

include "dialects/Seq/SeqInterfaces.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Seq_Dialect : Dialect {
  let name = "seq";
  let cppNamespace = "::mlir::seq";
  let summary = "Ops of sequence models";
  let description = [{
    Sequence mixers (attention, retention, scans), what stands around them in
    real models (norms, rotary positions, linear layers with quantised weights)
    and the states that they carry along time. Sequences are tensors of the
    shape [batch, time, ...] with both dimensions dynamic. Elementwise work is
    left to the arith and math dialects.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = "void registerTypes();";
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class Seq_Type<string name, string mnemonicText, list<Trait> traits = []>
    : TypeDef<Seq_Dialect, name, traits> {
  let mnemonic = mnemonicText;
}

def Seq_State : Seq_Type<"State", "state"> {
  let summary = "A state of fixed size, carried along time";
  let description = [{
    What an op carries from token to token, one array of this shape for each
    row of the batch: `!seq.state<8x64x64xf32>` is the matrix state of 8 heads,
    `!seq.state<64xf32>` the last token of a token shift, `!seq.state<i64>` a
    counter. A fresh state is filled with `init` (0 if absent). States are
    updated in place: a state value has at most one use that updates it.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType,
                        APFloatParameter<"what a fresh state is filled with">:$init);
  let builders = [TypeBuilderWithInferredContext<(ins "::llvm::ArrayRef<int64_t>":$shape,
    "::mlir::Type":$elementType, CArg<"double", "0.0">:$init), [{
      return $_get(elementType.getContext(), shape, elementType, ::llvm::APFloat(init));
    }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Seq_KV : Seq_Type<"KV", "kv"> {
  let summary = "The keys and values that attention has seen";
  let description = [{
    `!seq.kv<3x64xf32>` holds, for each row of the batch, the keys and values of
    3 heads of 64 channels for as many tokens as its capacity; `!seq.kv<3x64x128xf32>`
    has values of 128 channels. It counts the tokens of each row.
  }];
  let parameters = (ins "int64_t":$heads, "int64_t":$keyDim, "int64_t":$valueDim,
                        "::mlir::Type":$elementType);
  let builders = [TypeBuilderWithInferredContext<(ins "int64_t":$heads, "int64_t":$keyDim,
    "int64_t":$valueDim, "::mlir::Type":$elementType), [{
      return $_get(elementType.getContext(), heads, keyDim, valueDim, elementType);
    }]>];
  let extraClassDeclaration = [{
    /// Tokens of a panel. Keys are kept as [B, heads, panels, keyDim, kPanel]: channel by channel,
    /// the keys of consecutive tokens side by side.
    static constexpr int64_t kPanel = 32;
  }];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

class Seq_BlockType<string name, string mnemonicText, string blockBytes, string text>
    : Seq_Type<name, mnemonicText, [MemRefElementTypeInterface]> {
  let summary = text;
  let description = [{
    An element of a tensor whose innermost dimension is stored in blocks of 32
    elements, each with its own scale (and minimum), as in GGUF files.
  }];
  let extraClassDeclaration = [{
    static constexpr int64_t kBlockElements = 32;
    static constexpr int64_t kBlockBytes = }] # blockBytes # [{;
  }];
}
def Seq_Q4_0 : Seq_BlockType<"Q4_0", "q4_0", "18", "4-bit block-quantised element: d (q - 8)">;
def Seq_Q4_1 : Seq_BlockType<"Q4_1", "q4_1", "20", "4-bit block-quantised element: d q + m">;
def Seq_Q8_0 : Seq_BlockType<"Q8_0", "q8_0", "34", "8-bit block-quantised element: d q">;

def Seq_Float : AnyTypeOf<[F64, F32, F16, BF16]>;
def Seq_Weight : AnyTypeOf<[F64, F32, F16, BF16, Seq_Q4_0, Seq_Q4_1, Seq_Q8_0]>;
def Seq_Tensor : TensorOf<[Seq_Float]>;
def Seq_WeightTensor : TensorOf<[Seq_Weight]>;
def Seq_IndexTensor : TensorOf<[I32, I64]>;
def Seq_AnyState : AnyTypeOf<[Seq_State, Seq_KV]>;
def Seq_RowNumbers : TensorOf<[I64]>; // one number for each row of the batch
def Seq_Flags : TensorOf<[I1]>;

//===----------------------------------------------------------------------===//
// Enumerations
//===----------------------------------------------------------------------===//

class Seq_Enum<string name, string text, list<I32EnumCase> cases>
    : I32Enum<name, text, cases> {
  let cppNamespace = "::mlir::seq";
}
class Seq_EnumAttr<I32Enum e, string mnemonic> : EnumAttr<Seq_Dialect, e, mnemonic> {
  // Printed with a space in front of it, so ops put none there.
  let assemblyFormat = "$value";
}

def Seq_RotaryLayout : Seq_Enum<"RotaryLayout", "which channels form a pair", [
  I32EnumCase<"Half", 0, "half">, I32EnumCase<"Interleaved", 1, "interleaved">]>;
def Seq_RotaryLayoutAttr : Seq_EnumAttr<Seq_RotaryLayout, "rotary_layout">;

def Seq_Activation : Seq_Enum<"Activation", "an activation function", [
  I32EnumCase<"Silu", 0, "silu">, I32EnumCase<"Gelu", 1, "gelu">,
  I32EnumCase<"GeluTanh", 2, "gelu_tanh">, I32EnumCase<"Relu", 3, "relu">,
  I32EnumCase<"Relu2", 4, "relu2">, I32EnumCase<"Sigmoid", 5, "sigmoid">,
  I32EnumCase<"Tanh", 6, "tanh">, I32EnumCase<"Softplus", 7, "softplus">,
  I32EnumCase<"Identity", 8, "identity">]>;
def Seq_ActivationAttr : Seq_EnumAttr<Seq_Activation, "activation_kind">;

def Seq_EpsMode : Seq_Enum<"EpsMode", "how eps guards a norm", [
  I32EnumCase<"Add", 0, "add">, I32EnumCase<"Max", 1, "max">]>;
def Seq_EpsModeAttr : Seq_EnumAttr<Seq_EpsMode, "eps_mode">;

def Seq_Decay : Seq_Enum<"Decay", "how a matrix state decays", [
  I32EnumCase<"None", 0, "none">, I32EnumCase<"Static", 1, "static">,
  I32EnumCase<"Head", 2, "head">, I32EnumCase<"Channel", 3, "channel">,
  I32EnumCase<"Factored", 4, "factored">]>;
def Seq_DecayAttr : Seq_EnumAttr<Seq_Decay, "decay">;

def Seq_Update : Seq_Enum<"Update", "how a matrix state takes in a token", [
  I32EnumCase<"Outer", 0, "outer">, I32EnumCase<"Delta", 1, "delta">,
  I32EnumCase<"Dplr", 2, "dplr">]>;
def Seq_UpdateAttr : Seq_EnumAttr<Seq_Update, "update">;

def Seq_Read : Seq_Enum<"Read", "which state a query reads", [
  I32EnumCase<"Post", 0, "post">, I32EnumCase<"Pre", 1, "pre">]>;
def Seq_ReadAttr : Seq_EnumAttr<Seq_Read, "read">;

def Seq_Normaliser : Seq_Enum<"Normaliser", "what the output is divided by", [
  I32EnumCase<"None", 0, "none">, I32EnumCase<"Ratio", 1, "ratio">,
  I32EnumCase<"Max", 2, "max">]>;
def Seq_NormaliserAttr : Seq_EnumAttr<Seq_Normaliser, "normaliser">;

def Seq_Form : Seq_Enum<"Form", "how a recurrence is computed", [
  I32EnumCase<"Auto", 0, "auto">, I32EnumCase<"Recurrent", 1, "recurrent">,
  I32EnumCase<"Chunkwise", 2, "chunkwise">, I32EnumCase<"Parallel", 3, "parallel">]>;
def Seq_FormAttr : Seq_EnumAttr<Seq_Form, "form">;

def Seq_Scores : Seq_Enum<"Scores", "how router logits become scores of experts", [
  I32EnumCase<"Softmax", 0, "softmax">, I32EnumCase<"Sigmoid", 1, "sigmoid">]>;
def Seq_ScoresAttr : Seq_EnumAttr<Seq_Scores, "scores">;

//===----------------------------------------------------------------------===//
// Op classes
//===----------------------------------------------------------------------===//

class Seq_Op<string mnemonic, list<Trait> traits = []>
    : Op<Seq_Dialect, mnemonic, traits>;

/// An op whose result types follow from its operands and attributes.
class Seq_InferredOp<string mnemonic, list<Trait> traits = []>
    : Seq_Op<mnemonic, !listconcat([InferTypeOpAdaptor], traits)>;

/// A pure op that is pointwise in time, with inferred results.
class Seq_PointwiseOp<string mnemonic, list<Trait> traits = []>
    : Seq_InferredOp<mnemonic, !listconcat([Pure, Seq_TimeInterface], traits)> {
  let extraClassDeclaration = Seq_PointwiseInTime.decls;
}

/// An op that carries states; `getCarriedStates` and `threadStates` are written by hand.
class Seq_CarryingOp<string mnemonic, list<Trait> traits = []>
    : Seq_InferredOp<mnemonic, !listconcat([DeclareOpInterfaceMethods<Seq_TimeInterface>], traits)>;

#endif // SEQ_BASE
