#include "Vocabulary.h"

#include <cmath>
#include <random>

namespace seqc::test {

TEST(Section, KeepsEverything) {
  TokenizerData data = richVocabulary();
  ASSERT_EQ(validate(data), "");
  std::string bytes = serialise(data);
  auto read = deserialise(bytes);
  ASSERT_TRUE(read) << read.message();
  EXPECT_EQ(read->model, data.model);
  EXPECT_EQ(read->tokens, data.tokens);
  EXPECT_EQ(read->types, data.types);
  EXPECT_EQ(read->scores, data.scores);
  EXPECT_EQ(read->splits, data.splits);
  EXPECT_EQ(read->wholeWordsFirst, true);
  EXPECT_EQ(read->normalizeNFC, true);
  EXPECT_EQ(read->spacePrefix, SpacePrefix::WhenMissing);
  EXPECT_EQ(read->prefixStartOnly, true);
  EXPECT_EQ(read->bos, data.bos);
  EXPECT_EQ(read->eos, data.eos);
  EXPECT_EQ(read->unknown, data.unknown);
  EXPECT_EQ(read->stops, data.stops);
  EXPECT_EQ(read->addBos, true);
  EXPECT_EQ(read->addEos, true);
  EXPECT_EQ(read->chatTemplate, data.chatTemplate);
  // Merges and strips are covered by this: the bytes hold them.
  EXPECT_EQ(serialise(*read), bytes);
}

TEST(Section, KeepsAllModels) {
  TokenizerData plainBytes;
  plainBytes.model = Model::Bytes;
  for (const TokenizerData &data : {plainBytes, pieceVocabulary({{"a", -1}})}) {
    auto read = deserialise(serialise(data));
    ASSERT_TRUE(read) << read.message();
    EXPECT_EQ(serialise(*read), serialise(data));
  }
}

TEST(Section, RefusesWhatIsNone) {
  for (const std::string &bytes : {std::string(), std::string("x"), std::string("the tokenizer"),
                                   std::string("0123SQTK0123456789"), std::string(100, '\0')})
    EXPECT_FALSE(deserialise(bytes)) << bytes;
}

TEST(Section, RefusesDataThatDoesNotFitTogether) {
  auto broken = [](auto change) {
    TokenizerData data = richVocabulary();
    change(data);
    return validate(data);
  };
  EXPECT_NE(broken([](TokenizerData &data) { data.types.pop_back(); }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.scores.pop_back(); }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.scores[3] = NAN; }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.bos = 262; }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.stops.push_back(-1); }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.strips[0].token = 1 << 20; }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.merges[0].result = 258; }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.merges[0].left = -5; }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.types[4] = static_cast<TokenType>(9); }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.tokens.clear(); }), "");
  EXPECT_NE(broken([](TokenizerData &data) { data.chatTemplate.assign((1 << 28) + 1, 'x'); }), "");
}

/// What survives the checks can be used.
static void use(std::string_view bytes) {
  auto read = deserialise(bytes);
  if (!read) {
    EXPECT_NE(read.message(), "");
    return;
  }
  auto tokenizer = Tokenizer::create(std::move(*read));
  if (!tokenizer)
    return;
  auto encoding = (*tokenizer)->encode("abc <mask> 12 \xFF\xC3\xA9", {.parseSpecial = true, .addSpecial = true});
  if (encoding)
    (*tokenizer)->decode(encoding->ids);
}

TEST(Section, SurvivesDamage) {
  std::mt19937 random(11);
  for (const TokenizerData &data : {richVocabulary(), pieceVocabulary({{"▁", -1}, {"a", -2}, {"▁a", -1}})}) {
    std::string whole = serialise(data);
    for (int i = 0; i < 1000; ++i) {
      std::string bytes = whole;
      // The tables are in front and at the end, the long vectors between.
      size_t window = random() % 2 ? bytes.size() : 400;
      for (int edits = 1 + static_cast<int>(random() % 3); edits > 0; --edits) {
        size_t place = random() % window;
        bytes[random() % 2 ? place : bytes.size() - 1 - place] = static_cast<char>(random());
      }
      if (random() % 8 == 0)
        bytes.resize(random() % bytes.size());
      use(bytes);
    }
  }
}

} // namespace seqc::test
