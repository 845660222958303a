//===----------------------------------------------------------------------===//
//
// The C API of modules: thin, everything happens in LoadedModule.cpp.
//
//===----------------------------------------------------------------------===//

#include "Guard.h"
#include "LoadedModule.h"
#include "States.h"

#include <cmath>

using namespace seqc;
using file::makeError;
using file::Status;
using rt::guard;
using rt::missing;

const char *seqrt_version(void) { return SEQRT_VERSION_TEXT; }

const char *seqrt_dtype_name(seqrt_dtype type) {
  for (int i = 0; i <= static_cast<int>(file::lastElementType); ++i) {
    seqrt_dtype known = rt::toC(file::ElementType(i));
    if (known.code == type.code && known.bits == type.bits && type.lanes == 1)
      return file::elementName(file::ElementType(i)).data();
  }
  return "?";
}

/// Opens a module; `openFile` maps its bytes.
template <typename OpenFile>
static Status openModule(const seqrt_open_options *given, seqrt_module **module, OpenFile openFile) {
  if (!module)
    return missing("place for the module");
  *module = nullptr;
  seqrt_open_options options = rt::withDefaults(given, SEQRT_OPEN_OPTIONS_INIT);
  file::ReadOptions readOptions;
  if (options.weights_folder)
    readOptions.externalFolder = options.weights_folder;
  std::unique_ptr<file::ModuleFile> file;
  if (Status status = openFile(readOptions, file); status.failed())
    return status;
  return seqrt_module::open(std::move(file), options, *module);
}

seqrt_status seqrt_module_open(const char *path, const seqrt_open_options *options, seqrt_module **module) {
  return guard([&] {
    return openModule(options, module, [&](const auto &readOptions, auto &file) {
      return path ? file::ModuleFile::open(path, readOptions, file) : missing("path");
    });
  });
}

seqrt_status seqrt_module_open_memory(const void *data, size_t size, const seqrt_open_options *options,
                                      seqrt_module **module) {
  return guard([&] {
    return openModule(options, module, [&](const auto &readOptions, auto &file) {
      return file::ModuleFile::fromMemory(data, size, readOptions, file);
    });
  });
}

seqrt_module *seqrt_module_retain(seqrt_module *module) {
  if (module)
    module->references.fetch_add(1, std::memory_order_relaxed);
  return module;
}

void seqrt_module_release(seqrt_module *module) {
  if (module && module->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    delete module;
}

seqrt_status seqrt_module_verify(const seqrt_module *module) {
  return guard([&] { return module ? module->verify(/*weightsToo=*/true) : missing("module"); });
}

const seqrt_module_info *seqrt_module_get_info(const seqrt_module *module) {
  return module ? &module->info->module : nullptr;
}

size_t seqrt_module_metadata_count(const seqrt_module *module) {
  return module ? module->description().metadata.size() : 0;
}

int seqrt_module_metadata(const seqrt_module *module, size_t index, const char **key, const char **value) {
  if (index >= seqrt_module_metadata_count(module))
    return 0;
  const auto &entry = module->description().metadata[index];
  if (key)
    *key = entry.first.c_str();
  if (value)
    *value = entry.second.c_str();
  return 1;
}

const char *seqrt_module_find_metadata(const seqrt_module *module, const char *key) {
  if (!module || !key)
    return nullptr;
  for (const auto &entry : module->description().metadata)
    if (entry.first == key)
      return entry.second.c_str();
  return nullptr;
}

/// Element `index` of one of the info's lists, or null.
template <typename List>
static const List::value_type *elementAt(const seqrt_module *module, List rt::ModuleInfo::*list, size_t index) {
  if (!module || index >= (module->info.get()->*list).size())
    return nullptr;
  return &(module->info.get()->*list)[index];
}

size_t seqrt_module_export_count(const seqrt_module *module) { return module ? module->info->exports.size() : 0; }

const seqrt_export_info *seqrt_module_export(const seqrt_module *module, size_t index) {
  return elementAt(module, &rt::ModuleInfo::exports, index);
}

int64_t seqrt_module_find_export(const seqrt_module *module, const char *name) {
  if (!module || !name)
    return -1;
  const std::vector<file::Export> &exports = module->description().exports;
  for (size_t i = 0; i < exports.size(); ++i)
    if (exports[i].name == name)
      return static_cast<int64_t>(i);
  return -1;
}

static double evaluate(const file::Polynomial &terms, const int64_t *dims, size_t dimCount, int64_t tokens) {
  double sum = 0;
  for (const file::Term &term : terms) {
    double product = term.coefficient;
    for (size_t i = 0; i < term.exponents.size(); ++i) {
      int64_t base = i < dimCount ? dims[i] : tokens;
      product *= std::pow(static_cast<double>(base), term.exponents[i]);
    }
    sum += product;
  }
  return sum;
}

seqrt_status seqrt_module_export_cost(const seqrt_module *module, size_t index, const int64_t *dims, int64_t tokens,
                                      double *flops, double *bytes) {
  return guard([&] {
    if (!module)
      return missing("module");
    if (index >= module->description().exports.size())
      return makeError(SEQRT_NOT_FOUND, "no export ", index);
    const file::Export &function = module->description().exports[index];
    size_t count = function.dims.size();
    if (count != 0 && !dims)
      return missing("list of dimensions");
    if (flops)
      *flops = evaluate(function.flops, dims, count, tokens);
    if (bytes)
      *bytes = evaluate(function.bytes, dims, count, tokens);
    return Status();
  });
}

size_t seqrt_module_state_count(const seqrt_module *module) { return module ? module->info->states.size() : 0; }

const seqrt_state_info *seqrt_module_state(const seqrt_module *module, size_t index) {
  return elementAt(module, &rt::ModuleInfo::states, index);
}

seqrt_status seqrt_module_state_bytes(const seqrt_module *module, int64_t batch, int64_t capacity, uint64_t *bytes) {
  return guard([&] {
    if (!module)
      return missing("module");
    if (!bytes)
      return missing("place for the bytes");
    if (batch < 0 || capacity < 0)
      return makeError(SEQRT_INVALID_ARGUMENT, "batch and capacity must not be negative");
    return rt::States::measure(module->description(), batch, capacity, *bytes);
  });
}

size_t seqrt_module_parameter_count(const seqrt_module *module) { return module ? module->info->parameters.size() : 0; }

const seqrt_parameter_info *seqrt_module_parameter(const seqrt_module *module, size_t index) {
  return elementAt(module, &rt::ModuleInfo::parameters, index);
}

size_t seqrt_module_target_count(const seqrt_module *module) { return module ? module->info->targets.size() : 0; }

const seqrt_target_info *seqrt_module_target(const seqrt_module *module, size_t index) {
  return elementAt(module, &rt::ModuleInfo::targets, index);
}

const void *seqrt_module_section(const seqrt_module *module, const char *kind, uint64_t *size) {
  if (!module || !kind)
    return nullptr;
  const std::vector<file::Section> &sections = module->description().sections;
  for (size_t i = 0; i < sections.size(); ++i)
    if (sections[i].kind == kind) {
      if (size)
        *size = sections[i].size;
      return module->file->sectionData(i);
    }
  return nullptr;
}
