//===- Peaks.h - What the machine can do right now --------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQ_BENCH_PEAKS_H
#define SEQ_TOOLS_SEQ_BENCH_PEAKS_H

namespace seqc {

struct Peaks {
  double gflops = 0; ///< f32 FMA, GFLOP/s on all threads
  double gbytes = 0; ///< reads from memory, GB/s on all threads
};

/// Measures both with `threads` threads; takes a fraction of a second. Meant to run right
/// beside what is quoted in percent of it, since machines drift.
Peaks measurePeaks(int threads);

} // namespace seqc

#endif // SEQ_TOOLS_SEQ_BENCH_PEAKS_H
