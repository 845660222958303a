//===- Isolation.h - Cases in processes of their own ------------*- C++ -*-===//

#ifndef SEQ_TEST_FUZZ_ISOLATION_H
#define SEQ_TEST_FUZZ_ISOLATION_H

#include "Case.h"
#include <functional>
#include <optional>

namespace seqc::fuzz {

/// Runs cases in children of this process, several at a time, so that one that crashes or hangs costs nothing but
/// itself. This process must have no other threads.
class Workers {
public:
  /// `timeout` is in seconds of processor time, so that a busy machine makes no case hang. One that sleeps gets
  /// ten times as long.
  explicit Workers(unsigned count, unsigned timeout) : count(count), timeout(timeout) {}

  /// Starts `work` in a child when there is room, which may have to wait for others to end.
  void start(uint64_t seed, std::function<Outcome()> work);
  /// Waits for the next case to end; nothing if none is running.
  std::optional<std::pair<uint64_t, Outcome>> next();
  bool isFull() const { return running.size() >= count; }

private:
  struct Worker {
    uint64_t seed;
    int pid, pipe;
    std::string report;
    double deadline;
  };

  /// Ends a worker that has closed its pipe or is too slow.
  std::pair<uint64_t, Outcome> finish(size_t i, bool isLate);

  unsigned count, timeout;
  std::vector<Worker> running;
};

/// Seconds of the monotonic clock.
double now();

} // namespace seqc::fuzz

#endif // SEQ_TEST_FUZZ_ISOLATION_H
