#include "Cpu.h"

#include <array>
#include <cctype>
#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace seqc::rt {

#if defined(__x86_64__)

namespace {

/// The words of cpuid that hold features.
enum Word { Leaf1C, Leaf1D, Leaf7B, Leaf7C, Leaf7D, Leaf7Sub1A, Extended1C, wordCount };

/// The part of the register file that the system must save (XCR0).
enum Needs : uint32_t { Nothing = 0, Avx = 0x6, Avx512 = 0xe6, Amx = 0x60000 };

struct Feature {
  std::string_view name; ///< without '_', '-' and '.'
  Word word;
  int bit;
  Needs needs;
};

constexpr Feature knownFeatures[] = {
    {"sse", Leaf1D, 25, Nothing},
    {"sse2", Leaf1D, 26, Nothing},
    {"fxsr", Leaf1D, 24, Nothing},
    {"cmov", Leaf1D, 15, Nothing},
    {"cx8", Leaf1D, 8, Nothing},
    {"mmx", Leaf1D, 23, Nothing},
    {"sse3", Leaf1C, 0, Nothing},
    {"pclmul", Leaf1C, 1, Nothing},
    {"ssse3", Leaf1C, 9, Nothing},
    {"fma", Leaf1C, 12, Avx},
    {"cx16", Leaf1C, 13, Nothing},
    {"sse41", Leaf1C, 19, Nothing},
    {"sse42", Leaf1C, 20, Nothing},
    {"movbe", Leaf1C, 22, Nothing},
    {"popcnt", Leaf1C, 23, Nothing},
    {"aes", Leaf1C, 25, Nothing},
    {"xsave", Leaf1C, 26, Nothing},
    {"avx", Leaf1C, 28, Avx},
    {"f16c", Leaf1C, 29, Avx},
    {"sahf", Extended1C, 0, Nothing},
    {"lzcnt", Extended1C, 5, Nothing},
    {"abm", Extended1C, 5, Nothing},
    {"bmi", Leaf7B, 3, Nothing},
    {"bmi1", Leaf7B, 3, Nothing},
    {"avx2", Leaf7B, 5, Avx},
    {"bmi2", Leaf7B, 8, Nothing},
    {"avx512f", Leaf7B, 16, Avx512},
    {"avx512dq", Leaf7B, 17, Avx512},
    {"avx512ifma", Leaf7B, 21, Avx512},
    {"avx512cd", Leaf7B, 28, Avx512},
    {"avx512bw", Leaf7B, 30, Avx512},
    {"avx512vl", Leaf7B, 31, Avx512},
    {"avx512vbmi", Leaf7C, 1, Avx512},
    {"avx512vbmi2", Leaf7C, 6, Avx512},
    {"gfni", Leaf7C, 8, Nothing},
    {"vaes", Leaf7C, 9, Avx},
    {"vpclmulqdq", Leaf7C, 10, Avx},
    {"avx512vnni", Leaf7C, 11, Avx512},
    {"avx512bitalg", Leaf7C, 12, Avx512},
    {"avx512vpopcntdq", Leaf7C, 14, Avx512},
    {"avx512fp16", Leaf7D, 23, Avx512},
    {"amxbf16", Leaf7D, 22, Amx},
    {"amxtile", Leaf7D, 24, Amx},
    {"amxint8", Leaf7D, 25, Amx},
    {"avxvnni", Leaf7Sub1A, 4, Avx},
    {"avx512bf16", Leaf7Sub1A, 5, Avx512},
    {"avxifma", Leaf7Sub1A, 23, Avx},
};

struct Machine {
  std::array<uint32_t, wordCount> words = {};
  uint64_t savedState = 0; ///< XCR0
};

} // namespace

static Machine readMachine() {
  Machine machine;
  unsigned a, b, c, d;
  if (__get_cpuid(1, &a, &b, &c, &d)) {
    machine.words[Leaf1C] = c;
    machine.words[Leaf1D] = d;
    constexpr unsigned osxsave = 1u << 27;
    if (c & osxsave) {
      uint32_t low, high;
      asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
      machine.savedState = uint64_t(high) << 32 | low;
    }
  }
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    machine.words[Leaf7B] = b;
    machine.words[Leaf7C] = c;
    machine.words[Leaf7D] = d;
    if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
      machine.words[Leaf7Sub1A] = a;
  }
  if (__get_cpuid(0x80000001, &a, &b, &c, &d))
    machine.words[Extended1C] = c;
  return machine;
}

bool cpuHasFeature(std::string_view feature) {
  static const Machine machine = readMachine();
  std::string name;
  for (char c : feature)
    if (c != '_' && c != '-' && c != '.')
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Feature &known : knownFeatures)
    if (known.name == name)
      return (machine.words[known.word] >> known.bit & 1) && (machine.savedState & known.needs) == known.needs;
  return false;
}

#else

bool cpuHasFeature(std::string_view) { return false; }

#endif

std::string missingFeatures(const std::vector<std::string> &features) {
  std::string missing;
  for (const std::string &feature : features)
    if (!cpuHasFeature(feature))
      missing += (missing.empty() ? "" : ", ") + feature;
  return missing;
}

} // namespace seqc::rt
