//===- ThreadPool.h - Parallel loops that start in microseconds -*- C++ -*-===//
//
// A decoding step of a small model runs some 200 parallel loops in 3 ms, so a
// loop must start and end in a microsecond or two. How it works:
//
//  - The caller publishes a loop by bumping an epoch. Workers spin on the epoch
//    for some tens of microseconds after their last loop, which catches the
//    next one of the same step, and then sleep in the kernel: an idle pool
//    costs nothing.
//  - A loop is split into one contiguous share a participant. A participant
//    takes ever smaller pieces of its own share and then of the others' shares.
//  - Workers join a loop; the caller never waits for one that has not joined.
//    When the machine is busy and a worker gets no core, the caller takes its
//    share too, and closes the loop before the worker can see it.
//
//  - Workers are kept off the core of the caller, which is busy with its own
//    share. The scheduler of a virtual machine often wakes a thread on the core
//    of whoever wakes it although others are idle (a halted virtual core looks
//    preempted to it); the loop would then run on one core for milliseconds.
//
// Who joined is one atomic word (see ThreadPool.cpp), so joining and closing
// cannot miss each other.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_RUNTIME_THREADPOOL_H
#define SEQ_LIB_RUNTIME_THREADPOOL_H

#include "seq/Module/Status.h"
#include "seq/Runtime/ABI.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <sched.h>
#include <thread>
#include <vector>

namespace seqc::rt {

/// The cores that this process may use, at least 1.
int availableCores();

class ThreadPool {
public:
  static constexpr int maxThreads = 1024;

  /// A pool in which `threads` (1 to maxThreads, or 0 for the available cores)
  /// participate in a loop, the caller included.
  static file::Status create(int threads, std::shared_ptr<ThreadPool> &pool);
  /// Ends the workers. No loop may be running.
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  int threads() const { return threadCount; }

  /// Runs `body` over [0, count) in pieces of at least `grain` iterations (or
  /// all, if there are fewer) and returns when all are done. Runs on the
  /// caller alone from inside a body, and while another thread's loop has the
  /// pool.
  void parallelFor(int64_t count, int64_t grain, seq_abi_body body, void *context);

private:
  explicit ThreadPool(int threads);

  /// What is left of one participant's share.
  struct alignas(64) Share {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
    int64_t minPiece = 1;
    /// Claims a piece; false when nothing is left.
    bool take(int64_t grain, int64_t &begin, int64_t &end);
  };

  void workerMain(int worker);
  bool waitForEpoch(uint32_t &seen);
  void keepApart();
  void publish(int64_t count, int64_t grain, int64_t shareCount);
  void closeAndWait();
  bool join(int64_t &share);
  void leave();
  void work(int64_t share, int64_t worker);

  const int threadCount;
  std::vector<std::thread> workers;
  std::unique_ptr<Share[]> shares;

  cpu_set_t allowedCores;   ///< of the thread that made the pool
  bool enoughCores = false; ///< one for each thread
  int callerCore = -1;      ///< which workers keep off
  // The loop. Written by the caller while nobody has joined.
  seq_abi_body body = nullptr;
  void *context = nullptr;
  int64_t grain = 1;
  int64_t shareCount = 0;

  alignas(64) std::atomic<uint64_t> membership{0};
  alignas(64) std::atomic<uint32_t> epoch{0}; ///< workers sleep on it
  std::atomic<uint32_t> sleepers{0};
  std::atomic<bool> stopping{false};
  alignas(64) std::atomic<uint32_t> finished{0}; ///< the caller sleeps on it
  std::atomic<bool> busy{false};                 ///< a loop has the pool
};

} // namespace seqc::rt

#endif // SEQ_LIB_RUNTIME_THREADPOOL_H
