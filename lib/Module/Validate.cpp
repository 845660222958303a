#include "Validate.h"

#include "seq/Runtime/ABI.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace seqc::file {

/// More than any tensor has, and small enough that two multiply in 64 bits.
static constexpr int64_t maxStaticSize = int64_t(1) << 40;
static constexpr uint8_t maxExponent = 8;

template <typename... Ts> static Status invalid(const Ts &...pieces) { return makeError(SEQRT_CORRUPT, pieces...); }

static Status checkTensor(const Tensor &tensor, size_t dimCount) {
  if (tensor.type > lastElementType)
    return invalid("unknown element type ", int(tensor.type), " (written by a newer seqc?)");
  if (tensor.shape.size() > maxRank)
    return invalid("rank ", tensor.shape.size(), " is over ", maxRank);
  for (int64_t size : tensor.shape) {
    if (size < 0 && symbolicIndex(size) >= dimCount)
      return invalid("its shape names symbolic dimension ", symbolicIndex(size), " of ", dimCount);
    if (size > maxStaticSize)
      return invalid("its shape has the size ", size);
  }
  return Status();
}

static Status checkTensors(const std::vector<Tensor> &tensors, const char *what, size_t dimCount) {
  for (size_t i = 0; i < tensors.size(); ++i)
    if (Status status = checkTensor(tensors[i], dimCount); status.failed())
      return std::move(status).withPrefix(concat(what, " ", i, ": "));
  return Status();
}

static Status checkPolynomial(const Polynomial &terms, size_t dimCount) {
  for (const Term &term : terms) {
    if (term.exponents.size() > dimCount + 1)
      return invalid("its cost has ", term.exponents.size(), " exponents for ", dimCount, " dimensions");
    for (uint8_t exponent : term.exponents)
      if (exponent > maxExponent)
        return invalid("its cost has the exponent ", int(exponent));
  }
  return Status();
}

static Status checkDims(const Export &function) {
  if (function.dims.size() > maxDims)
    return invalid(function.dims.size(), " symbolic dimensions are over ", maxDims);
  int64_t count = static_cast<int64_t>(function.dims.size());
  for (const Dim &dim : function.dims)
    if (dim.min < 0 || dim.max < 0 || (dim.max != 0 && dim.max < dim.min))
      return invalid("symbolic dimension '", dim.name, "' has the range ", dim.min, " to ", dim.max);
  for (int32_t index : {function.batchDim, function.timeDim})
    if (index < -1 || index >= count)
      return invalid("its batch or time dimension is ", index, " of ", count);
  return Status();
}

static Status checkExport(const Export &function, size_t stateCount) {
  if (Status status = checkDims(function); status.failed())
    return status;
  size_t dimCount = function.dims.size();
  if (Status status = checkTensors(function.arguments, "argument", dimCount); status.failed())
    return status;
  if (Status status = checkTensors(function.results, "result", dimCount); status.failed())
    return status;
  if (function.tokensPerCall < 0)
    return invalid("it adds ", function.tokensPerCall, " tokens a call");
  std::set<uint32_t> seen;
  for (uint32_t state : function.states) {
    if (state >= stateCount)
      return invalid("it takes state ", state, " of ", stateCount);
    if (!seen.insert(state).second)
      return invalid("it takes state ", state, " twice");
  }
  if (Status status = checkPolynomial(function.flops, dimCount); status.failed())
    return status;
  return checkPolynomial(function.bytes, dimCount);
}

static bool isFloat(ElementType type) {
  return type == ElementType::F16 || type == ElementType::BF16 || type == ElementType::F32 || type == ElementType::F64;
}

static Status checkComponent(const StateComponent &component, bool hasCapacity) {
  if (component.type > lastElementType)
    return invalid("unknown element type ", int(component.type), " (written by a newer seqc?)");
  if (component.dims.size() > maxRank)
    return invalid("rank ", component.dims.size(), " is over ", maxRank);
  constexpr double maxInteger = 9007199254740992.0; // 2^53
  if (!isFloat(component.type) && !(std::abs(component.fill) <= maxInteger))
    return invalid("integers cannot start as ", component.fill);
  size_t growing = 0;
  for (const StateDim &dim : component.dims) {
    if (dim.kind > StateDim::Kind::Capacity)
      return invalid("unknown kind of dimension ", int(dim.kind), " (written by a newer seqc?)");
    if (dim.value < 1 || dim.value > maxStaticSize)
      return invalid("a dimension has the size ", dim.value);
    growing += dim.kind == StateDim::Kind::Capacity;
  }
  if (growing > 1)
    return invalid("more than one dimension grows with the tokens");
  if (growing != 0 && !hasCapacity)
    return invalid("a dimension grows with the tokens, but the state has no "
                   "capacity");
  return Status();
}

static Status checkState(const State &state) {
  size_t count = state.components.size();
  if (count < 1 || count > SEQ_ABI_STATE_COMPONENTS)
    return invalid("it has ", count, " components, not 1 to ", SEQ_ABI_STATE_COMPONENTS);
  for (size_t i = 0; i < count; ++i)
    if (Status status = checkComponent(state.components[i], state.hasCapacity); status.failed())
      return std::move(status).withPrefix(concat("component ", i, ": "));
  return Status();
}

static Status checkParameter(const Parameter &parameter, const std::vector<Section> &sections) {
  if (parameter.section >= sections.size())
    return invalid("it is in section ", parameter.section, " of ", sections.size());
  const Section &section = sections[parameter.section];
  if (parameter.offset % sectionAlignment != 0)
    return invalid("its offset ", parameter.offset, " is not a multiple of 64");
  if (parameter.offset > section.size || parameter.size > section.size - parameter.offset)
    return invalid("its ", parameter.size, " bytes at offset ", parameter.offset, " leave the section of ",
                   section.size, " bytes");
  if (parameter.shape.size() > maxRank)
    return invalid("rank ", parameter.shape.size(), " is over ", maxRank);
  for (int64_t size : parameter.shape)
    if (size < 0 || size > maxStaticSize)
      return invalid("its shape has the size ", size);
  return Status();
}

static Status checkTarget(const Target &target, const Module &module) {
  if (target.section >= module.sections.size() || module.sections[target.section].kind != codeSection)
    return invalid("section ", target.section, " is not a code section");
  if (!module.sections[target.section].file.empty())
    return invalid("its code is outside of the module");
  if (target.entries.size() != module.exports.size())
    return invalid("it has ", target.entries.size(), " entries for ", module.exports.size(), " exports");
  return Status();
}

static Status checkSection(const Section &section) {
  if (section.kind.empty())
    return invalid("it has no kind");
  const std::string &file = section.file;
  if (file == "." || file == ".." || file.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
    return invalid("its file '", file, "' is not a plain file name");
  return Status();
}

/// Applies `check` to every item; an error names the item.
template <typename Item, typename Check>
static Status checkEach(const std::vector<Item> &items, const char *what, Check check) {
  for (size_t i = 0; i < items.size(); ++i)
    if (Status status = check(items[i]); status.failed())
      return std::move(status).withPrefix(concat(what, " ", i, " '", items[i].name, "': "));
  return Status();
}

template <typename Item> static Status checkNames(const std::vector<Item> &items, const char *what) {
  std::set<std::string_view> seen;
  return checkEach(items, what, [&](const Item &item) {
    if (item.name.empty())
      return invalid("it has no name");
    if (!seen.insert(item.name).second)
      return invalid("an earlier one has the same name");
    return Status();
  });
}

Status validate(const Module &module) {
  if (module.contextLength < 0 || module.contextLength > maxStaticSize)
    return invalid("the context length is ", module.contextLength);
  if (module.vocabularySize < 0 || module.vocabularySize > maxStaticSize)
    return invalid("the vocabulary size is ", module.vocabularySize);
  for (int64_t id : module.stopTokens)
    if (id < 0 || (module.vocabularySize != 0 && id >= module.vocabularySize))
      return invalid("the stop token ", id, " is not in the vocabulary");
  Status checks[] = {
      checkNames(module.exports, "export"),
      checkNames(module.states, "state"),
      checkNames(module.targets, "target"),
      checkEach(module.sections, "section", checkSection),
      checkEach(module.exports, "export",
                [&](const Export &function) { return checkExport(function, module.states.size()); }),
      checkEach(module.states, "state", checkState),
      checkEach(module.parameters, "parameter",
                [&](const Parameter &parameter) { return checkParameter(parameter, module.sections); }),
      checkEach(module.targets, "target", [&](const Target &target) { return checkTarget(target, module); }),
  };
  for (Status &status : checks)
    if (status.failed())
      return std::move(status);
  return Status();
}

} // namespace seqc::file
