//===- Npy.h - NumPy's array files ------------------------------*- C++ -*-===//
//
// Reads and writes .npy (format versions 1 to 3; little-endian numbers). A file is
// untrusted: its header and size are checked before anything is allocated for them.
//
//===----------------------------------------------------------------------===//

#ifndef SEQ_SUPPORT_NPY_H
#define SEQ_SUPPORT_NPY_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seqc {

/// Element types, named as NumPy names them ("f4" is a 4-byte float, "b1" a boolean).
enum class NpyType : uint8_t { B1, I1, I2, I4, I8, U1, U2, U4, U8, F2, F4, F8 };

/// Bytes of an element.
size_t npyElementSize(NpyType type);

/// The type's name, without byte order: "f4".
std::string_view npyTypeName(NpyType type);

/// An array: row-major, dense, in host order.
struct NpyArray {
  NpyType type = NpyType::F4;
  std::vector<int64_t> shape;
  std::vector<char> data; ///< elements * npyElementSize(type) bytes

  int64_t elements() const;
};

/// Reads `path`; column-major files are transposed. On failure returns nothing and sets
/// `error` to one line that names the file.
std::optional<NpyArray> readNpy(const std::string &path, std::string &error);

/// Parses the bytes of a .npy; `name` is what errors call it.
std::optional<NpyArray> parseNpy(std::string_view bytes, const std::string &name, std::string &error);

/// What stands in front of the elements in a .npy of format version 1. Its length is a multiple
/// of 64 bytes.
std::string formatNpyHeader(NpyType type, const std::vector<int64_t> &shape);

/// The bytes of a .npy, format version 1.
std::string formatNpy(const NpyArray &array);

/// Writes `path`, replacing what is there; a failure leaves no partial file and sets
/// `error` to one line that names the file.
bool writeNpy(const std::string &path, const NpyArray &array, std::string &error);

} // namespace seqc

#endif // SEQ_SUPPORT_NPY_H
