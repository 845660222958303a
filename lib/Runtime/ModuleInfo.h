//===- ModuleInfo.h - A module's description as C structures ----*- C++ -*-===//

#ifndef SEQ_LIB_RUNTIME_MODULEINFO_H
#define SEQ_LIB_RUNTIME_MODULEINFO_H

#include "seq/Module/Reader.h"
#include "seqrt/seqrt.h"

#include <deque>
#include <string>
#include <vector>

namespace seqc::rt {

/// The C type of an element type.
seqrt_dtype toC(file::ElementType type);

/// What the accessors of the C API hand out. The structures point into the
/// module's description and into each other, so this is filled once and stays
/// where it is.
class ModuleInfo {
public:
  explicit ModuleInfo(const file::ModuleFile &file);
  ModuleInfo(const ModuleInfo &) = delete;
  ModuleInfo &operator=(const ModuleInfo &) = delete;

  seqrt_module_info module = {};
  std::vector<seqrt_export_info> exports;
  std::vector<seqrt_state_info> states;
  std::vector<seqrt_parameter_info> parameters;
  std::vector<seqrt_target_info> targets;

private:
  const seqrt_tensor_info *const *addTensors(const std::vector<file::Tensor> &tensors);
  const seqrt_dim_info *const *addDims(const std::vector<file::Dim> &dims);
  void addExport(const file::Export &function);
  void addState(const file::State &state);
  void addTarget(const file::Target &target);

  // Deques: their elements do not move.
  std::deque<seqrt_tensor_info> tensors;
  std::deque<seqrt_dim_info> dims;
  std::deque<std::vector<const seqrt_tensor_info *>> tensorLists;
  std::deque<std::vector<const seqrt_dim_info *>> dimLists;
  std::deque<std::vector<size_t>> indexLists;
  std::deque<std::vector<seqrt_dtype>> typeLists;
  std::deque<std::string> strings;
};

} // namespace seqc::rt

#endif // SEQ_LIB_RUNTIME_MODULEINFO_H
