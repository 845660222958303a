#include "ThreadPool.h"

#include <algorithm>
#include <chrono>
#include <climits>
#include <csignal>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace seqc::rt {

using file::Status;

// The membership word: how many workers are in the loop, how many more may
// join, whether it is open, and whether the caller sleeps until they left.
static constexpr uint64_t oneActive = uint64_t(1) << 0;
static constexpr uint64_t activeMask = 0xffff;
static constexpr uint64_t oneSlot = uint64_t(1) << 16;
static constexpr uint64_t slotMask = uint64_t(0xffff) << 16;
static constexpr uint64_t openFlag = uint64_t(1) << 32;
static constexpr uint64_t callerSleepsFlag = uint64_t(1) << 33;

/// Long enough to catch the next loop of a step, short enough not to matter.
static constexpr std::chrono::microseconds spinTime(50);
static constexpr int pausesPerLook = 32;

/// The pool and worker that the current thread is working for.
static thread_local const ThreadPool *currentPool = nullptr;
static thread_local int64_t currentWorker = 0;

static void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

static void futexWait(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

static void futexWake(std::atomic<uint32_t> &word, int count) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

/// Spins until `done()` or until spinTime is over; tells which.
template <typename Done> static bool spinUntil(Done done) {
  if (done())
    return true;
  auto end = std::chrono::steady_clock::now() + spinTime;
  do {
    for (int i = 0; i < pausesPerLook; ++i) {
      pause();
      if (done())
        return true;
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

int availableCores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return std::max(1, CPU_COUNT(&set));
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

ThreadPool::ThreadPool(int threads) : threadCount(threads), shares(std::make_unique<Share[]>(threads)) {
  enoughCores = sched_getaffinity(0, sizeof(allowedCores), &allowedCores) == 0 && CPU_COUNT(&allowedCores) >= threads;
}

Status ThreadPool::create(int threads, std::shared_ptr<ThreadPool> &pool) {
  if (threads < 0 || threads > maxThreads)
    return file::makeError(SEQRT_INVALID_ARGUMENT, threads, " threads are not possible (0 to ", maxThreads, ")");
  if (threads == 0)
    threads = std::min(availableCores(), maxThreads);
  std::shared_ptr<ThreadPool> created(new ThreadPool(threads));
  // Signals are the application's business: workers inherit a full mask.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Status status;
  try {
    for (int worker = 1; worker < threads; ++worker)
      created->workers.emplace_back([raw = created.get(), worker] { raw->workerMain(worker); });
  } catch (const std::system_error &error) {
    status = file::makeError(SEQRT_OUT_OF_MEMORY, "cannot start thread ", created->workers.size() + 1, " of ", threads,
                             ": ", error.what(), " (ask for fewer threads)");
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (status.ok())
    pool = std::move(created);
  return status;
}

ThreadPool::~ThreadPool() {
  stopping.store(true);
  epoch.fetch_add(1);
  futexWake(epoch, INT_MAX);
  for (std::thread &worker : workers)
    worker.join();
}

bool ThreadPool::Share::take(int64_t grain, int64_t &begin, int64_t &pieceEnd) {
  int64_t from = next.load(std::memory_order_relaxed);
  while (from < end) {
    int64_t left = end - from;
    int64_t piece = std::max(left / 2, minPiece);
    // A rest below the grain would be too small a piece.
    if (left - piece < grain)
      piece = left;
    if (next.compare_exchange_weak(from, from + piece, std::memory_order_relaxed)) {
      begin = from;
      pieceEnd = from + piece;
      return true;
    }
  }
  return false;
}

void ThreadPool::parallelFor(int64_t count, int64_t wantedGrain, seq_abi_body loopBody, void *loopContext) {
  if (count <= 0)
    return;
  if (currentPool == this) {
    loopBody(loopContext, 0, count, currentWorker);
    return;
  }
  int64_t loopGrain = std::max<int64_t>(wantedGrain, 1);
  int64_t wanted = std::min<int64_t>(threadCount, count / loopGrain);
  bool parallel = wanted > 1 && !busy.exchange(true, std::memory_order_acquire);
  const ThreadPool *outerPool = std::exchange(currentPool, this);
  int64_t outerWorker = std::exchange(currentWorker, 0);
  if (parallel) {
    body = loopBody;
    context = loopContext;
    keepApart();
    publish(count, loopGrain, wanted);
    work(/*share=*/0, /*worker=*/0);
    closeAndWait();
    busy.store(false, std::memory_order_release);
  } else {
    loopBody(loopContext, 0, count, 0);
  }
  currentPool = outerPool;
  currentWorker = outerWorker;
}

/// Lets workers run on all allowed cores but the caller's. The caller moves
/// rarely, so this costs a look at its core.
void ThreadPool::keepApart() {
  int core = sched_getcpu();
  if (!enoughCores || core == callerCore || core < 0)
    return;
  callerCore = core;
  cpu_set_t others = allowedCores;
  CPU_CLR(core, &others);
  if (CPU_COUNT(&others) == 0)
    return;
  // A sandbox may forbid it; then the system's choice has to do.
  for (std::thread &worker : workers)
    (void)pthread_setaffinity_np(worker.native_handle(), sizeof(others), &others);
}

void ThreadPool::publish(int64_t count, int64_t loopGrain, int64_t parts) {
  grain = loopGrain;
  shareCount = parts;
  int64_t each = count / parts, rest = count % parts, begin = 0;
  for (int64_t i = 0; i < parts; ++i) {
    int64_t size = each + (i < rest);
    shares[i].next.store(begin, std::memory_order_relaxed);
    shares[i].end = begin + size;
    shares[i].minPiece = std::max(loopGrain, (size + 7) / 8);
    begin += size;
  }
  uint64_t slots = static_cast<uint64_t>(parts - 1);
  membership.store(openFlag | slots * oneSlot, std::memory_order_release);
  // Either a worker on its way to sleep sees the new epoch, or it is counted
  // here: both sides write first and then read, in one total order.
  epoch.fetch_add(1);
  if (sleepers.load() != 0)
    futexWake(epoch, static_cast<int>(slots));
}

void ThreadPool::closeAndWait() {
  membership.fetch_and(~openFlag, std::memory_order_acq_rel);
  auto allLeft = [this] { return (membership.load(std::memory_order_acquire) & activeMask) == 0; };
  while (!spinUntil(allLeft)) {
    uint32_t seen = finished.load();
    uint64_t before = membership.fetch_or(callerSleepsFlag);
    if ((before & activeMask) == 0)
      return;
    futexWait(finished, seen);
  }
}

bool ThreadPool::join(int64_t &share) {
  uint64_t seen = membership.load(std::memory_order_relaxed);
  do {
    if (!(seen & openFlag) || (seen & slotMask) == 0)
      return false;
  } while (!membership.compare_exchange_weak(seen, seen + oneActive - oneSlot, std::memory_order_acq_rel,
                                             std::memory_order_relaxed));
  int64_t slotsLeft = static_cast<int64_t>((seen & slotMask) / oneSlot);
  share = shareCount - slotsLeft;
  return true;
}

void ThreadPool::leave() {
  uint64_t before = membership.fetch_sub(oneActive);
  if ((before & activeMask) == oneActive && (before & callerSleepsFlag)) {
    finished.fetch_add(1);
    futexWake(finished, 1);
  }
}

void ThreadPool::work(int64_t share, int64_t worker) {
  for (int64_t i = 0; i < shareCount; ++i) {
    Share &from = shares[(share + i) % shareCount];
    int64_t begin, end;
    while (from.take(grain, begin, end))
      body(context, begin, end, worker);
  }
}

/// Waits until the epoch differs from `seen` and updates it; false when the
/// pool ends.
bool ThreadPool::waitForEpoch(uint32_t &seen) {
  auto changed = [&] { return epoch.load(std::memory_order_acquire) != seen; };
  if (!spinUntil(changed)) {
    sleepers.fetch_add(1);
    while (epoch.load() == seen)
      futexWait(epoch, seen);
    sleepers.fetch_sub(1);
  }
  seen = epoch.load(std::memory_order_acquire);
  return !stopping.load(std::memory_order_relaxed);
}

void ThreadPool::workerMain(int worker) {
  pthread_setname_np(pthread_self(), file::concat("seqrt-", worker).c_str());
  currentPool = this;
  currentWorker = worker;
  uint32_t seen = 0;
  while (waitForEpoch(seen)) {
    int64_t share;
    if (join(share)) {
      work(share, worker);
      leave();
    }
  }
}

} // namespace seqc::rt
