#include "seq/Module/AtomicFile.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace seqc::file {

static const char *adviceFor(int error) {
  switch (error) {
  case ENOSPC:
  case EDQUOT:
    return " (free some space or choose another folder)";
  case EFBIG:
    return " (the file size limit is too small)";
  case ENOENT:
    return " (create the folder first)";
  case EACCES:
  case EROFS:
    return " (choose a folder that can be written to)";
  default:
    return "";
  }
}

Status AtomicFile::systemError(const char *what) const {
  int error = errno;
  return makeError(SEQRT_IO, "cannot ", what, " '", target, "': ", std::strerror(error), adviceFor(error));
}

AtomicFile::~AtomicFile() {
  if (descriptor >= 0)
    close(descriptor);
  if (!temporary.empty())
    unlink(temporary.c_str());
}

Status AtomicFile::create(const std::string &path) {
  target = path;
  struct stat info;
  if (stat(path.c_str(), &info) == 0) {
    if (!S_ISREG(info.st_mode))
      return makeError(SEQRT_IO, "cannot write '", path, "': it exists and is not a regular file");
    // The rename shall replace the file, not a link to it.
    if (char *resolved = realpath(path.c_str(), nullptr)) {
      target = resolved;
      free(resolved);
    }
  }
  static std::atomic<unsigned> counter{0};
  do {
    temporary = concat(target, ".", getpid(), "-", counter++, ".tmp");
    descriptor = open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EEXIST);
  if (descriptor >= 0)
    return Status();
  temporary.clear();
  return systemError("create");
}

Status AtomicFile::write(uint64_t offset, const void *data, size_t size) {
  const char *bytes = static_cast<const char *>(data);
  while (size != 0) {
    ssize_t written = pwrite(descriptor, bytes, size, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return systemError("write");
    bytes += written;
    offset += static_cast<uint64_t>(written);
    size -= static_cast<size_t>(written);
  }
  return Status();
}

Status AtomicFile::resize(uint64_t size) {
  if (ftruncate(descriptor, static_cast<off_t>(size)) != 0)
    return systemError("write");
  return Status();
}

Status AtomicFile::commit() {
  if (fsync(descriptor) != 0)
    return systemError("write");
  // Some file systems report a failed write only here.
  int closed = close(descriptor);
  descriptor = -1;
  if (closed != 0)
    return systemError("write");
  if (rename(temporary.c_str(), target.c_str()) != 0)
    return systemError("rename the finished file to");
  temporary.clear();
  return Status();
}

} // namespace seqc::file
