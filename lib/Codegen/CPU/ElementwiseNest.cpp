//===- ElementwiseNest.cpp - A loop nest over vectors ---------------------===//

#include "ElementwiseNest.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace seqc::cpu;

//===----------------------------------------------------------------------===//
// What can become vectors
//===----------------------------------------------------------------------===//

static bool isScalar(OpOperand &operand) { return !isa<ShapedType>(operand.get().getType()); }

/// Whether the operand has the innermost dimension of the nest.
static bool hasInnermost(AffineMap map) { return map.isFunctionOfDim(map.getNumDims() - 1); }

/// Elements that are whole bytes: a vector of others is packed, an array of them is not.
static bool isWholeBytes(Type type) {
  return type.isIndex() || (type.isIntOrFloat() && type.getIntOrFloatBitWidth() % 8 == 0);
}

/// Whether innermost elements are neighbours in memory.
static bool isContiguous(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) && strides.back() == 1;
}

static StringRef obstacleOf(OpOperand &operand, AffineMap map) {
  if (isScalar(operand))
    return "";
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type || !map.isProjectedPermutation() || !type.isStrided())
    return "an operand's elements do not follow the loops";
  if (!isWholeBytes(type.getElementType()))
    return "an operand's elements are no whole bytes";
  if (!hasInnermost(map))
    return "";
  unsigned innermost = cast<AffineDimExpr>(map.getResults().back()).getPosition();
  if (innermost + 1 != map.getNumDims() || !isContiguous(type))
    return "an operand's innermost elements are no neighbours";
  return "";
}

static bool isElementwise(Operation &op) {
  return isa<linalg::YieldOp>(op) || matchPattern(&op, m_Constant()) || OpTrait::hasElementwiseMappableTraits(&op);
}

StringRef seqc::cpu::obstacleToVectors(linalg::GenericOp op) {
  if (op.getNumParallelLoops() != op.getNumLoops())
    return "it reduces";
  if (op.hasIndexSemantics())
    return "its values depend on the index";
  for (OpOperand &operand : op->getOpOperands())
    if (StringRef why = obstacleOf(operand, op.getMatchingIndexingMap(&operand)); !why.empty())
      return why;
  return llvm::all_of(*op.getBody(), isElementwise) ? "" : "its body is not elementwise";
}

//===----------------------------------------------------------------------===//
// Which dimensions are one
//===----------------------------------------------------------------------===//

/// Where a dimension of the nest stands among those of an operand, or -1.
static int64_t positionOf(int64_t dimension, AffineMap map) {
  for (auto [i, result] : llvm::enumerate(map.getResults()))
    if (cast<AffineDimExpr>(result).getPosition() == dimension)
      return static_cast<int64_t>(i);
  return -1;
}

/// Whether an operand walks the dimensions [first, last] as it would walk a single one.
static bool isOneDimension(OpOperand &operand, AffineMap map, int64_t first, int64_t last) {
  if (isScalar(operand))
    return true;
  int64_t start = positionOf(first, map);
  for (int64_t d = first; d <= last; ++d)
    if (positionOf(d, map) != (start < 0 ? -1 : start + d - first))
      return false;
  if (start < 0)
    return true;
  auto type = cast<MemRefType>(operand.get().getType());
  int64_t end = start + last - first;
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    if (i > start && i <= end)
      groups.back().push_back(i);
    else
      groups.push_back({i});
  }
  if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups))
    return false;
  // Where the inner extent is 1, the elements of both together need not be neighbours.
  return end + 1 < type.getRank() || isContiguous(memref::CollapseShapeOp::computeCollapsedType(type, groups));
}

/// The dimensions of the nest in groups that are one dimension each.
static SmallVector<ReassociationIndices> groupDimensions(linalg::GenericOp op) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t d = 0; d < op.getNumLoops(); ++d) {
    bool joins = d > 0 && llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
                   return isOneDimension(operand, op.getMatchingIndexingMap(&operand), groups.back().front(), d);
                 });
    if (joins)
      groups.back().push_back(d);
    else
      groups.push_back({d});
  }
  return groups;
}

//===----------------------------------------------------------------------===//
// The loops
//===----------------------------------------------------------------------===//

namespace {

/// Work that is worth another thread, some microseconds, in units of a simple operation.
constexpr int64_t kParallelWork = 1 << 17;
/// A single long row is divided in pieces of this many elements.
constexpr int64_t kPiece = 1024;

/// A buffer whose dimensions are groups of the nest's.
struct Access {
  Value memory;                ///< null for a scalar
  SmallVector<int64_t> groups; ///< which group each of its dimensions is
};

/// Work of an element, in units of a simple operation.
int64_t workOf(linalg::GenericOp op) {
  auto work = static_cast<int64_t>(op->getNumOperands());
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (isa<math::ExpOp, math::Exp2Op, math::ExpM1Op, math::LogOp, math::Log2Op, math::Log1pOp, math::TanhOp,
            math::ErfOp, math::SinOp, math::CosOp, math::PowFOp>(inner))
      work += 8;
    else
      work += isa<arith::DivFOp, math::SqrtOp, math::RsqrtOp>(inner) ? 3 : 1;
  }
  return work;
}

class NestWriter {
public:
  NestWriter(linalg::GenericOp op, KernelBuilder &b) : op(op), b(b), groups(groupDimensions(op)), work(workOf(op)) {}

  void write() {
    for (OpOperand &operand : op->getOpOperands())
      accesses.push_back(accessOf(operand));
    findExtents();
    extents.size() == 1 ? writeRow() : writeRows();
  }

private:
  //--- What the loops walk

  int64_t groupOf(AffineExpr dimension) {
    int64_t position = cast<AffineDimExpr>(dimension).getPosition();
    return llvm::find_if(groups, [&](auto &group) { return llvm::is_contained(group, position); }) - groups.begin();
  }

  Access accessOf(OpOperand &operand) {
    if (isScalar(operand))
      return {};
    Access access{operand.get(), {}};
    SmallVector<ReassociationIndices> parts;
    for (auto [i, result] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults())) {
      int64_t group = groupOf(result);
      if (access.groups.empty() || access.groups.back() != group) {
        access.groups.push_back(group);
        parts.emplace_back();
      }
      parts.back().push_back(static_cast<int64_t>(i));
    }
    if (parts.size() < op.getMatchingIndexingMap(&operand).getNumResults())
      access.memory = memref::CollapseShapeOp::create(b, operand.get(), parts);
    return access;
  }

  void findExtents() {
    extents.resize(groups.size());
    for (Access &access : accesses)
      for (auto [i, group] : llvm::enumerate(access.groups))
        if (!extents[group])
          extents[group] = b.dim(access.memory, static_cast<int64_t>(i));
  }

  /// Whether rows are known to be whole vectors.
  bool hasWholeVectors() {
    int64_t multiple = 1;
    SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    for (int64_t d : groups.back())
      if (!ShapedType::isDynamic(ranges[d]))
        multiple *= ranges[d];
    return multiple % b.target.lanes() == 0;
  }

  //--- Rows

  /// All dimensions are one: pieces of it are what threads share.
  void writeRow() {
    Value extent = extents[0];
    auto known = getConstantIntValue(extent);
    if (known && *known <= kParallelWork / work)
      return writeVectors({}, b.index(0), extent);
    Value grain = b.index(std::max<int64_t>(1, kParallelWork / (work * kPiece)));
    auto parallel = mlir::seq::ParallelOp::create(b, b.ceilDiv(extent, kPiece), grain);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&parallel.getBody().front());
    Value from = b.mul(parallel.getBegin(), b.index(kPiece));
    writeVectors({}, from, b.min(b.mul(parallel.getEnd(), b.index(kPiece)), extent));
  }

  void writeRows() {
    Value rows = extents[0];
    for (Value extent : ArrayRef(extents).slice(1).drop_back())
      rows = b.mul(rows, extent);
    Value elements = b.max(extents.back(), b.index(1));
    Value grain = b.max(arith::DivUIOp::create(b, b.index(kParallelWork / work), elements), b.index(1));
    auto parallel = mlir::seq::ParallelOp::create(b, rows, grain);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&parallel.getBody().front());
    b.loop(parallel.getBegin(), parallel.getEnd(), 1,
           [&](Value row) { writeVectors(rowIndices(row), b.index(0), extents.back()); });
  }

  /// The indices of all groups but the innermost.
  SmallVector<Value> rowIndices(Value row) {
    SmallVector<Value> indices(extents.size() - 1);
    for (size_t g = indices.size() - 1; g > 0; --g) {
      indices[g] = arith::RemUIOp::create(b, row, extents[g]);
      row = arith::DivUIOp::create(b, row, extents[g]);
    }
    indices[0] = row;
    return indices;
  }

  //--- Vectors

  /// The elements [from, to) of a row.
  void writeVectors(ArrayRef<Value> row, Value from, Value to) {
    int64_t lanes = b.target.lanes();
    IRMapping perRow = readPerRow(row);
    bool whole = hasWholeVectors();
    Value end = whole ? to : b.add(from, b.mul(b.floorDiv(b.sub(to, from), lanes), b.index(lanes)));
    b.loop(from, end, lanes, [&](Value i) { writeVector(row, i, Value(), perRow); });
    if (!whole)
      b.ifThen(b.less(end, to), [&] { writeVector(row, end, b.sub(to, end), perRow); });
  }

  /// What is the same in all elements of a row.
  IRMapping readPerRow(ArrayRef<Value> row) {
    IRMapping mapping;
    for (auto [operand, access] : llvm::zip_equal(op->getOpOperands(), accesses)) {
      BlockArgument argument = op.getMatchingBlockArgument(&operand);
      if (argument.use_empty() || isPerElement(access))
        continue;
      Value scalar = access.memory ? b.load(access.memory, indicesOf(access, row, {})) : operand.get();
      mapping.map(argument, b.broadcast(scalar));
    }
    return mapping;
  }

  bool isPerElement(const Access &access) {
    return !access.groups.empty() && access.groups.back() + 1 == static_cast<int64_t>(groups.size());
  }

  static SmallVector<Value> indicesOf(const Access &access, ArrayRef<Value> row, Value i) {
    SmallVector<Value> indices;
    for (int64_t group : access.groups)
      indices.push_back(group < static_cast<int64_t>(row.size()) ? row[group] : i);
    return indices;
  }

  /// The elements from `i` on: a vector, or `count` of them.
  void writeVector(ArrayRef<Value> row, Value i, Value count, IRMapping mapping) {
    for (auto [operand, access] : llvm::zip_equal(op->getOpOperands(), accesses)) {
      BlockArgument argument = op.getMatchingBlockArgument(&operand);
      if (argument.use_empty() || !isPerElement(access))
        continue;
      SmallVector<Value> indices = indicesOf(access, row, i);
      mapping.map(argument, count ? b.loadMasked(access.memory, indices, count) : b.loadVector(access.memory, indices));
    }
    for (Operation &inner : op.getBody()->without_terminator())
      writeOp(inner, mapping);
    auto yield = cast<linalg::YieldOp>(op.getBody()->getTerminator());
    auto outputs = ArrayRef(accesses).take_back(op.getNumDpsInits());
    for (auto [value, access] : llvm::zip_equal(yield.getValues(), outputs)) {
      SmallVector<Value> indices = indicesOf(access, row, i);
      Value vector = vectorOf(value, mapping);
      count ? b.storeMasked(vector, access.memory, indices, count) : b.storeVector(vector, access.memory, indices);
    }
  }

  /// The vector of a value of the body; one from outside is the same in every lane.
  Value vectorOf(Value value, IRMapping &mapping) {
    if (!mapping.contains(value))
      mapping.map(value, b.broadcast(value));
    return mapping.lookup(value);
  }

  void writeOp(Operation &inner, IRMapping &mapping) {
    if (matchPattern(&inner, m_Constant())) {
      Value copy = b.clone(inner)->getResult(0);
      mapping.map(inner.getResult(0), b.broadcast(copy));
      return;
    }
    SmallVector<Value> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(vectorOf(operand, mapping));
    SmallVector<Type> types;
    for (Type type : inner.getResultTypes())
      types.push_back(VectorType::get({b.target.lanes()}, type));
    OperationState state(inner.getLoc(), inner.getName(), operands, types, inner.getAttrs());
    mapping.map(inner.getResults(), b.create(state)->getResults());
  }

  linalg::GenericOp op;
  KernelBuilder &b;
  SmallVector<ReassociationIndices> groups;
  int64_t work;
  SmallVector<Access> accesses;
  SmallVector<Value> extents;
};

} // namespace

void seqc::cpu::writeVectorNest(linalg::GenericOp op, KernelBuilder &builder) { NestWriter(op, builder).write(); }
