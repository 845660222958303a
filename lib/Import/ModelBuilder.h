//===- ModelBuilder.h - Parameters, functions and exports -------*- C++ -*-===//
//
// What architectures write their seq IR with. A model is one function `forward`
// that calls a function for every block:
//
//   ModelBuilder model(context, weights);
//   Graph graph = model.startForward();
//   Value x = graph.embedding(graph.ids(), model.matrix("wte.weight", V, D));
//   for (int64_t i = 0; i < layers; ++i)
//     x = model.block(graph, "layer", {x}, [&](Graph &g, ValueRange in) {
//       return SmallVector<Value>{...};
//     }).front();
//   model.finish(graph, logits, info);
//
// Every block is written out; a block whose function equals an earlier one up
// to the weights becomes a call of that one, with its own weights. So layers
// that differ in kind get a function for each kind without anybody counting
// kinds.
//
// Errors (a missing tensor, a wrong shape) are recorded and building goes on
// with the types that were asked for, so that an architecture reads as a plain
// sequence of layers; finish() gives the first error.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_MODELBUILDER_H
#define SEQ_IMPORT_MODELBUILDER_H

#include "dialects/Seq/Seq.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "seq/Import/Rotary.h"
#include "seq/Import/WeightSource.h"

namespace seqc::importer {

/// A parameter that the module declares. An empty one stands for a weight that
/// a model does not have (a missing bias).
struct Weight {
  std::string symbol;
  mlir::RankedTensorType type;

  explicit operator bool() const { return !symbol.empty(); }
};

/// How a parameter lies inside a stored tensor that holds more, or holds it in
/// another order. `counts` and `strides` (in elements) enumerate its elements
/// row-major from element `offset` on.
struct View {
  llvm::StringRef suffix;              ///< distinguishes the parameters of one tensor
  llvm::SmallVector<int64_t, 2> shape; ///< of the parameter
  int64_t offset = 0;
  llvm::SmallVector<int64_t, 4> counts;
  llvm::SmallVector<int64_t, 4> strides;
  bool asF32 = false; ///< also where it is no vector
};

/// The body of a function under construction.
class Graph {
public:
  mlir::OpBuilder &ops() { return builder; }
  mlir::Location loc() const { return location; }
  /// The token ids of `forward`.
  mlir::Value ids() { return function.getArgument(0); }

  /// A weight as a value; null for an empty weight.
  mlir::Value use(const Weight &weight);

  mlir::Value embedding(mlir::Value ids, const Weight &table);
  mlir::Value positions(mlir::Value x);
  mlir::Value linear(mlir::Value x, const Weight &weight, const Weight &bias = {});
  mlir::Value rmsNorm(mlir::Value x, const Weight &weight, double eps, double weightOffset = 0);
  mlir::Value layerNorm(mlir::Value x, const Weight &weight, const Weight &bias, double eps);
  mlir::Value groupNorm(mlir::Value x, const Weight &weight, const Weight &bias, int64_t groups, double eps);
  mlir::Value l2Norm(mlir::Value x, double eps);
  mlir::Value activation(mlir::Value x, mlir::seq::Activation kind);
  mlir::Value glu(mlir::Value gate, mlir::Value up, mlir::seq::Activation kind);
  mlir::Value rotary(mlir::Value x, mlir::Value positions, const Rotary &rotary, mlir::seq::RotaryLayout layout);
  mlir::Value splitHeads(mlir::Value x, int64_t heads);
  mlir::Value mergeHeads(mlir::Value x);
  /// x [B,T,D] for every head: [B,T,H,D].
  mlir::Value forHeads(mlir::Value x, int64_t heads);
  mlir::Value tokenShift(mlir::Value x);
  /// Behind one another along the innermost dimension.
  mlir::Value concat(mlir::ValueRange parts);

  /// Elementwise; an operand of lower rank is repeated over the other's outer
  /// dimensions.
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  /// x times a number; x itself where that is 1.
  mlir::Value scale(mlir::Value x, double factor);
  /// -exp(x)
  mlir::Value negExp(mlir::Value x);
  /// A vector of `size` equal values.
  mlir::Value constant(int64_t size, double value);
  /// `value` for every token of x [B,T,...]: [B,T] and the dimensions of `value`.
  mlir::Value perToken(mlir::Value value, mlir::Value x);

private:
  friend class ModelBuilder;
  Graph(mlir::func::FuncOp function, mlir::Location location, bool isBlock)
      : function(function), builder(function.getContext()), location(location), isBlock(isBlock) {
    builder.setInsertionPointToEnd(&function.getBody().front());
  }
  void match(mlir::Value &a, mlir::Value &b);

  mlir::func::FuncOp function;
  mlir::OpBuilder builder;
  mlir::Location location;
  bool isBlock;             ///< weights are arguments; in `forward` they are loaded
  std::vector<Weight> used; ///< the weights of the trailing arguments
  llvm::StringMap<mlir::Value> values;
};

/// What a model says about itself besides its function.
struct ModelInfo {
  std::string name;
  std::string tokenizer; ///< the file that the tokenizer is read from, or ""
  int64_t context = 0;   ///< the most tokens of a sequence, 0 for no limit
  int64_t vocabulary = 0;
  std::vector<int64_t> stopTokens; ///< each ends a generation; those outside the vocabulary mean nothing
};

class ModelBuilder {
public:
  ModelBuilder(mlir::MLIRContext *context, WeightSource &weights);

  WeightSource &weights() { return source; }

  /// A matrix [outputs, inputs], stored like that, in its own element type.
  Weight matrix(llvm::StringRef name, int64_t outputs, int64_t inputs);
  /// A vector in f32, whatever it is stored in; dimensions of 1 in front do not
  /// matter.
  Weight vector(llvm::StringRef name, int64_t size);
  /// A tensor of any shape in f32, for what is not a matrix of a linear layer.
  Weight tensor(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);
  /// A matrix [outputs, inputs] that is stored as [inputs, outputs].
  Weight transposed(llvm::StringRef name, int64_t outputs, int64_t inputs);
  /// Part of a tensor of shape `stored`: a vector in f32, all else in its own
  /// element type unless the view asks for f32. Of a block-quantised tensor only
  /// rows behind one another are a part.
  Weight view(llvm::StringRef name, llvm::ArrayRef<int64_t> stored, const View &view);
  /// Rows [first, first + count) of a tensor [rows, ...].
  Weight rows(llvm::StringRef name, llvm::ArrayRef<int64_t> stored, llvm::StringRef suffix, int64_t first,
              int64_t count);
  /// A stack of matrices [matrices, outputs, inputs], stored like that, in its own element type.
  Weight stacked(llvm::StringRef name, int64_t matrices, int64_t outputs, int64_t inputs);
  /// Matrices of one type as a stack under a name of its own.
  Weight stack(llvm::StringRef symbol, llvm::ArrayRef<Weight> parts);
  /// A matrix filled with one value, under a name of its own.
  Weight filled(llvm::StringRef symbol, llvm::ArrayRef<int64_t> shape, float value);

  /// A vector of these numbers, under a name of its own: what layers of one kind differ in.
  Weight numbers(llvm::StringRef symbol, llvm::ArrayRef<float> values);

  /// Starts `forward(ids: [batch, time] of i32)`.
  Graph startForward();
  /// Builds a block as a function and calls it from `caller`. `body` gets the
  /// block's own values for `inputs` and returns its results.
  llvm::SmallVector<mlir::Value>
  block(Graph &caller, llvm::StringRef name, mlir::ValueRange inputs,
        llvm::function_ref<llvm::SmallVector<mlir::Value>(Graph &, mlir::ValueRange)> body);

  /// Records an error of the weights' file; the first one counts.
  void fail(llvm::Error error);
  bool failed() const { return static_cast<bool>(firstError); }

  /// Ends `forward` with its result and exports it. An error: the first one
  /// recorded, or a tensor of the checkpoint that nobody used.
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> finish(Graph &graph, mlir::Value logits, const ModelInfo &info);

private:
  Weight declare(llvm::StringRef symbol, mlir::RankedTensorType type, mlir::Attribute values);
  Weight declareStored(llvm::StringRef symbol, const TensorEntry &entry, const View &view, bool asF32);
  mlir::Type getElementType(ElementKind kind);
  mlir::func::FuncOp findEqual(mlir::func::FuncOp function);
  llvm::Error checkUnused() const;

  mlir::MLIRContext *context;
  WeightSource &source;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::OpBuilder builder; ///< at the end of the parameters
  llvm::StringMap<Weight> declared;
  std::vector<mlir::func::FuncOp> blocks;
  llvm::StringMap<unsigned> blocksOfName;
  std::optional<std::string> firstError;
};

} // namespace seqc::importer

#endif // SEQ_IMPORT_MODELBUILDER_H
