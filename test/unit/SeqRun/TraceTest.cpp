#include "Trace.h"
#include "Json.h"

#include "ToyModule.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace seqc::test {

using namespace run;

TEST(Json, EscapesText) {
  std::string text = "a\"\\\n\t\x01\x7F/é🌍";
  EXPECT_EQ(nlohmann::json::parse(jsonText(text)).get<std::string>(), text);
  EXPECT_EQ(jsonText("a\n"), "\"a\\n\"");
  EXPECT_EQ(jsonList(std::vector<int32_t>{1, -2}), "[1, -2]");
  EXPECT_EQ(jsonList({}), "[]");
}

TEST(Trace, WritesSpans) {
  Trace trace;
  trace.add("phase", "ignored", 0, 1);
  trace.enable();
  {
    Phase phase(&trace, "outer \"phase\"");
  }
  trace.add("loop", "inner", 5000, 7500, 12);
  std::string path = temporaryPath("trace.json");
  ASSERT_TRUE(trace.write(path).ok());
  std::vector<uint8_t> bytes = readFile(path);
  auto events = nlohmann::json::parse(bytes.begin(), bytes.end())["traceEvents"];
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1]["name"], "outer \"phase\"");
  EXPECT_EQ(events[1]["ph"], "X");
  EXPECT_EQ(events[2]["ts"], 0);
  EXPECT_EQ(events[2]["dur"], 2.5);
  EXPECT_EQ(events[2]["args"]["count"], 12);
  std::filesystem::remove(path);
}

} // namespace seqc::test
