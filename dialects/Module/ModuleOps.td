//===- ModuleOps.td - Exports, parameters, states ------------*- tablegen -*-===//

#ifndef SEQ_MODULE_OPS
#define SEQ_MODULE_OPS

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Seqm_Dialect : Dialect {
  let name = "seqm";
  let cppNamespace = "::mlir::seqm";
  let summary = "What a compiled module is made of";
  let description = [{
    Exported functions, and parameters that stay in their files: the IR holds where
    a weight is, never its values. A model is a builtin module with, optionally, the
    attributes `seqm.context` (the most tokens of a sequence, i64), `seqm.vocabulary`
    (i64), `seqm.stop_tokens` (an array of i64: each ends a generation),
    `seqm.tokenizer` (the file that the tokenizer is read from) and `seqm.name`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
}

class Seqm_Attr<string name, string mnemonicText> : AttrDef<Seqm_Dialect, name> {
  let mnemonic = mnemonicText;
}

def Seqm_FileAttr : Seqm_Attr<"File", "file"> {
  let summary = "Values in a file, in its own layout";
  let description = [{
    The values start `offset` bytes into the file. Without strides they are dense and
    row-major. `strides` (in elements, one for each dimension of `shape`, which
    enumerates the elements of the parameter row-major) describes any other view:
    rows of a fused matrix, a transposed one, heads that interleave. Block-quantised
    values are dense, or whole rows apart. `stored` is the element type in the file
    where it is not the parameter's own: values are converted when they are packed.
  }];
  let parameters = (ins StringRefParameter<"the file">:$path, "int64_t":$offset,
    OptionalArrayRefParameter<"int64_t">:$shape, OptionalArrayRefParameter<"int64_t">:$strides,
    OptionalParameter<"::mlir::Type">:$stored);
  let assemblyFormat = [{
    `<` $path `,` `offset` `=` $offset (`shape` `=` `[` $shape^ `]` `strides` `=` `[` $strides `]`)?
    (`stored` `=` $stored^)? `>`
  }];
}

def Seqm_NormalAttr : Seqm_Attr<"Normal", "normal"> {
  let summary = "Seeded normal random values, for examples and tests";
  let parameters = (ins "uint64_t":$seed, "::mlir::FloatAttr":$stddev);
  let assemblyFormat = "`<` `seed` `=` $seed `,` `stddev` `=` $stddev `>`";
}

def Seqm_ConcatAttr : Seqm_Attr<"Concat", "concat"> {
  let summary = "Other parameters, one behind the other along the first dimension";
  let description = [{
    Parts of one dimension less are stacked: each is one element of the first dimension, as
    the matrices of experts are.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::FlatSymbolRefAttr">:$parts);
  let assemblyFormat = "`<` `[` $parts `]` `>`";
}

def Seqm_ParameterOp : Op<Seqm_Dialect, "parameter", [Symbol]> {
  let summary = "A parameter (weight) of the model";
  let description = [{
    `seqm.parameter @w : tensor<8x4xf32> = #seqm.file<"model.safetensors", offset = 128>`.
    The values may also be `#seqm.normal`, `#seqm.concat` or a dense attribute.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type, AnyAttr:$source,
    OptionalAttr<StrAttr>:$sym_visibility);
  let assemblyFormat = "$sym_name `:` $type `=` $source attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getTensorType() { return ::mlir::cast<::mlir::RankedTensorType>(getType()); }
  }];
}

def Seqm_LoadOp : Op<Seqm_Dialect, "load", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A parameter as a value";
  let arguments = (ins FlatSymbolRefAttr:$parameter);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$parameter attr-dict `:` type($value)";
}

def Seqm_ExportOp : Op<Seqm_Dialect, "export", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Makes a function callable from outside";
  let description = [{
    `seqm.export "forward" = @forward kind "forward" arguments ["ids"] results ["logits"]`.
    The kind is forward (a function of whole sequences, from which prefill and step
    are derived), prefill, step or other. Names are given to tensors only; states
    follow the tensors in the function's signature. Dimension 0 of the arguments is the
    batch and, for sequence functions, dimension 1 time.
  }];
  let arguments = (ins StrAttr:$name, FlatSymbolRefAttr:$function, StrAttr:$kind,
    StrArrayAttr:$argument_names, StrArrayAttr:$result_names);
  let assemblyFormat = [{
    $name `=` $function `kind` $kind `arguments` $argument_names `results` $result_names attr-dict
  }];
  let hasVerifier = 1;
}

#endif // SEQ_MODULE_OPS
