//===----------------------------------------------------------------------===//
//
// What a parallel loop of the runtime costs. The first argument is the number
// of threads, the second the nanoseconds of work in the loop (all iterations
// together): with 0 the time is the overhead, otherwise the speed-up shows.
// `serial` work lies between two loops, as in a decoding step.
//
//===----------------------------------------------------------------------===//

#include "Runtime/ThreadPool.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <thread>

using seqc::rt::ThreadPool;

static void spinFor(int64_t nanoseconds) {
  auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(nanoseconds);
  while (std::chrono::steady_clock::now() < end) {
  }
}

static void body(void *context, int64_t begin, int64_t end, int64_t) {
  int64_t each = *static_cast<int64_t *>(context);
  if (each != 0)
    spinFor(each * (end - begin));
}

/// Loops that follow each other, as within a step: workers stay awake.
static void consecutiveLoops(benchmark::State &state) {
  std::shared_ptr<ThreadPool> pool;
  if (ThreadPool::create(static_cast<int>(state.range(0)), pool).failed())
    return state.SkipWithError("no threads");
  constexpr int64_t iterations = 64;
  int64_t each = state.range(1) / iterations;
  for (auto _ : state) {
    pool->parallelFor(iterations, 1, body, &each);
    spinFor(state.range(2));
  }
}
BENCHMARK(consecutiveLoops)
    ->ArgNames({"threads", "work_ns", "serial_ns"})
    ->UseRealTime()
    ->Args({1, 0, 0})
    ->Args({2, 0, 0})
    ->Args({2, 0, 2000})
    ->Args({1, 20000, 2000})
    ->Args({2, 20000, 2000});

/// The first loop after a pause, in which the workers fall asleep.
static void loopAfterSleep(benchmark::State &state) {
  std::shared_ptr<ThreadPool> pool;
  if (ThreadPool::create(static_cast<int>(state.range(0)), pool).failed())
    return state.SkipWithError("no threads");
  int64_t each = state.range(1) / 64;
  for (auto _ : state) {
    state.PauseTiming();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    state.ResumeTiming();
    pool->parallelFor(64, 1, body, &each);
  }
}
BENCHMARK(loopAfterSleep)
    ->ArgNames({"threads", "work_ns"})
    ->UseRealTime()
    ->Iterations(500)
    ->Args({2, 0})
    ->Args({1, 400000})
    ->Args({2, 400000});

BENCHMARK_MAIN();
