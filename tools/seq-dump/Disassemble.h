//===- Disassemble.h - Print the machine code of a module -------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQDUMP_DISASSEMBLE_H
#define SEQ_TOOLS_SEQDUMP_DISASSEMBLE_H

#include "seq/Module/Reader.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace seqc::dump {

/// Prints the function `name` - an export, or any symbol of the code image - as
/// compiled for `target`; the one with the highest rank when that is empty. The
/// digests of code sections have been checked: LLVM takes some damage for a bug
/// of its own and aborts.
llvm::Error disassemble(const seqc::file::ModuleFile &file, llvm::StringRef name, llvm::StringRef target,
                        llvm::raw_ostream &out);

} // namespace seqc::dump

#endif // SEQ_TOOLS_SEQDUMP_DISASSEMBLE_H
