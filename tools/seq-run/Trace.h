//===- Trace.h - Where the time goes ----------------------------*- C++ -*-===//
//
// Collects spans and writes them in the trace event format, which Perfetto and
// Chrome open. Times are of the monotonic clock.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_TOOLS_SEQ_RUN_TRACE_H
#define SEQ_TOOLS_SEQ_RUN_TRACE_H

#include "seq/Module/Status.h"

#include <chrono>
#include <vector>

namespace seqc::run {

inline int64_t nowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class Trace {
public:
  /// Without it nothing is collected.
  void enable() { enabled = true; }
  bool isEnabled() const { return enabled; }

  /// A finished span. `kind` lives as long as the trace.
  void add(const char *kind, std::string name, int64_t beginNs, int64_t endNs, int64_t count = -1);

  /// Writes what was collected, whole or not at all.
  file::Status write(const std::string &path) const;

private:
  struct Span {
    const char *kind;
    std::string name;
    int64_t begin, end;
    int64_t count; ///< iterations or tokens, -1 for none
  };
  bool enabled = false;
  std::vector<Span> spans;
};

/// A span from here to the end of the block. The trace may be null.
class Phase {
public:
  Phase(Trace *trace, const char *name) : trace(trace), name(name), begin(nowNs()) {}
  ~Phase() {
    if (trace)
      trace->add("phase", name, begin, nowNs());
  }
  Phase(const Phase &) = delete;
  double seconds() const { return static_cast<double>(nowNs() - begin) * 1e-9; }

private:
  Trace *trace;
  const char *name;
  int64_t begin;
};

} // namespace seqc::run

#endif // SEQ_TOOLS_SEQ_RUN_TRACE_H
