//===- Describe.h - A module's description as text and JSON -----*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQDUMP_DESCRIBE_H
#define SEQ_TOOLS_SEQDUMP_DESCRIBE_H

#include "seq/Module/Reader.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace seqc::dump {

/// Name, version, targets and what else fits a screen.
void printSummary(const seqc::file::ModuleFile &file, llvm::raw_ostream &out);
/// Exports with the types of their arguments and results, and their costs.
void printSignatures(const seqc::file::Module &module, llvm::raw_ostream &out);
/// Kind, place, size and digest of every section.
void printSections(const seqc::file::Module &module, llvm::raw_ostream &out);
/// States with the types of their components.
void printStates(const seqc::file::Module &module, llvm::raw_ostream &out);
/// Parameters with type, shape, packing and place.
void printParameters(const seqc::file::Module &module, llvm::raw_ostream &out);
/// All of that.
llvm::json::Value toJson(const seqc::file::ModuleFile &file);

/// Text from a module, safe to print: control characters become '?'.
std::string printable(llvm::StringRef text);
/// "i32 [B,T]".
std::string typeText(const seqc::file::Tensor &tensor, const std::vector<seqc::file::Dim> &dims);
/// "f32 [batch, ceil(capacity/32), 64]".
std::string typeText(const seqc::file::StateComponent &component);
/// "8·B·T + 3·B·N", where N stands for the tokens in the context.
std::string polynomialText(const seqc::file::Polynomial &terms, const std::vector<seqc::file::Dim> &dims);

} // namespace seqc::dump

#endif // SEQ_TOOLS_SEQDUMP_DESCRIBE_H
