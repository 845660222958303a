//===- SelectiveScan.cpp - The channel form of selective scans ------------===//

#include "ChannelScan.h"
#include "StateMixHeads.h"

using namespace mlir;
using namespace seqc::cpu;

static std::optional<double> asDouble(std::optional<APFloat> value) {
  return value ? std::optional(value->convertToDouble()) : std::nullopt;
}

LogicalResult seqc::cpu::emitSelectiveScan(mlir::seq::SelectiveScanOp op, func::FuncOp kernel, KernelBuilder &b) {
  if (failed(verifyForm(op)))
    return failure();
  auto arguments = kernel.getArguments();
  unsigned next = 5;
  ChannelScan scan;
  scan.x = arguments[0];
  scan.dt = arguments[1];
  scan.a = arguments[2];
  scan.b = arguments[3];
  scan.c = arguments[4];
  for (auto [given, buffer] :
       {std::pair(op.getSkip(), &scan.skip), std::pair(op.getZ(), &scan.z), std::pair(op.getDtBias(), &scan.dtBias)})
    if (given)
      *buffer = arguments[next++];
  if (!op.getStates().empty()) {
    auto type = cast<mlir::seq::StateType>(op.getStates()[0].getType());
    SmallVector<int64_t> shape{ShapedType::kDynamic};
    llvm::append_range(shape, type.getShape());
    scan.state = mlir::seq::StateComponentOp::create(b, MemRefType::get(shape, type.getElementType()),
                                                     arguments[next++], b.getI64IntegerAttr(0));
  }
  if (op.getReset())
    scan.segments.reset = arguments[next++];
  if (op.getLengths())
    scan.segments.lengths = arguments[next++];
  scan.y = arguments[next];
  scan.softplus = op.getDtSoftplus();
  scan.dtMin = asDouble(op.getDtMin());
  scan.dtMax = asDouble(op.getDtMax());
  scan.isComplex = op.getComplex();
  scan.factor = scan.isComplex ? 2 : 1;
  scan.tileTokens = scanTile(op);
  emitChannelScan(b, scan);
  return success();
}
