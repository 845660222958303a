#include "Tokenizer/Composition.h"

#include "gtest/gtest.h"

namespace seqc::test {

using tokenizer::composeNFC;

TEST(Composition, Composes) {
  EXPECT_EQ(composeNFC("cafe\u0301"), "caf\u00E9");
  EXPECT_EQ(composeNFC("A\u030A"), "\u00C5");
  EXPECT_EQ(composeNFC("\u212B"), "\u00C5");        // the Ångström sign is another character
  EXPECT_EQ(composeNFC("s\u0323\u0307"), "\u1E69"); // twice
  EXPECT_EQ(composeNFC("plain text, \u00E9"), "plain text, \u00E9");
}

TEST(Composition, PutsMarksInOrder) {
  EXPECT_EQ(composeNFC("s\u0307\u0323"), "\u1E69");
  EXPECT_EQ(composeNFC("a\u0315\u0300\u05AE\u0062"), "\u00E0\u05AE\u0315b");
}

TEST(Composition, LeavesBlockedAndExcludedAlone) {
  EXPECT_EQ(composeNFC("a\u0305\u0301"), "a\u0305\u0301"); // of one class: the first is in the way
  EXPECT_EQ(composeNFC("\u0958"), "\u0915\u093C");         // never composed again
  EXPECT_EQ(composeNFC("\u0301a"), "\u0301a");             // nothing before it
}

TEST(Composition, KnowsHangul) {
  EXPECT_EQ(composeNFC("\u1100\u1161"), "\uAC00");
  EXPECT_EQ(composeNFC("\u1112\u1161\u11AB\u1100\u1173\u11AF"), "\uD55C\uAE00");
  EXPECT_EQ(composeNFC("\uAC00\u11A8"), "\uAC01");
  EXPECT_EQ(composeNFC("\uAC01\u11A8"), "\uAC01\u11A8");
}

TEST(Composition, KeepsBytesThatAreNoCharacters) {
  EXPECT_EQ(composeNFC("e\xFF\u0301"), "e\xFF\u0301");
  EXPECT_EQ(composeNFC("\xE2\x82"), "\xE2\x82");
}

TEST(Composition, IsQuickOnManyMarks) {
  std::string text = "a";
  for (int i = 0; i < 200000; ++i)
    text += i % 2 ? "\u0301" : "\u0323";
  std::string composed = composeNFC(text);
  EXPECT_TRUE(composed.starts_with("\u1EA1\u0323")) << composed.substr(0, 16);
}

} // namespace seqc::test
