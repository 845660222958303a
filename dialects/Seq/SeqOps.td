//===- SeqOps.td - All ops, by family ------------------------*- tablegen -*-===//

#ifndef SEQ_OPS
#define SEQ_OPS

include "AttentionOps.td"
include "ExpertOps.td"
include "LinearOps.td"
include "NormOps.td"
include "PackedOps.td"
include "RecurrenceOps.td"
include "ScanOps.td"
include "ShapeOps.td"
include "StateOps.td"

#endif // SEQ_OPS
