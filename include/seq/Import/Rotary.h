//===- Rotary.h - Rotary positions and their scalings -----------*- C++ -*-===//
//
// From the options of a checkpoint to the angle per position of every pair of
// channels. Everything is computed in f64.
//
// Scalings whose angles depend on the length of a sequence are constant for a
// compiled context: `dynamic` keeps the trained angles up to the trained length
// and is refused beyond it; `longrope` takes its long factors for a context
// beyond the trained length, its short ones otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_IMPORT_ROTARY_H
#define SEQ_IMPORT_ROTARY_H

#include "seq/Import/Config.h"

#include <cstdint>
#include <vector>

namespace seqc::importer {

/// Rotary positions of one kind of layer.
struct Rotary {
  int64_t dims = 0;                ///< rotated channels at the front of a head, even
  double base = 10000.0;           ///< pair i turns by base^(-2 i / dims) a position ...
  std::vector<double> frequencies; ///< ... or by this, where not empty
  double magnitude = 1.0;          ///< cosine and sine are multiplied by it
};

/// Parameters of YaRN (Peng et al. 2023).
struct Yarn {
  double factor = 1.0;           ///< by how much the context was extended
  int64_t originalPositions = 0; ///< the trained length
  double betaFast = 32.0;        ///< rotations above which nothing is scaled
  double betaSlow = 1.0;         ///< rotations below which all is scaled
  bool truncate = true;          ///< whole numbers as limits of the ramp
};

/// base^(-2 i / dims) for every pair i.
std::vector<double> plainFrequencies(const Rotary &rotary);
/// The frequencies that YaRN gives to `rotary`'s base and dims.
std::vector<double> yarnFrequencies(const Rotary &rotary, const Yarn &yarn);
/// YaRN's factor of cosine and sine: 0.1 mscale ln(factor) + 1.
double yarnMagnitude(double factor, double mscale = 1.0);

/// Reads `rope_parameters` (or the older `rope_theta`, `rope_scaling` and
/// `partial_rotary_factor`). `context` is the number of positions that will be
/// used, `part` the share of a head's channels that rotates where the options
/// do not say. Errors are recorded in `config`.
Rotary readRotary(Config &config, int64_t headDim, int64_t context, double part = 1.0);

} // namespace seqc::importer

#endif // SEQ_IMPORT_ROTARY_H
