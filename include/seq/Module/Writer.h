//===- Writer.h - Write .seqm files -----------------------------*- C++ -*-===//
//
//   file::Writer writer;
//   writer.module.name = "SmolLM2";                       // and so on
//   uint32_t code = writer.addSection("code", "x86-64-v3", image.data(),
//                                     image.size());
//   uint32_t weights = writer.addSection(
//       "weights", "", totalBytes, [&](const file::Emit &emit) {
//         for (const Packed &packed : parameters)
//           if (file::Status status = emit(packed.data, packed.size);
//               status.failed())
//             return status;
//         return file::Status();
//       });
//   ... writer.module.parameters[i] = {..., weights, offset, size};
//   file::Status status = writer.write("model.seqm");
//
// The bytes depend on the description and the sections alone: no time, no
// path, no address gets in.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_MODULE_WRITER_H
#define SEQ_MODULE_WRITER_H

#include "seq/Module/Module.h"
#include "seq/Module/Status.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace seqc::file {

/// Takes the next bytes of a section. On a failure the producer stops and
/// returns the status as its own.
using Emit = std::function<Status(const void *data, size_t size)>;

/// Emits the bytes of a section, in order, in pieces of any size. Called once
/// for each Writer::write, so it may compute them on the fly.
using Producer = std::function<Status(const Emit &emit)>;

class Writer {
public:
  /// The description. `sections` is filled by addSection; of a section only
  /// `file` may be set from outside, to store it beside the module.
  Module module;

  /// Adds a section whose bytes are borrowed until write() returns; gives its
  /// index in module.sections.
  uint32_t addSection(std::string_view kind, std::string_view name, const void *data, uint64_t size);

  /// Adds a section of `size` bytes that `producer` emits. Emitting another
  /// number of bytes is an error of write().
  uint32_t addSection(std::string_view kind, std::string_view name, uint64_t size, Producer producer);

  /// Checks the description and writes the module, and its external sections
  /// beside it. Files are written under a temporary name in the same folder,
  /// synchronised and renamed: after an error (a full disk too) nothing is
  /// left behind, and an older module under that name is as it was. Runs of
  /// zero bytes become holes where the file system has them. Parameters may
  /// be filled in until this call.
  Status write(const std::string &path);

private:
  std::vector<Producer> producers; ///< one for each section
};

} // namespace seqc::file

#endif // SEQ_MODULE_WRITER_H
