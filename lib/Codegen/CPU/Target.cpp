//===- Target.cpp - The processor that code is made for -------------------===//

#include "seq/Codegen/CPU/Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace seqc::cpu;

static constexpr const char *kTriple = "x86_64-unknown-linux-gnu";

/// Features that code may use and that a machine can lack, in the runtime's names.
static constexpr const char *kChecked[] = {"avx",        "avx2",        "fma",          "f16c",       "bmi",
                                           "bmi2",       "lzcnt",       "movbe",        "avx512f",    "avx512bw",
                                           "avx512cd",   "avx512dq",    "avx512vl",     "avx512bf16", "avx512vnni",
                                           "avx512vbmi", "avx512vbmi2", "avx512bitalg", "avx512ifma", "avx512vpopcntdq",
                                           "avxvnni",    "avx512fp16",  "gfni",         "vaes",       "vpclmulqdq"};

static llvm::Expected<std::unique_ptr<llvm::MCSubtargetInfo>> subtarget(llvm::StringRef cpu, llvm::StringRef features) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargetMCs();
  std::string error;
  llvm::Triple triple(kTriple);
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError("this build of LLVM has no x86-64 backend: " + error);
  // Asked first: LLVM writes lines of its own about a name that it does not know.
  if (llvm::X86::parseArchX86(cpu, /*Only64Bit=*/true) == llvm::X86::CK_None)
    return llvm::createStringError("unknown processor '" + cpu.str() + "'; try host, x86-64-v3 or x86-64-v4");
  return std::unique_ptr<llvm::MCSubtargetInfo>(target->createMCSubtargetInfo(triple, cpu, features));
}

/// Whether the processor's features can be changed by "+a,-b". LLVM would only write a line about others, and go on.
static llvm::Error checkFeatures(const llvm::MCSubtargetInfo &info, llvm::StringRef features) {
  llvm::SmallVector<llvm::StringRef> names;
  features.split(names, ',');
  for (llvm::StringRef name : names) {
    if (!name.starts_with("+") && !name.starts_with("-"))
      return llvm::createStringError("--target-features: '" + name.str() + "' has no + or - in front");
    if (llvm::none_of(info.getAllProcessorFeatures(),
                      [&](const llvm::SubtargetFeatureKV &known) { return name.drop_front() == known.Key; }))
      return llvm::createStringError("--target-features: '" + name.drop_front().str() +
                                     "' is no feature of x86-64 processors that LLVM knows");
  }
  return llvm::Error::success();
}

llvm::Expected<Target> seqc::cpu::getTarget(llvm::StringRef cpu, llvm::StringRef extraFeatures) {
  Target result;
  result.name = cpu.str();
  result.cpu = cpu == "host" ? llvm::sys::getHostCPUName().str() : cpu.str();
  std::vector<std::string> features;
  if (cpu == "host")
    for (auto &feature : llvm::sys::getHostCPUFeatures())
      features.push_back((feature.second ? "+" : "-") + feature.first().str());
  llvm::sort(features); // a StringMap has no order of its own
  if (!extraFeatures.empty()) {
    auto plain = subtarget(result.cpu, "");
    if (!plain)
      return plain.takeError();
    if (llvm::Error error = checkFeatures(**plain, extraFeatures))
      return error;
    features.push_back(extraFeatures.str());
  }
  result.features = llvm::join(features, ",");
  auto info = subtarget(result.cpu, result.features);
  if (!info)
    return info.takeError();
  for (const char *feature : kChecked) {
    if (!(*info)->checkFeatures(std::string("+") + feature))
      continue;
    result.required.push_back(feature);
  }
  auto has = [&](const char *feature) { return llvm::is_contained(result.required, feature); };
  if (!has("avx2") || !has("fma"))
    return llvm::createStringError("the processor '" + result.name +
                                   "' lacks AVX2 and FMA, which seqc's code needs (x86-64-v3)");
  result.avx512 = has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl");
  result.rank = static_cast<int64_t>(result.required.size());
  return result;
}
