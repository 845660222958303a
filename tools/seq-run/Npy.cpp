#include "Npy.h"

#include "seq/Module/AtomicFile.h"
#include "seq/Support/Npy.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace seqc::run {

/// The names of the element types of .npy files, in the order of NpyType.
static constexpr std::array<std::string_view, 12> names = {"bool", "i8",  "i16", "i32", "i64", "u8",
                                                           "u16",  "u32", "u64", "f16", "f32", "f64"};

Status parseNpy(std::string_view bytes, const std::string &name, Array &array) {
  std::string error;
  std::optional<NpyArray> parsed = seqc::parseNpy(bytes, name, error);
  if (!parsed)
    return makeError(SEQRT_CORRUPT, error);
  Array read;
  if (Status status = Array::create(typeFromName(names[static_cast<size_t>(parsed->type)]), parsed->shape, read);
      status.failed())
    return std::move(status).withPrefix(concat("'", name, "': "));
  std::copy(parsed->data.begin(), parsed->data.end(), static_cast<char *>(read.data()));
  array = std::move(read);
  return Status();
}

Status readFile(const std::string &path, std::string &content) {
  auto failure = [&] { return makeError(SEQRT_IO, "cannot read '", path, "': ", std::strerror(errno)); };
  int descriptor = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return failure();
  content.clear();
  struct stat info;
  if (fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
    content.reserve(static_cast<size_t>(info.st_size));
  char buffer[1 << 16];
  ssize_t count;
  while ((count = read(descriptor, buffer, sizeof(buffer))) != 0) {
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0) {
      Status status = failure();
      close(descriptor);
      return status;
    }
    content.append(buffer, static_cast<size_t>(count));
  }
  close(descriptor);
  return Status();
}

Status readNpy(const std::string &path, Array &array) {
  std::string content;
  if (Status status = readFile(path, content); status.failed())
    return status;
  return parseNpy(content, path, array);
}

Status writeNpy(const std::string &path, const Array &array) {
  if (array.type().code == SEQRT_BFLOAT) {
    Array wide;
    if (Status status = array.convert(f32Type, wide); status.failed())
      return status;
    return writeNpy(path, wide);
  }
  auto type = std::find(names.begin(), names.end(), seqrt_dtype_name(array.type())) - names.begin();
  std::string header = formatNpyHeader(static_cast<NpyType>(type), array.shape());
  file::AtomicFile file;
  if (Status status = file.create(path); status.failed())
    return status;
  if (Status status = file.write(0, header.data(), header.size()); status.failed())
    return status;
  if (Status status = file.write(header.size(), array.data(), array.byteSize()); status.failed())
    return status;
  return file.commit();
}

} // namespace seqc::run
