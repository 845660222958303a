//===- Mix.cpp - What the ops of matrix states have in common -------------===//

#include "Mix.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::seq;
using seqc::Mix;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static Mix mixOf(StateMixOp op) {
  auto v = typeOf(op.getV()), q = typeOf(op.getQ());
  Mix mix{v, v.getDimSize(2), q.getDimSize(2), q.getDimSize(3), v.getDimSize(3)};
  bool perChannel = op.getDecay() == Decay::Channel || op.getDecay() == Decay::Factored ||
                    (op.getDecay() == Decay::Static && typeOf(op.getG()).getRank() == 2);
  mix.decays = op.getDecay() == Decay::None ? Mix::None : perChannel ? Mix::Channel : Mix::Head;
  mix.isStatic = op.getDecay() == Decay::Static;
  mix.update = op.getUpdate();
  mix.readsBefore = op.getRead() == Read::Pre;
  mix.hasBonus = static_cast<bool>(op.getU());
  mix.hasNormaliser = op.getNormaliser() != Normaliser::None;
  mix.hasGate = static_cast<bool>(op.getI());
  if (op.getGMin())
    mix.gMin = op.getGMin()->convertToDouble();
  mix.isChannelScan = op.getDecay() == Decay::Factored && mix.isOuter() && !mix.readsBefore && !mix.hasNormaliser &&
                      !mix.hasGate && mix.valueDim == 1;
  return mix;
}

std::optional<Mix> Mix::of(Operation *op) {
  return TypeSwitch<Operation *, std::optional<Mix>>(op)
      .Case([](StateMixOp mix) { return mixOf(mix); })
      .Case([](RetentionOp retention) {
        auto v = typeOf(retention.getV()), q = typeOf(retention.getQ());
        return Mix{.like = v,
                   .heads = v.getDimSize(2),
                   .keyHeads = q.getDimSize(2),
                   .keyDim = q.getDimSize(3),
                   .valueDim = v.getDimSize(3),
                   .decays = Head,
                   .isStatic = true};
      })
      .Case([](SelectiveScanOp scan) -> std::optional<Mix> {
        if (!scan.isHeadForm())
          return std::nullopt;
        auto x = typeOf(scan.getX()), b = typeOf(scan.getB());
        return Mix{.like = x,
                   .heads = x.getDimSize(2),
                   .keyHeads = b.getDimSize(2),
                   .keyDim = b.getDimSize(3),
                   .valueDim = x.getDimSize(3),
                   .decays = Head};
      })
      .Default([](Operation *) { return std::nullopt; });
}
