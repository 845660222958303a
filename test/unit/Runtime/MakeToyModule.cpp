//===- MakeToyModule.cpp - Write the toy module to a file -----------------===//
//
// For tests of tools that read modules: make-toy-module OUT.seqm
//
//===----------------------------------------------------------------------===//

#include "ToyModule.h"

#include <cstdio>

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make-toy-module OUT.seqm\n");
    return 1;
  }
  seqc::file::Status status = seqc::test::toyWriter().write(argv[1]);
  if (status.failed())
    std::fprintf(stderr, "make-toy-module: error: %s\n", status.message().c_str());
  return status.failed();
}
