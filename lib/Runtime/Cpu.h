//===- Cpu.h - What the machine's processor can do --------------*- C++ -*-===//

#ifndef SEQ_LIB_RUNTIME_CPU_H
#define SEQ_LIB_RUNTIME_CPU_H

#include <string>
#include <string_view>
#include <vector>

namespace seqc::rt {

/// Whether the processor has the feature and the operating system supports it.
/// The spelling is LLVM's ("avx512vnni") or that of /proc/cpuinfo
/// ("avx512_vnni"); an unknown feature is one that it lacks.
bool cpuHasFeature(std::string_view feature);

/// Those of `features` that the machine lacks, separated by commas.
std::string missingFeatures(const std::vector<std::string> &features);

} // namespace seqc::rt

#endif // SEQ_LIB_RUNTIME_CPU_H
