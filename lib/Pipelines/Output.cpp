//===- Output.cpp - Files that are written whole or not at all ------------===//

#include "seq/Pipelines/Output.h"
#include "seq/Module/AtomicFile.h"
#include "llvm/Support/raw_ostream.h"

/// Writes, and takes errors out of the stream, which would end the program when it is closed.
static llvm::Error writeToStandardOutput(llvm::StringRef bytes) {
  llvm::raw_fd_ostream &stream = llvm::outs();
  stream << bytes;
  stream.flush();
  std::error_code error = stream.error();
  stream.clear_error();
  return error ? llvm::createStringError("cannot write to standard output: " + error.message())
               : llvm::Error::success();
}

llvm::Error seqc::writeOutput(llvm::StringRef path, llvm::StringRef bytes) {
  if (path == "-")
    return writeToStandardOutput(bytes);
  file::AtomicFile file;
  file::Status status = file.create(path.str());
  if (status.ok())
    status = file.write(0, bytes.data(), bytes.size());
  if (status.ok())
    status = file.commit();
  return status.ok() ? llvm::Error::success() : llvm::createStringError(status.message());
}
