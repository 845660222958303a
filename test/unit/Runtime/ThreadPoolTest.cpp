//===----------------------------------------------------------------------===//
//
// The thread pool: every iteration once, workers apart, idle is free. Meant to
// run under ThreadSanitizer too.
//
//===----------------------------------------------------------------------===//

#include "Runtime/ThreadPool.h"

#include "gtest/gtest.h"

#include <atomic>
#include <chrono>
#include <random>
#include <sched.h>
#include <sys/resource.h>
#include <thread>
#include <vector>

using seqc::rt::ThreadPool;

namespace {

std::shared_ptr<ThreadPool> makePool(int threads) {
  std::shared_ptr<ThreadPool> pool;
  seqc::file::Status status = ThreadPool::create(threads, pool);
  EXPECT_TRUE(status.ok()) << status.message();
  return pool;
}

/// parallelFor with a C++ function.
template <typename Body> void parallelFor(ThreadPool &pool, int64_t count, int64_t grain, Body body) {
  pool.parallelFor(
      count, grain,
      [](void *context, int64_t begin, int64_t end, int64_t worker) {
        (*static_cast<Body *>(context))(begin, end, worker);
      },
      &body);
}

/// Runs a loop and checks all that parallelFor promises. The iterations are
/// plain integers, so ThreadSanitizer sees whether the end of the loop orders
/// them before the check.
void checkLoop(ThreadPool &pool, int64_t count, int64_t grain) {
  std::vector<int> seen(static_cast<size_t>(count), 0);
  std::vector<std::atomic<int>> inside(static_cast<size_t>(pool.threads()));
  std::atomic<int> failures{0};
  parallelFor(pool, count, grain, [&](int64_t begin, int64_t end, int64_t worker) {
    bool valid = worker >= 0 && worker < pool.threads() && (end - begin >= std::min(grain, count));
    if (!valid || inside[size_t(worker)].fetch_add(1) != 0)
      ++failures;
    for (int64_t i = begin; i < end; ++i)
      ++seen[static_cast<size_t>(i)];
    if (valid)
      inside[size_t(worker)].fetch_sub(1);
  });
  EXPECT_EQ(failures, 0) << count << " iterations, grain " << grain;
  for (int times : seen)
    ASSERT_EQ(times, 1) << count << " iterations, grain " << grain;
}

TEST(ThreadPoolTest, EveryIterationOnce) {
  for (int threads : {1, 2, 3, 8}) {
    std::shared_ptr<ThreadPool> pool = makePool(threads);
    std::mt19937 random(7);
    for (int i = 0; i < 500; ++i)
      checkLoop(*pool, random() % 400, 1 + random() % 40);
    for (int64_t count : {0, 1, 2, threads, threads + 1})
      checkLoop(*pool, count, 1);
  }
}

TEST(ThreadPoolTest, WorkersReallyHelp) {
  std::shared_ptr<ThreadPool> pool = makePool(2);
  // Each of the two iterations waits for the other to start.
  std::atomic<int> started{0};
  parallelFor(*pool, 2, 1, [&](int64_t begin, int64_t end, int64_t) {
    started += static_cast<int>(end - begin);
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (started < 2 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
  });
  EXPECT_EQ(started, 2);
}

TEST(ThreadPoolTest, NestedLoopsRunInline) {
  std::shared_ptr<ThreadPool> pool = makePool(3);
  std::atomic<int64_t> total{0};
  std::atomic<int> strangers{0};
  parallelFor(*pool, 30, 1, [&](int64_t begin, int64_t end, int64_t outer) {
    for (int64_t i = begin; i < end; ++i)
      parallelFor(*pool, 10, 1, [&](int64_t from, int64_t to, int64_t inner) {
        total += to - from;
        strangers += inner != outer;
      });
  });
  EXPECT_EQ(total, 300);
  EXPECT_EQ(strangers, 0);
}

TEST(ThreadPoolTest, ManyShortLoops) {
  std::shared_ptr<ThreadPool> pool = makePool(4);
  std::vector<int64_t> sums(64, 0);
  constexpr int rounds = 20000;
  for (int i = 0; i < rounds; ++i)
    parallelFor(*pool, 64, 1, [&](int64_t begin, int64_t end, int64_t) {
      for (int64_t j = begin; j < end; ++j)
        sums[static_cast<size_t>(j)] += j;
    });
  for (size_t j = 0; j < sums.size(); ++j)
    EXPECT_EQ(sums[j], static_cast<int64_t>(j) * rounds);
}

TEST(ThreadPoolTest, LoopsAfterPauses) {
  std::shared_ptr<ThreadPool> pool = makePool(3);
  for (int i = 0; i < 200; ++i) {
    // Around the time that workers spin: asleep, awake or on the way.
    std::this_thread::sleep_for(std::chrono::microseconds(i));
    checkLoop(*pool, 32, 1);
  }
}

TEST(ThreadPoolTest, CallersShareAPool) {
  std::shared_ptr<ThreadPool> pool = makePool(3);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      for (int j = 0; j < 500; ++j)
        checkLoop(*pool, 50, 2);
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(ThreadPoolTest, PoolsComeAndGo) {
  for (int i = 0; i < 200; ++i) {
    std::shared_ptr<ThreadPool> pool = makePool(1 + i % 5);
    if (i % 3 != 0)
      checkLoop(*pool, 16, 1);
  }
}

TEST(ThreadPoolTest, IdleCostsNothing) {
  std::shared_ptr<ThreadPool> pool = makePool(4);
  checkLoop(*pool, 100, 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  auto processorTime = [] {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  };
  auto before = processorTime();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(processorTime() - before, std::chrono::milliseconds(60));
}

TEST(ThreadPoolTest, WorkersKeepOffTheCallersCore) {
  if (seqc::rt::availableCores() < 2)
    GTEST_SKIP() << "needs two cores";
  std::shared_ptr<ThreadPool> pool = makePool(2);
  int together = 0, apart = 0;
  for (int i = 0; i < 60; ++i) {
    std::this_thread::sleep_for(std::chrono::microseconds(500));
    std::atomic<int> cores[2] = {-1, -1};
    parallelFor(*pool, 64, 1, [&](int64_t begin, int64_t end, int64_t worker) {
      cores[worker] = sched_getcpu();
      auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(30 * (end - begin));
      while (std::chrono::steady_clock::now() < until)
        continue;
    });
    if (cores[0] >= 0 && cores[1] >= 0)
      ++(cores[0] == cores[1] ? together : apart);
  }
  EXPECT_GT(apart, together);
}

TEST(ThreadPoolTest, NumberOfThreads) {
  std::shared_ptr<ThreadPool> pool;
  EXPECT_EQ(makePool(0)->threads(), seqc::rt::availableCores());
  EXPECT_EQ(ThreadPool::create(1025, pool).message(), "1025 threads are not possible (0 to 1024)");
}

} // namespace
