#include "ModelBuilder.h"

#include "dialects/Module/Module.h"
#include "mlir/IR/OperationSupport.h"
#include "seq/Import/Error.h"

using namespace mlir;

namespace seqc::importer {

ModelBuilder::ModelBuilder(MLIRContext *context, WeightSource &weights)
    : context(context), source(weights), module(ModuleOp::create(UnknownLoc::get(context))), builder(context) {
  builder.setInsertionPointToStart(module->getBody());
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

void ModelBuilder::fail(llvm::Error error) {
  std::string message = llvm::toString(std::move(error));
  if (!firstError)
    firstError = std::move(message);
}

llvm::Error ModelBuilder::checkUnused() const {
  std::vector<StringRef> names = source.unused();
  if (names.empty())
    return llvm::Error::success();
  std::string others = names.size() == 1 ? std::string() : " and " + std::to_string(names.size() - 1) + " more";
  return makeError(source.filePath(*source.find(names.front())),
                   "tensor " + quoted(names.front()) + others +
                       " would be ignored: the configuration does not say "
                       "what it is for; the model is of a kind that is not "
                       "supported");
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

Type ModelBuilder::getElementType(ElementKind kind) {
  switch (kind) {
  case ElementKind::F32:
    return Float32Type::get(context);
  case ElementKind::F16:
    return Float16Type::get(context);
  case ElementKind::BF16:
    return BFloat16Type::get(context);
  case ElementKind::Q4_0:
    return mlir::seq::Q4_0Type::get(context);
  case ElementKind::Q4_1:
    return mlir::seq::Q4_1Type::get(context);
  case ElementKind::Q8_0:
    return mlir::seq::Q8_0Type::get(context);
  case ElementKind::Other:
    break;
  }
  llvm_unreachable("WeightSource::use refuses other types");
}

Weight ModelBuilder::declare(StringRef symbol, RankedTensorType type, Attribute values) {
  Weight weight{symbol.str(), type};
  if (declared.try_emplace(symbol, weight).second)
    seqm::ParameterOp::create(builder, builder.getUnknownLoc(), symbol, type, values, /*sym_visibility=*/StringAttr());
  return weight;
}

/// What stands for a weight that could not be declared.
static Weight makeStandIn(MLIRContext *context, StringRef symbol, ArrayRef<int64_t> shape) {
  return {symbol.str(), RankedTensorType::get(shape, Float32Type::get(context))};
}

static bool isPlain(ElementKind kind) { return getBlockSize(kind).elements == 1; }

/// Whether `counts` and `strides` enumerate consecutive elements.
static bool isDense(const View &view) {
  int64_t expected = 1;
  for (auto [count, stride] : llvm::reverse(llvm::zip_equal(view.counts, view.strides))) {
    if (count != 1 && stride != expected)
      return false;
    expected *= count;
  }
  return true;
}

/// Whether a view is some rows behind one another of a stored matrix: whole blocks, where
/// its rows are.
static bool isWholeRows(const View &view, ArrayRef<int64_t> stored) {
  return stored.size() == 2 && view.shape.size() == 2 && isDense(view) && view.shape.back() == stored.back() &&
         view.offset % stored.back() == 0;
}

Weight ModelBuilder::declareStored(StringRef symbol, const TensorEntry &entry, const View &view, bool asF32) {
  Type stored = getElementType(entry.kind);
  Type element = asF32 ? Type(Float32Type::get(context)) : stored;
  BlockSize block = getBlockSize(entry.kind);
  int64_t offset =
      entry.offset + view.offset / static_cast<int64_t>(block.elements) * static_cast<int64_t>(block.bytes);
  bool dense = isDense(view);
  auto values = seqm::FileAttr::get(
      context, source.filePath(entry), offset, dense ? ArrayRef<int64_t>() : ArrayRef<int64_t>(view.counts),
      dense ? ArrayRef<int64_t>() : ArrayRef<int64_t>(view.strides), element == stored ? Type() : stored);
  return declare(symbol, RankedTensorType::get(view.shape, element), values);
}

Weight ModelBuilder::matrix(StringRef name, int64_t outputs, int64_t inputs) {
  llvm::Expected<const TensorEntry *> entry = source.use(name, {outputs, inputs});
  View whole;
  whole.shape = {outputs, inputs};
  if (entry)
    return declareStored(name, **entry, whole, /*asF32=*/false);
  fail(entry.takeError());
  return makeStandIn(context, name, whole.shape);
}

Weight ModelBuilder::tensor(StringRef name, ArrayRef<int64_t> shape) {
  llvm::Expected<const TensorEntry *> entry = source.use(name, shape);
  View whole;
  whole.shape.assign(shape.begin(), shape.end());
  if (!entry)
    fail(entry.takeError());
  else if (isPlain((*entry)->kind))
    return declareStored(name, **entry, whole, /*asF32=*/true);
  else
    fail(makeError(source.filePath(**entry), "tensor " + quoted(name) +
                                                 " is block-quantised, which only the matrices of "
                                                 "linear layers and embeddings may be"));
  return makeStandIn(context, name, shape);
}

Weight ModelBuilder::vector(StringRef name, int64_t size) { return tensor(name, {size}); }

Weight ModelBuilder::view(StringRef name, ArrayRef<int64_t> stored, const View &view) {
  std::string symbol = (name + "." + view.suffix).str();
  llvm::Expected<const TensorEntry *> entry = source.use(name, stored);
  if (!entry)
    fail(entry.takeError());
  else if (isPlain((*entry)->kind))
    return declareStored(symbol, **entry, view, view.asF32 || view.shape.size() == 1);
  else if (!view.asF32 && isWholeRows(view, stored))
    return declareStored(symbol, **entry, view, /*asF32=*/false);
  else
    fail(makeError(source.filePath(**entry), "tensor " + quoted(name) +
                                                 " is block-quantised; of such tensors only rows behind one another "
                                                 "can be taken: it must be F32, F16 or BF16"));
  return makeStandIn(context, symbol, view.shape);
}

Weight ModelBuilder::transposed(StringRef name, int64_t outputs, int64_t inputs) {
  return view(name, {inputs, outputs}, {"transposed", {outputs, inputs}, 0, {outputs, inputs}, {1, outputs}});
}

Weight ModelBuilder::rows(StringRef name, ArrayRef<int64_t> stored, StringRef suffix, int64_t first, int64_t count) {
  View part;
  part.suffix = suffix;
  part.shape.assign(stored.begin(), stored.end());
  part.shape.front() = count;
  part.counts.assign(part.shape.begin(), part.shape.end());
  int64_t stride = 1;
  for (int64_t extent : llvm::reverse(stored)) {
    part.strides.insert(part.strides.begin(), stride);
    stride *= extent;
  }
  part.offset = first * part.strides.front();
  return view(name, stored, part);
}

Weight ModelBuilder::stacked(StringRef name, int64_t matrices, int64_t outputs, int64_t inputs) {
  View whole{{}, {matrices, outputs, inputs}, 0, {matrices, outputs, inputs}, {outputs * inputs, inputs, 1}};
  llvm::Expected<const TensorEntry *> entry = source.use(name, whole.shape);
  if (entry)
    return declareStored(name, **entry, whole, /*asF32=*/false);
  fail(entry.takeError());
  return makeStandIn(context, name, whole.shape);
}

Weight ModelBuilder::stack(StringRef symbol, ArrayRef<Weight> parts) {
  if (parts.empty())
    return makeStandIn(context, symbol, {1, 1, 1});
  SmallVector<int64_t> shape{static_cast<int64_t>(parts.size())};
  llvm::append_range(shape, parts.front().type.getShape());
  if (failed())
    return makeStandIn(context, symbol, shape);
  SmallVector<FlatSymbolRefAttr> symbols;
  for (const Weight &part : parts) {
    if (part.type != parts.front().type) {
      fail(makeError(source.description(), "tensor " + quoted(part.symbol) + " is stored in another type than " +
                                               quoted(parts.front().symbol) +
                                               ": the experts of a layer must have one type"));
      return makeStandIn(context, symbol, shape);
    }
    symbols.push_back(FlatSymbolRefAttr::get(context, part.symbol));
  }
  auto type = RankedTensorType::get(shape, parts.front().type.getElementType());
  return declare(symbol, type, seqm::ConcatAttr::get(context, symbols));
}

Weight ModelBuilder::filled(StringRef symbol, ArrayRef<int64_t> shape, float value) {
  auto type = RankedTensorType::get(shape, Float32Type::get(context));
  return declare(symbol, type, DenseElementsAttr::get(type, value));
}

Weight ModelBuilder::numbers(StringRef symbol, ArrayRef<float> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, Float32Type::get(context));
  return declare(symbol, type, DenseElementsAttr::get(type, values));
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

Graph ModelBuilder::startForward() {
  int64_t dynamic = ShapedType::kDynamic;
  auto ids = RankedTensorType::get({dynamic, dynamic}, builder.getI32Type());
  auto loc = NameLoc::get(builder.getStringAttr("forward"));
  auto function = func::FuncOp::create(loc, "forward", builder.getFunctionType({ids}, {}));
  module->push_back(function);
  builder.setInsertionPoint(function);
  function.addEntryBlock();
  return Graph(function, loc, /*isBlock=*/false);
}

/// An earlier block that computes the same from its arguments.
func::FuncOp ModelBuilder::findEqual(func::FuncOp function) {
  for (func::FuncOp other : blocks)
    if (other.getFunctionType() == function.getFunctionType() &&
        OperationEquivalence::isRegionEquivalentTo(&other.getBody(), &function.getBody(),
                                                   OperationEquivalence::IgnoreLocations))
      return other;
  return {};
}

SmallVector<Value> ModelBuilder::block(Graph &caller, StringRef name, ValueRange inputs,
                                       llvm::function_ref<SmallVector<Value>(Graph &, ValueRange)> body) {
  Location loc = NameLoc::get(builder.getStringAttr(name));
  auto function = func::FuncOp::create(loc, name, builder.getFunctionType(inputs.getTypes(), {}));
  function.setPrivate();
  function.addEntryBlock();
  Graph graph(function, loc, /*isBlock=*/true);
  SmallVector<Value> arguments(function.getArguments());
  SmallVector<Value> results = body(graph, arguments);
  func::ReturnOp::create(graph.builder, loc, results);
  function.setFunctionType(
      builder.getFunctionType(function.getBody().front().getArgumentTypes(), ValueRange(results).getTypes()));

  if (func::FuncOp equal = findEqual(function)) {
    function.erase();
    function = equal;
  } else {
    unsigned number = blocksOfName[name]++;
    if (number != 0)
      function.setName((name + "_" + Twine(number)).str());
    module->push_back(function);
    blocks.push_back(function);
  }

  SmallVector<Value> operands(inputs);
  for (const Weight &weight : graph.used)
    operands.push_back(caller.use(weight));
  auto call = func::CallOp::create(caller.builder, caller.location, function, operands);
  return SmallVector<Value>(call.getResults());
}

llvm::Expected<OwningOpRef<ModuleOp>> ModelBuilder::finish(Graph &graph, Value logits, const ModelInfo &info) {
  if (!firstError)
    if (llvm::Error error = checkUnused())
      fail(std::move(error));
  if (firstError)
    return llvm::createStringError(*firstError);

  func::ReturnOp::create(graph.builder, graph.location, logits);
  func::FuncOp function = graph.function;
  function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), {logits.getType()}));
  seqm::ExportOp::create(builder, builder.getUnknownLoc(), "forward", function.getSymName(), "forward",
                         builder.getStrArrayAttr({"ids"}), builder.getStrArrayAttr({"logits"}));
  ModuleOp op = *module;
  op->setAttr("seqm.name", builder.getStringAttr(info.name));
  if (info.context != 0)
    op->setAttr("seqm.context", builder.getI64IntegerAttr(info.context));
  if (info.vocabulary != 0)
    op->setAttr("seqm.vocabulary", builder.getI64IntegerAttr(info.vocabulary));
  SmallVector<int64_t> stops;
  llvm::copy_if(info.stopTokens, std::back_inserter(stops),
                [&](int64_t id) { return id >= 0 && id < info.vocabulary; });
  if (!stops.empty())
    op->setAttr("seqm.stop_tokens", builder.getDenseI64ArrayAttr(stops));
  if (!info.tokenizer.empty())
    op->setAttr("seqm.tokenizer", builder.getStringAttr(info.tokenizer));
  return std::move(module);
}

} // namespace seqc::importer
