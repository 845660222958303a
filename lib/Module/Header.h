//===- Header.h - The FlatBuffer header of a module -------------*- C++ -*-===//
//
// The only place that knows FlatBuffers.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_LIB_MODULE_HEADER_H
#define SEQ_LIB_MODULE_HEADER_H

#include "seq/Module/Module.h"
#include "seq/Module/Status.h"

#include <cstdint>
#include <vector>

namespace seqc::file {

/// The header's bytes. Their number does not depend on the offsets and digests
/// of the sections, and equal descriptions give equal bytes.
std::vector<uint8_t> encodeHeader(const Module &module);

/// Verifies the FlatBuffer (`data` is aligned to 8 bytes) and copies it out.
/// The description still has to pass validate(). What is allocated is within a
/// small multiple of `size`, whatever the bytes are.
Status decodeHeader(const uint8_t *data, uint64_t size, Module &module);

} // namespace seqc::file

#endif // SEQ_LIB_MODULE_HEADER_H
