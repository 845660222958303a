//===- Scan.cpp - Linear recurrences of every element ---------------------===//
//
// h' = exp(g) h + x, with elements in the lanes and time serial. The state is carried in f64: in
// f32, what a decay near 1 leaves and what a token adds would vanish in the last bit of a long sum.
// Sequences and states may be f64 themselves: their sums stay exact to that, decays to 1e-12.
//
// In the form parallel, where a batch has fewer vectors of elements than there are workers, time is
// cut into one block more than there are workers, if these are long enough to be worth it; in the form
// chunkwise it always is cut into blocks of the chunk's tokens. First workers take block 0, and of the others (but for
// the last) only the state that zeros become (the sum) and what a state is multiplied by (the product of decays). A
// short serial loop turns these into the states at the start of all blocks, from which the workers then compute the
// blocks 1 and up. Of 2 workers each does two thirds of all tokens.
//
//===----------------------------------------------------------------------===//

#include "../MathFunctions.h"
#include "Pieces.h"
#include "Rows.h"
#include "Segments.h"
#include "seq/Analysis/Forms.h"

using namespace mlir;
using namespace seqc;
using namespace seqc::cpu;

namespace {

class ScanEmitter {
public:
  ScanEmitter(mlir::seq::ScanOp op, func::FuncOp kernel, KernelBuilder &b)
      : b(b), isComplex(op.getComplex()), form(op.getForm()),
        chunk(op.getChunk() ? static_cast<int64_t>(op.getChunk()) : kScanBlock), parts(isComplex ? 2 : 1),
        lanes(b.target.lanes()) {
    auto arguments = kernel.getArguments();
    unsigned next = 0;
    x = arguments[next++];
    g = arguments[next++];
    staticDecay = cast<MemRefType>(g.getType()).getRank() != cast<MemRefType>(x.getType()).getRank();
    if (!op.getStates().empty()) {
      auto type = cast<mlir::seq::StateType>(op.getStates()[0].getType());
      SmallVector<int64_t> shape{ShapedType::kDynamic};
      llvm::append_range(shape, type.getShape());
      state = mlir::seq::StateComponentOp::create(b, MemRefType::get(shape, type.getElementType()), arguments[next++],
                                                  b.getI64IntegerAttr(0));
    }
    if (op.getReset())
      segments.reset = arguments[next++];
    if (op.getLengths())
      segments.lengths = arguments[next++];
    h = arguments[next];
  }

  void emit() {
    flatten();
    elements = constantDim(x, cast<MemRefType>(x.getType()).getRank() - 1) / parts;
    taskVectors = scanTaskVectors(elements, lanes);
    int64_t blocksOfElements = llvm::divideCeil(elements, taskVectors * lanes);
    time = b.dim(x, 1);
    Value items = b.mul(b.dim(x, 0), b.index(blocksOfElements * middle));
    auto forBlocks = [&](Value first, Value count, llvm::function_ref<void()> body) {
      Value cycles = b.mul(b.addIndex(blockTokens, 1), b.index(taskVectors * (isComplex ? 100 : 40)));
      parallelWork(b, b.mul(items, count), cycles, [&](Value task, Value) {
        Value ofItem = arith::RemUIOp::create(b, task, items);
        block = b.add(first, arith::DivUIOp::create(b, task, items));
        item = ofItem;
        locate(ofItem, blocksOfElements);
        body();
      });
    };
    Value one = b.index(1), first = b.index(0);
    cutTime(items);
    if (cutsTime) {
      b.ifThen(cutsTime, [&] {
        forBlocks(b.index(0), b.sub(blocks, one), [&] { summarise(); });
        b.loop(b.index(0), items, 1, [&](Value i) { combine(i); });
      });
      first = arith::SelectOp::create(b, cutsTime, one, first);
    }
    forBlocks(first, b.sub(blocks, first), [&] { scanBlock(); });
  }

private:
  /// Decides how many blocks of how many tokens there are, and makes room for what becomes of each.
  void cutTime(Value items) {
    Value one = b.index(1), rows = items, most;
    blocks = one;
    blockTokens = time;
    if (form == mlir::seq::Form::Recurrent)
      return;
    if (form == mlir::seq::Form::Chunkwise) {
      most = b.max(arith::CeilDivUIOp::create(b, time, b.index(chunk)), one);
      blocks = most;
      blockTokens = b.index(chunk);
      cutsTime = b.less(one, blocks);
    } else {
      // Of two blocks none could be computed at the same time as another.
      Value workers = b.workers();
      Value isLong = b.less(b.index(3 * kScanBlock - 1), time), isNarrow = b.less(items, workers);
      rows = workers;
      most = b.addIndex(workers, 1);
      cutsTime = arith::AndIOp::create(b, isLong, isNarrow);
      blocks = arith::SelectOp::create(b, cutsTime, b.min(most, b.floorDiv(time, kScanBlock)), one);
      blockTokens = arith::CeilDivUIOp::create(b, time, blocks);
    }
    // The state after a block that started with zeros, later the one before it; and the product of its decays.
    auto perBlock = [&] {
      return b.scratch({most, rows, b.getIndexAttr(taskVectors * lanes * parts)}, b.getF64Type());
    };
    sums = perBlock();
    products = perBlock();
  }

  using Numbers = SmallVector<Value>; ///< f64 vectors: of each vector of the task, re (and im)

  //--- Buffers as [B, T, middle dimensions, elements]

  /// Makes one dimension of those behind `leading` where all buffers allow it; else the middle ones are
  /// part of the task's number.
  void flatten() {
    SmallVector<std::pair<Value *, int64_t>> buffers{{&x, 2}, {&g, staticDecay ? 0 : 2}, {&h, 2}, {&state, 1}};
    auto groupsOf = [&](Value memref, int64_t leading, int64_t merged) {
      SmallVector<ReassociationIndices> groups;
      int64_t rank = cast<MemRefType>(memref.getType()).getRank();
      for (int64_t d = 0; d < rank; ++d) {
        if (d <= leading || d <= rank - merged)
          groups.push_back({d});
        else
          groups.back().push_back(d);
      }
      return groups;
    };
    int64_t rank = cast<MemRefType>(x.getType()).getRank() - 2;
    for (int64_t merged = rank; merged > 1; --merged) {
      bool dense = llvm::all_of(buffers, [&](auto buffer) {
        auto [memref, leading] = buffer;
        return !*memref || memref::CollapseShapeOp::isGuaranteedCollapsible(cast<MemRefType>(memref->getType()),
                                                                            groupsOf(*memref, leading, merged));
      });
      if (!dense)
        continue;
      for (auto [memref, leading] : buffers)
        if (*memref)
          *memref = memref::CollapseShapeOp::create(b, *memref, groupsOf(*memref, leading, merged));
      break;
    }
    auto shape = cast<MemRefType>(x.getType()).getShape();
    middleShape.assign(shape.begin() + 2, shape.end() - 1);
    for (int64_t extent : middleShape)
      middle *= extent;
  }

  /// What an item's number says: its row, middle indices, and elements.
  void locate(Value ofItem, int64_t blocksOfElements) {
    Value start = b.mul(b.rem(ofItem, blocksOfElements), b.index(taskVectors * lanes));
    first = b.mul(start, b.index(parts));
    count = b.sub(b.index(elements), start);
    Value outer = b.floorDiv(ofItem, blocksOfElements);
    row = b.floorDiv(outer, middle);
    outer = b.rem(outer, middle);
    middleIndices.assign(middleShape.size(), Value());
    for (size_t d = middleShape.size(); d-- > 0;) {
      middleIndices[d] = b.rem(outer, middleShape[d]);
      outer = b.floorDiv(outer, middleShape[d]);
    }
  }

  SmallVector<Value> at(ValueRange leading, Value element) {
    auto indices = llvm::to_vector(leading);
    llvm::append_range(indices, middleIndices);
    indices.push_back(element);
    return indices;
  }

  /// How many numbers of vector `k` (of taskVectors * parts) are elements; null where all are.
  Value restOf(int64_t k) {
    if (elements % (taskVectors * lanes) == 0)
      return {};
    Value all = b.mul(count, b.index(parts)), before = b.index(k * lanes);
    return b.min(b.index(lanes), b.sub(b.max(all, before), before));
  }

  /// The task's vectors of a token, pairs taken apart.
  Numbers load(Value memref, ValueRange leading) {
    Numbers result;
    for (int64_t k = 0; k < taskVectors * parts; ++k) {
      auto indices = at(leading, b.addIndex(first, k * lanes));
      Value rest = restOf(k);
      result.push_back(rest ? b.loadMasked(memref, indices, rest) : b.loadVector(memref, indices));
    }
    for (int64_t k = 0; isComplex && k < taskVectors * 2; k += 2) {
      Value low = result[k], high = result[k + 1];
      for (int64_t part : {0, 1}) {
        SmallVector<int64_t> picks;
        for (int64_t lane = 0; lane < lanes; ++lane)
          picks.push_back(2 * lane + part);
        result[k + part] = vector::ShuffleOp::create(b, low, high, picks);
      }
    }
    return result;
  }

  void store(ArrayRef<Value> values, Value memref, ValueRange leading) {
    Numbers all = llvm::to_vector(values);
    for (int64_t k = 0; isComplex && k < taskVectors * 2; k += 2)
      for (int64_t half : {0, 1}) {
        SmallVector<int64_t> picks;
        for (int64_t lane = 0; lane < lanes; ++lane)
          picks.push_back(half * lanes / 2 + lane / 2 + lane % 2 * lanes);
        all[k + half] = vector::ShuffleOp::create(b, values[k], values[k + 1], picks);
      }
    for (int64_t k = 0; k < taskVectors * parts; ++k) {
      auto indices = at(leading, b.addIndex(first, k * lanes));
      if (Value rest = restOf(k))
        b.storeMasked(all[k], memref, indices, rest);
      else
        b.storeVector(all[k], memref, indices);
    }
  }

  //--- Arithmetic in f64

  VectorType wideType() { return VectorType::get({lanes}, b.getF64Type()); }
  Numbers loadWide(Value memref, ValueRange leading) {
    Numbers values = load(memref, leading);
    for (Value &value : values)
      if (value.getType() != wideType())
        value = arith::ExtFOp::create(b, wideType(), value);
    return values;
  }
  /// Stores numbers in the precision of a buffer.
  void storeRounded(ArrayRef<Value> values, Value memref, ValueRange leading) {
    Numbers rounded = llvm::to_vector(values);
    for (Value &value : rounded)
      if (!cast<MemRefType>(memref.getType()).getElementType().isF64())
        value = arith::TruncFOp::create(b, b.vec(), value);
    store(rounded, memref, leading);
  }
  Value constant(double value) {
    return arith::ConstantOp::create(b, wideType(), DenseElementsAttr::get(wideType(), ArrayRef(value)));
  }
  Numbers constants(double re, double im) {
    Numbers result;
    for (int64_t k = 0; k < taskVectors * parts; ++k)
      result.push_back(constant(isComplex && k % 2 ? im : re));
    return result;
  }

  /// exp(g) of a token, or of all tokens.
  Numbers decays(ValueRange leading) {
    MathFunctions functions(b, b.vec(), b.target.avx512);
    Numbers logs = loadWide(g, leading), result;
    Value log2e = constant(1.4426950408889634);
    for (size_t k = 0; k < logs.size(); k += parts) {
      Value size = functions.exp2InDouble(b.mul(logs[k], log2e));
      if (!isComplex) {
        result.push_back(size);
        continue;
      }
      auto [sine, cosine] = functions.sinCosInDouble(logs[k + 1]);
      result.append({b.mul(size, cosine), b.mul(size, sine)});
    }
    return result;
  }

  /// a h + x.
  Numbers advance(ArrayRef<Value> a, ArrayRef<Value> h, ArrayRef<Value> x) {
    Numbers result;
    for (size_t k = 0; k < h.size(); k += parts) {
      if (!isComplex) {
        result.push_back(b.fma(a[k], h[k], x[k]));
        continue;
      }
      Value re = b.fma(a[k], h[k], b.fma(b.neg(a[k + 1]), h[k + 1], x[k]));
      result.append({re, b.fma(a[k], h[k + 1], b.fma(a[k + 1], h[k], x[k + 1]))});
    }
    return result;
  }

  Numbers loadNumbers(Value memref, Value ofBlock, Value ofItem) {
    Numbers result;
    for (int64_t k = 0; k < taskVectors * parts; ++k)
      result.push_back(b.loadVector(memref, {ofBlock, ofItem, b.index(k * lanes)}));
    return result;
  }
  void storeNumbers(ArrayRef<Value> values, Value memref, Value ofBlock, Value ofItem) {
    for (auto [k, value] : llvm::enumerate(values))
      b.storeVector(value, memref, {ofBlock, ofItem, b.index(static_cast<int64_t>(k) * lanes)});
  }

  //--- Blocks

  /// The tokens of the block that count.
  std::pair<Value, Value> tokens() {
    Value from = b.mul(block, blockTokens), end = segments.length(b, row, time);
    return {b.min(from, end), b.min(b.add(from, blockTokens), end)};
  }

  /// h, but zeros before a token where the state is fresh.
  Numbers resetAt(Value token, ArrayRef<Value> h) {
    Numbers result = llvm::to_vector(h);
    if (Value isFresh = segments.isReset(b, row, token))
      for (Value &value : result)
        value = arith::SelectOp::create(b, isFresh, constant(0), value);
    return result;
  }

  /// Computes the block from the state `h` on, with its outputs; returns the state after it.
  Numbers run(ArrayRef<Value> h) {
    auto [from, to] = tokens();
    Numbers fixed = staticDecay ? decays({}) : Numbers();
    return b.loop(from, to, 1, h, [&](Value token, ValueRange carried) {
      Numbers a = staticDecay ? fixed : decays({row, token});
      Numbers next = advance(a, resetAt(token, llvm::to_vector(carried)), loadWide(x, {row, token}));
      storeRounded(next, this->h, {row, token});
      return next;
    });
  }

  Numbers incoming() { return state ? loadWide(state, row) : constants(0, 0); }

  /// Block 0 with its outputs, or the sum and the product of another.
  void summarise() {
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, block, b.index(0));
    auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    storeNumbers(run(incoming()), sums, block, item);
    b.setInsertionPointToStart(branch.elseBlock());
    auto [from, to] = tokens();
    Numbers start = constants(0, 0), fixed = staticDecay ? decays({}) : Numbers();
    start.append(constants(1, 0));
    size_t half = start.size() / 2;
    Numbers ends = b.loop(from, to, 1, start, [&](Value token, ValueRange carried) {
      Numbers a = staticDecay ? fixed : decays({row, token});
      Numbers kept = resetAt(token, llvm::to_vector(carried));
      Numbers next = advance(a, ArrayRef(kept).take_front(half), loadWide(x, {row, token}));
      next.append(advance(a, ArrayRef(kept).drop_front(half), constants(0, 0)));
      return next;
    });
    storeNumbers(ArrayRef(ends).take_front(half), sums, block, item);
    storeNumbers(ArrayRef(ends).drop_front(half), products, block, item);
  }

  /// Turns the sums of an item into the states before its blocks 1 and up.
  void combine(Value ofItem) {
    Numbers h = loadNumbers(sums, b.index(0), ofItem);
    b.loop(b.index(1), blocks, 1, h, [&](Value ofBlock, ValueRange carried) {
      Numbers before = llvm::to_vector(carried);
      Numbers sum = loadNumbers(sums, ofBlock, ofItem), product = loadNumbers(products, ofBlock, ofItem);
      storeNumbers(before, sums, ofBlock, ofItem);
      return advance(product, before, sum);
    });
  }

  /// The state before the block.
  Numbers before() {
    if (!cutsTime)
      return incoming();
    SmallVector<Type> types(taskVectors * parts, wideType());
    auto branch = scf::IfOp::create(b, types, cutsTime, /*addThenBlock=*/true, /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, loadNumbers(sums, block, item));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, incoming());
    return llvm::to_vector(ValueRange(branch.getResults()));
  }

  void scanBlock() {
    Numbers last = run(before());
    Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.addIndex(block, 1), blocks);
    b.ifThen(isLast, [&] {
      if (state)
        storeRounded(last, state, row);
      segments.forTail(b, row, time, [&](Value token) { storeRounded(constants(0, 0), h, {row, token}); });
    });
  }

  KernelBuilder &b;
  Value x, g, state, h;
  Segments segments;
  bool isComplex, staticDecay = false;
  mlir::seq::Form form;
  int64_t chunk; ///< tokens of a block in the form chunkwise
  int64_t parts; ///< numbers of an element
  int64_t lanes, elements = 0, taskVectors = 0;
  SmallVector<int64_t> middleShape;
  int64_t middle = 1; ///< how many rows of elements a token has
  Value time, blocks, blockTokens;
  Value cutsTime;       ///< whether there are several blocks; null where there never are
  Value sums, products; ///< scratch [block, item, task's numbers]
  // Of the task that is being emitted: `count` elements remain from its first one on, whose number
  // stands at `first`.
  Value block, item, row, first, count;
  SmallVector<Value> middleIndices;
};

} // namespace

/// Whether the last two dimensions of a buffer stand in memory as one.
static bool isPaired(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<ReassociationIndices> groups;
  for (int64_t d = 0; d + 1 < type.getRank(); ++d)
    groups.push_back({d});
  groups.back().push_back(type.getRank() - 1);
  return memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups);
}

LogicalResult seqc::cpu::emitScan(mlir::seq::ScanOp op, func::FuncOp kernel, KernelBuilder &b) {
  // Of a single complex element the pair is the last dimension itself, of stride 1.
  bool hasRows = cast<MemRefType>(kernel.getArgument(0).getType()).getRank() > 3;
  if (failed(verifyForm(op)))
    return failure();
  if (op.getComplex() && hasRows && !(isPaired(kernel.getArgument(0)) && isPaired(kernel.getArgument(1))))
    return op.emitOpError("reads complex numbers whose parts do not stand side by side in memory; copy them into a "
                          "tensor of their own first");
  ScanEmitter(op, kernel, b).emit();
  return success();
}
