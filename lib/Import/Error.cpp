#include "seq/Import/Error.h"

#include "llvm/Support/JSON.h"

using namespace llvm;

namespace seqc::importer {

Error makeError(StringRef file, const Twine &message) {
  return createStringError(printable(file, 1024) + ": " + message);
}

std::string printable(StringRef text, size_t limit) {
  std::string result = text.take_front(limit).str();
  bool isText = json::isUTF8(result);
  for (char &c : result) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !isText))
      c = '?';
  }
  if (text.size() > limit)
    result += "...";
  return result;
}

std::string quoted(StringRef text) { return "'" + printable(text) + "'"; }

} // namespace seqc::importer
