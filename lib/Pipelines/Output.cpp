//===- Output.cpp - Files that are written whole or not at all ------------===//

#include "seq/Pipelines/Output.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

/// Writes, and takes errors out of the stream, which would end the program when it is closed.
static llvm::Error write(llvm::raw_fd_ostream &stream, llvm::StringRef bytes) {
  stream << bytes;
  stream.flush();
  std::error_code error = stream.error();
  stream.clear_error();
  return llvm::errorCodeToError(error);
}

llvm::Error seqc::writeOutput(llvm::StringRef path, llvm::StringRef bytes) {
  llvm::Error error =
      path == "-" ? write(llvm::outs(), bytes) : llvm::writeToOutput(path, [&](llvm::raw_ostream &stream) {
        return write(llvm::cast<llvm::raw_fd_ostream>(stream), bytes);
      });
  if (!error)
    return error;
  std::string name = path == "-" ? "to standard output" : "'" + path.str() + "'";
  return llvm::createStringError("cannot write " + name + ": " + llvm::toString(std::move(error)));
}
