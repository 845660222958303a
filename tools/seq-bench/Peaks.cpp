//===- Peaks.cpp - What the machine can do right now ----------------------===//

#include "Peaks.h"
#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <functional>
#include <immintrin.h>
#include <thread>
#include <vector>

using namespace seqc;

namespace {

using Clock = std::chrono::steady_clock;
volatile float sink;

/// 16 independent accumulators hide the latency of the units.
__attribute__((target("avx512f"))) void fma512(int64_t n) {
  __m512 x = _mm512_set1_ps(1e-9f), a[16];
  for (auto &v : a)
    v = _mm512_setzero_ps();
  for (int64_t i = 0; i < n; ++i) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 16; ++j)
      a[j] = _mm512_fmadd_ps(x, x, a[j]);
    asm volatile("" : "+v"(x));
  }
  for (int j = 1; j < 16; ++j)
    a[0] = _mm512_add_ps(a[0], a[j]);
  sink = _mm512_reduce_add_ps(a[0]);
}

__attribute__((target("avx2,fma"))) void fma256(int64_t n) {
  __m256 x = _mm256_set1_ps(1e-9f), a[12];
  for (auto &v : a)
    v = _mm256_setzero_ps();
  for (int64_t i = 0; i < n; ++i) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 12; ++j)
      a[j] = _mm256_fmadd_ps(x, x, a[j]);
    asm volatile("" : "+v"(x));
  }
  for (int j = 1; j < 12; ++j)
    a[0] = _mm256_add_ps(a[0], a[j]);
  sink = a[0][0];
}

/// Some processors read fastest with hints, others without; some from front to back, others from
/// several places in turn.
template <bool WithHints, size_t Places> __attribute__((target("avx2"))) void readAll(const __m256i *memory, size_t n) {
  __m256i sum[8] = {};
  size_t part = n / Places;
  for (size_t i = 0; i + 8 <= part; i += 8)
    for (size_t place = 0; place < Places; ++place) {
      const __m256i *from = memory + place * part + i;
      if constexpr (WithHints)
        _mm_prefetch(reinterpret_cast<const char *>(from) + 2048, _MM_HINT_T0);
#pragma clang loop unroll(full)
      for (int j = 0; j < 8; ++j)
        sum[j] = _mm256_xor_si256(sum[j], from[j]);
    }
  for (int j = 1; j < 8; ++j)
    sum[0] = _mm256_xor_si256(sum[0], sum[j]);
  sink = static_cast<float>(sum[0][0]);
}

/// Seconds of the best of some runs of `work(thread)`, all threads started together: from the first
/// that begins to the last that ends. Threads read the clock themselves, as the one that waits for
/// them may get its turn late.
double bestOf(int threads, int repetitions, const std::function<void(int)> &work) {
  double best = 1e30;
  for (int r = 0; r < repetitions; ++r) {
    std::barrier start(threads);
    std::vector<Clock::time_point> begins(threads), ends(threads);
    std::vector<std::thread> pool;
    pool.reserve(threads);
    for (int t = 0; t < threads; ++t)
      pool.emplace_back([&, t] {
        start.arrive_and_wait();
        begins[t] = Clock::now();
        work(t);
        ends[t] = Clock::now();
      });
    for (std::thread &thread : pool)
      thread.join();
    std::chrono::duration<double> seconds = *std::ranges::max_element(ends) - *std::ranges::min_element(begins);
    best = std::min(best, seconds.count());
  }
  return best;
}

} // namespace

Peaks seqc::measurePeaks(int threads) {
  Peaks peaks;
  constexpr int64_t iterations = 2'000'000;
  bool wide = __builtin_cpu_supports("avx512f");
  double flops = 2.0 * iterations * (wide ? 16 * 16 : 12 * 8) * threads;
  peaks.gflops = 1e-9 * flops / bestOf(threads, 3, [&](int) { wide ? fma512(iterations) : fma256(iterations); });
  constexpr size_t bytes = size_t(128) << 20; // a thread; far beyond the last cache
  std::vector<std::vector<__m256i>> memory(threads);
  for (auto &part : memory)
    part.assign(bytes / sizeof(__m256i), __m256i{1, 1, 1, 1});
  double seconds = 1e30;
  for (auto *read : {readAll<true, 1>, readAll<false, 1>, readAll<true, 4>, readAll<false, 4>})
    seconds = std::min(seconds, bestOf(threads, 3, [&](int t) { read(memory[t].data(), memory[t].size()); }));
  peaks.gbytes = 1e-9 * bytes * threads / seconds;
  return peaks;
}
