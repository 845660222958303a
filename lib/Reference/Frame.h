//===- Frame.h - What the semantics of an op can use ------------*- C++ -*-===//
//
// A handler gives an op its meaning: it reads the op's operands from the frame of the
// running function and sets its results there, or emits an error at the op and fails.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_REFERENCE_FRAME_H
#define SEQ_LIB_REFERENCE_FRAME_H

#include "seq/Reference/Interpreter.h"

namespace seqc::reference {

/// The values of a running function.
class Frame {
public:
  explicit Frame(Interpreter &interpreter) : interpreter(interpreter) {}

  Interpreter &getInterpreter() { return interpreter; }

  const Datum &get(mlir::Value value) const { return values.find(value)->second; }
  const Tensor &tensor(mlir::Value value) const { return *std::get<std::shared_ptr<const Tensor>>(get(value)); }
  const State &state(mlir::Value value) const { return *std::get<std::shared_ptr<const State>>(get(value)); }
  const KvState &kv(mlir::Value value) const { return *std::get<std::shared_ptr<const KvState>>(get(value)); }
  int64_t integer(mlir::Value value) const { return std::get<int64_t>(get(value)); }
  double real(mlir::Value value) const { return std::get<double>(get(value)); }

  /// A tensor operand that may be absent; null if it is.
  const Tensor *optional(mlir::Value value) const { return value ? &tensor(value) : nullptr; }

  /// Numbers of mixed constants and values, as tensor ops have them.
  Tensor::Shape fold(llvm::ArrayRef<mlir::OpFoldResult> mixed) const;

  void set(mlir::Value value, Datum datum) { values[value] = std::move(datum); }
  void set(mlir::Value value, Tensor tensor) { values[value] = asDatum(std::move(tensor)); }
  void set(mlir::Value value, State state) { values[value] = asDatum(std::move(state)); }
  void set(mlir::Value value, KvState state) { values[value] = asDatum(std::move(state)); }

  /// Runs a block on the given arguments; the operands of its terminator.
  mlir::FailureOr<llvm::SmallVector<Datum>> run(mlir::Block &block, llvm::ArrayRef<Datum> arguments);
  /// Runs a region of one block.
  mlir::FailureOr<llvm::SmallVector<Datum>> run(mlir::Region &region, llvm::ArrayRef<Datum> arguments);

  /// The points of the linalg ops that are running, the innermost last.
  llvm::SmallVector<llvm::ArrayRef<int64_t>> points;

private:
  mlir::LogicalResult execute(mlir::Operation &op);

  Interpreter &interpreter;
  llvm::DenseMap<mlir::Value, Datum> values;
};

using Handler = std::function<mlir::LogicalResult(mlir::Operation *, Frame &)>;

/// The handlers of all ops, by name.
class Handlers {
public:
  template <class OpTy> void add(mlir::LogicalResult (*handler)(OpTy, Frame &)) {
    table[OpTy::getOperationName()] = [handler](mlir::Operation *op, Frame &frame) {
      return handler(mlir::cast<OpTy>(op), frame);
    };
  }
  void add(llvm::StringRef name, Handler handler) { table[name] = std::move(handler); }
  const Handler *find(llvm::StringRef name) const {
    auto it = table.find(name);
    return it == table.end() ? nullptr : &it->second;
  }

  static const Handlers &all();

private:
  llvm::StringMap<Handler> table;
};

// Each family of ops adds its handlers.
void addArithmetic(Handlers &handlers);
void addMath(Handlers &handlers);
void addControlFlow(Handlers &handlers);
void addTensorOps(Handlers &handlers);
void addLinalg(Handlers &handlers);
void addModuleOps(Handlers &handlers);
void addCheckOps(Handlers &handlers);
void addAttention(Handlers &handlers);
void addExperts(Handlers &handlers);
void addLinear(Handlers &handlers);
void addMatrixStates(Handlers &handlers);
void addNorms(Handlers &handlers);
void addScans(Handlers &handlers);
void addShapeOps(Handlers &handlers);
void addStates(Handlers &handlers);

/// The most elements that the oracle makes a tensor of: its purpose is small cases, and
/// a mistaken extent should be an error and not the end of the machine's memory.
inline constexpr int64_t kMaxElements = int64_t(1) << 31;

/// Fails with an error at `op` unless a tensor of this shape can be made.
mlir::LogicalResult checkShape(mlir::Operation *op, llvm::ArrayRef<int64_t> shape);

/// Compares a tensor's shape with named extents: an extent below 0 is set by its first
/// use, later uses must agree. `what` names the operand in the error.
mlir::LogicalResult unify(mlir::Operation *op, llvm::StringRef what, const Tensor &tensor,
                          std::initializer_list<int64_t *> extents);

/// "2x3x4", for messages; an extent below 0 is "?".
std::string shapeText(llvm::ArrayRef<int64_t> shape);

/// `value` as an integer of `type` holds it: wrapped to its width and sign-extended.
int64_t wrapInteger(mlir::Type type, int64_t value);

/// A fresh !seq.state or !seq.kv of `batch` rows; a KV state has room for `capacity` tokens.
mlir::FailureOr<Datum> freshState(mlir::Operation *op, mlir::Type type, int64_t batch, int64_t capacity);

/// The values of an elements attribute; fails with an error at `op` if it has none here.
mlir::FailureOr<Tensor> tensorOf(mlir::Operation *op, mlir::ElementsAttr attribute);

} // namespace seqc::reference

#endif // SEQ_LIB_REFERENCE_FRAME_H
