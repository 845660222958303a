//===- Progress.h - What long work is doing ---------------------*- C++ -*-===//

#ifndef SEQ_TOOLS_SEQC_PROGRESS_H
#define SEQ_TOOLS_SEQC_PROGRESS_H

#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

namespace seqc {

/// One line on standard error, overwritten as work goes on; nothing where standard
/// error is no terminal.
class Progress {
public:
  void show(llvm::StringRef what, double fraction) {
    if (!terminal)
      return;
    llvm::errs() << "\r\033[K" << what;
    if (fraction > 0)
      llvm::errs() << llvm::format(" %3.0f%%", 100 * fraction);
    llvm::errs().flush();
    shown = true;
  }
  void finish() {
    if (shown)
      llvm::errs() << "\r\033[K";
    shown = false;
  }

private:
  bool terminal = llvm::sys::Process::StandardErrIsDisplayed();
  bool shown = false;
};

} // namespace seqc

#endif // SEQ_TOOLS_SEQC_PROGRESS_H
