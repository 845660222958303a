#include "LoadedModule.h"

#include "Cpu.h"

using namespace seqc;
using file::makeError;
using file::Status;

/// Weights up to this size are digested at open: some tens of milliseconds.
static constexpr uint64_t verifiedWeights = uint64_t(256) << 20;

static uint64_t weightsSize(const file::Module &module) {
  uint64_t size = 0;
  for (const file::Section &section : module.sections)
    if (section.kind == file::weightsSection)
      size += section.size;
  return size;
}

Status seqrt_module::open(std::unique_ptr<file::ModuleFile> file, const seqrt_open_options &options,
                          seqrt_module *&module) {
  auto result = std::make_unique<seqrt_module>();
  result->file = std::move(file);
  const file::Module &description = result->description();
  bool weightsToo =
      options.verify_weights < 0 ? weightsSize(description) <= verifiedWeights : options.verify_weights != 0;
  if (Status status = result->verify(weightsToo); status.failed())
    return status;
  std::string prefix = result->file->path() + ": ";
  if (Status status = result->chooseTarget(options.target); status.failed())
    return std::move(status).withPrefix(prefix);
  if (Status status = result->loadCode(); status.failed())
    return std::move(status).withPrefix(prefix);
  result->info = std::make_unique<rt::ModuleInfo>(*result->file);
  result->info->module.target = description.targets[result->target].name.c_str();
  for (const seqrt_parameter_info &parameter : result->info->parameters)
    result->parameterTable.push_back(parameter.data);
  module = result.release();
  return Status();
}

Status seqrt_module::verify(bool weightsToo) const {
  const std::vector<file::Section> &sections = description().sections;
  for (size_t i = 0; i < sections.size(); ++i)
    if (weightsToo || sections[i].kind != file::weightsSection)
      if (Status status = file->verifySection(i); status.failed())
        return status;
  return Status();
}

/// Why this runtime and machine cannot run the target; "" if they can.
static std::string obstacle(const file::Target &target) {
  if (target.device != "cpu")
    return file::concat("is for the device ", target.device);
  if (target.abiVersion != SEQ_ABI_VERSION)
    return file::concat("has ABI version ", target.abiVersion, " and this seqrt ", SEQ_ABI_VERSION);
  std::string missing = rt::missingFeatures(target.features);
  return missing.empty() ? missing : "needs " + missing;
}

Status seqrt_module::chooseTarget(const char *wanted) {
  const std::vector<file::Target> &targets = description().targets;
  std::string reasons;
  bool found = false, known = false;
  for (size_t i = 0; i < targets.size(); ++i) {
    if (wanted && targets[i].name != wanted)
      continue;
    known = true;
    std::string reason = obstacle(targets[i]);
    if (!reason.empty()) {
      reasons += file::concat(reasons.empty() ? "" : "; ", targets[i].name, " ", reason);
      continue;
    }
    if (!found || targets[i].rank > targets[target].rank)
      target = i;
    found = true;
  }
  if (found)
    return Status();
  if (wanted && !known)
    return makeError(SEQRT_NOT_FOUND, "no target '", wanted, "' (seq-dump lists those there are)");
  if (targets.empty())
    return makeError(SEQRT_UNSUPPORTED, "it holds no code");
  return makeError(SEQRT_UNSUPPORTED, "no code for this machine: ", reasons, " (compile with another --target-cpu)");
}

Status seqrt_module::loadCode() {
  const file::Target &chosen = description().targets[target];
  std::string place = file::concat("code of target '", chosen.name, "': ");
  const uint8_t *bytes = file->sectionData(chosen.section);
  uint64_t size = description().sections[chosen.section].size;
  if (Status status = image.load(bytes, size); status.failed())
    return std::move(status).withPrefix(place);
  for (size_t i = 0; i < chosen.entries.size(); ++i) {
    const file::Entry &entry = chosen.entries[i];
    const void *call = image.function(entry.function);
    const void *arena = image.function(entry.arena);
    if (!call || (entry.arena != 0 && !arena))
      return makeError(SEQRT_CORRUPT, place, "the entry of export '", description().exports[i].name,
                       "' is not in its code");
    functions.push_back(
        {reinterpret_cast<seq_abi_export>(const_cast<void *>(call)),
         entry.arena == 0 ? nullptr : reinterpret_cast<seq_abi_export_arena>(const_cast<void *>(arena))});
  }
  return Status();
}

std::string seqrt_module::functionName(const void *pc) const {
  if (!image.contains(pc))
    return std::string();
  uint32_t section = description().targets[target].section;
  return rt::CodeImage::symbolName(file->sectionData(section), description().sections[section].size,
                                   image.addressOf(pc));
}
