#include "seq/Tokenizer/StreamDecoder.h"

#include "gtest/gtest.h"

#include <vector>

namespace seqc::test {

using tokenizer::StreamDecoder;

/// What each piece lets out, and then the end.
static std::vector<std::string> feed(const std::vector<std::string> &pieces) {
  StreamDecoder decoder;
  std::vector<std::string> out;
  for (const std::string &piece : pieces)
    out.push_back(decoder.feed(piece));
  out.push_back(decoder.finish());
  return out;
}

using Texts = std::vector<std::string>;

TEST(StreamDecoder, HoldsHalfCharactersBack) {
  EXPECT_EQ(feed({"a\xF0", "\x9F\x8C", "\x8D!"}), (Texts{"a", "", "\xF0\x9F\x8C\x8D!", ""}));
  EXPECT_EQ(feed({"\xC3", "\xA9"}), (Texts{"", "\xC3\xA9", ""}));
}

TEST(StreamDecoder, ReplacesWhatIsNoCharacter) {
  EXPECT_EQ(feed({"a\xFF"
                  "b"}),
            (Texts{"a\uFFFDb", ""}));
  EXPECT_EQ(feed({"\xE4\xB8", "x"}), (Texts{"", "\uFFFDx", ""}));
  EXPECT_EQ(feed({"\xED\xA0\x80"}), (Texts{"\uFFFD\uFFFD\uFFFD", ""})); // a surrogate
  EXPECT_EQ(feed({"\xC0\xAF"}), (Texts{"\uFFFD\uFFFD", ""}));           // an overlong form
  EXPECT_EQ(feed({"\xF4\x90\x80\x80"}), (Texts{"\uFFFD\uFFFD\uFFFD\uFFFD", ""}));
}

TEST(StreamDecoder, EndsWithWhatIsLeft) {
  EXPECT_EQ(feed({"x\xE4\xB8"}), (Texts{"x", "\uFFFD"}));
  EXPECT_EQ(feed({}), (Texts{""}));
}

TEST(StreamDecoder, GivesTheSameTextHoweverItIsCut) {
  std::string text = "Ünïcödé 世界 🌍\n";
  for (size_t first = 0; first <= text.size(); ++first)
    for (size_t second = first; second <= text.size(); ++second) {
      std::string joined;
      for (const std::string &out :
           feed({text.substr(0, first), text.substr(first, second - first), text.substr(second)}))
        joined += out;
      ASSERT_EQ(joined, text) << first << ", " << second;
    }
}

} // namespace seqc::test
