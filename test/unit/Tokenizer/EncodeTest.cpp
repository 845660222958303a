#include "Vocabulary.h"

#include <random>

namespace seqc::test {

using Pieces = std::vector<std::string>;

TEST(Encode, MergesByRankFromTheLeft) {
  auto tokenizer = makeTokenizer(byteVocabulary({{"b", "c"}, {"a", "b"}, {"a", "a"}}));
  EXPECT_EQ(pieces(*tokenizer, "abc"), (Pieces{"a", "bc"}));
  EXPECT_EQ(pieces(*tokenizer, "aab"), (Pieces{"a", "ab"}));
  EXPECT_EQ(pieces(*tokenizer, "aaaaa"), (Pieces{"aa", "aa", "a"}));
  EXPECT_EQ(pieces(*tokenizer, ""), Pieces());
}

/// All merges of the lowest rank, one after the other: slow and plain.
static Pieces mergeSlowly(const std::vector<std::pair<std::string, std::string>> &merges, const std::string &word) {
  Pieces symbols;
  for (char c : word)
    symbols.emplace_back(1, c);
  for (;;) {
    size_t best = merges.size(), place = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i)
      for (size_t rank = 0; rank < best; ++rank)
        if (merges[rank] == std::pair(symbols[i], symbols[i + 1])) {
          best = rank;
          place = i;
        }
    if (best == merges.size())
      return symbols;
    symbols[place] += symbols[place + 1];
    symbols.erase(symbols.begin() + static_cast<ptrdiff_t>(place) + 1);
  }
}

TEST(Encode, AgreesWithSlowMergingOnRandomVocabularies) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<std::pair<std::string, std::string>> merges;
    Pieces known = {"a", "b", "c", "\xC3", "\xA9"};
    while (merges.size() < 25) {
      std::pair merge(known[random() % known.size()], known[random() % known.size()]);
      if (std::find(merges.begin(), merges.end(), merge) != merges.end())
        continue;
      merges.push_back(merge);
      known.push_back(merge.first + merge.second);
    }
    auto tokenizer = makeTokenizer(byteVocabulary(merges));
    for (int i = 0; i < 50; ++i) {
      std::string word;
      for (size_t length = random() % 40; word.size() < length;)
        word += known[random() % 5];
      EXPECT_EQ(pieces(*tokenizer, word), mergeSlowly(merges, word)) << "round " << round << ", word " << word;
    }
  }
}

TEST(Encode, KeepsMergesInsideOfWords) {
  TokenizerData data = byteVocabulary({{" ", "a"}, {"a", " "}, {"a", "a"}, {"1", "2"}});
  ASSERT_TRUE(setPreTokenizer(data, "smollm"));
  auto tokenizer = makeTokenizer(std::move(data));
  EXPECT_EQ(pieces(*tokenizer, "aa aa 12"), (Pieces{"aa", " a", "a", " ", "1", "2"}));
}

TEST(Encode, SplitsAsTheNamedPreTokenizersDo) {
  struct Case {
    const char *name, *text;
    Pieces words;
  };
  // Every word is one token here, so that the split shows.
  for (const Case &c :
       {Case{"gpt-2", "we'll see 1234  x\n", {"we", "'ll", " see", " 1234", " ", " x", "\n"}},
        Case{"gpt-2", "WE'LL", {"WE", "'", "LL"}}, Case{"smollm", "in 1905,", {"in", " ", "1", "9", "0", "5", ","}},
        Case{"llama-bpe", "WE'LL 12345?!\n\nx", {"WE", "'LL", " ", "123", "45", "?!\n\n", "x"}},
        Case{"qwen2", "a12 \n b", {"a", "1", "2", " \n", " b"}}, Case{"tekken", "fooBar/", {"foo", "Bar", "/"}},
        Case{"gpt-4o", "don't x/\n", {"don't", " x", "/\n"}},
        Case{"deepseek-v3", "12345中x", {"123", "45", "中", "x"}}}) {
    TokenizerData data = byteVocabulary({});
    ASSERT_TRUE(setPreTokenizer(data, c.name));
    for (const std::string &word : c.words)
      if (word.size() > 1)
        data.tokens.push_back(word);
    data.types.clear();
    data.wholeWordsFirst = true;
    // Plain text is its own spelling where it is printable; the others are not
    // of the alphabet and taken as they are.
    EXPECT_EQ(pieces(*makeTokenizer(std::move(data)), c.text), c.words) << c.name;
  }
}

TEST(Encode, CountsMongolianVowelSeparatorAsNoSpace) {
  TokenizerData data = byteVocabulary({{"!", "\xE1\xA0\x8E"}, {"\xE1", "\xA0"}, {"\xE1\xA0", "\x8E"}});
  data.merges.clear();
  data.splits = {R"(\S+|\s+)"};
  data.wholeWordsFirst = true;
  EXPECT_EQ(pieces(*makeTokenizer(std::move(data)), "!\xE1\xA0\x8E"), (Pieces{"!\xE1\xA0\x8E"}));
}

TEST(Encode, KeepsInvalidUtf8) {
  TokenizerData data = byteVocabulary({{"\xE4", "\xB8"}});
  ASSERT_TRUE(setPreTokenizer(data, "gpt-2"));
  auto tokenizer = makeTokenizer(std::move(data));
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (size_t length = random() % 60; text.size() < length;)
      text += random() % 3 ? static_cast<char>(random()) : "a 1\xE4\xB8\x96"[random() % 6];
    auto encoding = tokenizer->encode(text);
    ASSERT_TRUE(encoding) << encoding.message();
    EXPECT_EQ(encoding->unencodable, 0u);
    EXPECT_EQ(tokenizer->decode(encoding->ids), text);
  }
}

TEST(Encode, TellsBytesThatNoTokenHolds) {
  TokenizerData data = byteVocabulary({});
  data.tokens[0xC3] = "unused";
  auto encoding = makeTokenizer(data)->encode("a\xC3\xA9\xC3");
  ASSERT_TRUE(encoding);
  EXPECT_EQ(encoding->ids, (std::vector<int32_t>{'a', 0xA9}));
  EXPECT_EQ(encoding->unencodable, 2u);
  EXPECT_EQ(encoding->firstUnencodable, 0xC3);
  data.unknown = 0;
  EXPECT_EQ(makeTokenizer(data)->encode("a\xC3\xC3")->ids, (std::vector<int32_t>{'a', 0}));
}

TEST(Encode, FindsSpecialTokensWhereAskedTo) {
  TokenizerData data = byteVocabulary({{"<", "x"}}, {"<x>", "<x>y"});
  data.tokens.push_back("user");
  data.types.push_back(TokenType::UserDefined);
  auto tokenizer = makeTokenizer(std::move(data));
  EXPECT_EQ(pieces(*tokenizer, "a<x>y<x>", {.parseSpecial = true}), (Pieces{"a", "<x>y", "<x>"}));
  EXPECT_EQ(pieces(*tokenizer, "<x>"), (Pieces{"<x", ">"}));
  EXPECT_EQ(pieces(*tokenizer, "userb"), (Pieces{"user", "b"}));
}

TEST(Encode, TakesWhiteSpaceAlongWhereTokensSaySo) {
  TokenizerData data = byteVocabulary({}, {"<m>"});
  data.strips = {{256, true, true}};
  EXPECT_EQ(pieces(*makeTokenizer(std::move(data)), "a \xC2\xA0<m>\n b", {.parseSpecial = true}),
            (Pieces{"a", "<m>", "b"}));
}

TEST(Encode, AddsWhatTheModelWants) {
  TokenizerData data = byteVocabulary({}, {"<s>", "</s>"});
  data.bos = 256;
  data.eos = 257;
  data.addBos = true;
  EXPECT_EQ(pieces(*makeTokenizer(data), "a", {.addSpecial = true}), (Pieces{"<s>", "a"}));
  EXPECT_EQ(pieces(*makeTokenizer(data), "a"), (Pieces{"a"}));
  data.addEos = true;
  EXPECT_EQ(pieces(*makeTokenizer(data), "a", {.addSpecial = true}), (Pieces{"<s>", "a", "</s>"}));
}

TEST(Encode, PrefersHighScoresInPieceVocabularies) {
  auto tokenizer =
      makeTokenizer(pieceVocabulary({{"▁", -9}, {"a", -9}, {"b", -9}, {"▁a", -2}, {"ab", -1}, {"▁ab", -3}, {"é", -4}}));
  EXPECT_EQ(pieces(*tokenizer, "ab"), (Pieces{" ab"}));
  EXPECT_EQ(pieces(*tokenizer, "aab"), (Pieces{" a", "ab"}));
  EXPECT_EQ(pieces(*tokenizer, "é▁"), (Pieces{" ", "é", " "}));
  EXPECT_EQ(pieces(*tokenizer, "a\xE2\x82\xAC"), (Pieces{" a", "\xE2", "\x82", "\xAC"}));
}

TEST(Encode, TakesTheSpaceInFrontAwayAgain) {
  auto tokenizer = makeTokenizer(pieceVocabulary({{"▁", -9}, {"a", -9}, {"▁a", -2}}));
  for (std::string text : {"a", " a", "  a a", "\n", "a\xFF", "é中"}) {
    auto encoding = tokenizer->encode(text);
    ASSERT_TRUE(encoding);
    EXPECT_EQ(tokenizer->decode(encoding->ids), text);
    EXPECT_EQ(tokenizer->decode(encoding->ids, /*fromStart=*/false), " " + text);
  }
}

TEST(Encode, HasAModelOfPlainBytes) {
  TokenizerData data;
  data.model = Model::Bytes;
  auto tokenizer = makeTokenizer(std::move(data));
  EXPECT_EQ(tokenizer->vocabularySize(), 256);
  EXPECT_EQ(tokenizer->encode(std::string("\"\0\xFF", 3))->ids, (std::vector<int32_t>{34, 0, 255}));
  EXPECT_EQ(tokenizer->decode(std::vector<int32_t>{34, 0, 255}), std::string("\"\0\xFF", 3));
}

TEST(Encode, TakesLongWordsQuickly) {
  auto tokenizer = makeTokenizer(byteVocabulary({{"a", "a"}, {"aa", "aa"}, {"aaaa", "aaaa"}}));
  // Quadratic merging of this word would take an hour.
  auto encoding = tokenizer->encode(std::string(1 << 20, 'a'));
  ASSERT_TRUE(encoding);
  EXPECT_EQ(encoding->ids.size(), size_t{1} << 17);
}

TEST(Encode, RefusesPatternsThatAreNone) {
  TokenizerData data = byteVocabulary({});
  data.splits = {"(a"};
  auto created = Tokenizer::create(std::move(data));
  ASSERT_FALSE(created);
  EXPECT_NE(created.message().find("'(a'"), std::string::npos) << created.message();
}

TEST(Encode, GivesUpOnPatternsThatExplode) {
  TokenizerData data = byteVocabulary({});
  data.splits = {"(a|aa)+$"};
  auto encoding = makeTokenizer(std::move(data))->encode(std::string(3000, 'a') + "!");
  ASSERT_FALSE(encoding);
  EXPECT_NE(encoding.message().find("can't be split"), std::string::npos) << encoding.message();
}

} // namespace seqc::test
