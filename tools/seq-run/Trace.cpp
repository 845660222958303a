#include "Trace.h"

#include "Json.h"

#include "seq/Module/AtomicFile.h"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace seqc::run {

void Trace::add(const char *kind, std::string name, int64_t beginNs, int64_t endNs, int64_t count) {
  if (enabled)
    spans.push_back({kind, std::move(name), beginNs, endNs, count});
}

file::Status Trace::write(const std::string &path) const {
  int64_t origin = INT64_MAX;
  for (const Span &span : spans)
    origin = std::min(origin, span.begin);
  std::string text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
  text += "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"tid\":1,\"args\":{\"name\":\"seq-run\"}}";
  for (const Span &span : spans) {
    char times[96];
    std::snprintf(times, sizeof(times), ",\"ts\":%.3f,\"dur\":%.3f", static_cast<double>(span.begin - origin) * 1e-3,
                  static_cast<double>(span.end - span.begin) * 1e-3);
    text += ",\n{\"name\":" + jsonText(span.name) + ",\"cat\":" + jsonText(span.kind) + ",\"ph\":\"X\"" + times +
            ",\"pid\":1,\"tid\":1";
    if (span.count >= 0)
      text += ",\"args\":{\"count\":" + std::to_string(span.count) + "}";
    text += "}";
  }
  text += "]}\n";
  file::AtomicFile file;
  if (file::Status status = file.create(path); status.failed())
    return status;
  if (file::Status status = file.write(0, text.data(), text.size()); status.failed())
    return status;
  return file.commit();
}

} // namespace seqc::run
