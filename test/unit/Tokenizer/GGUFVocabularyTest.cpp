#include "Vocabulary.h"

#include "seq/Tokenizer/GGUFVocabulary.h"

namespace seqc::test {

/// Tokens a, b, ab and an end.
static GGUFVocabulary smallGPT2() {
  GGUFVocabulary vocabulary;
  vocabulary.model = "gpt2";
  vocabulary.pre = "gpt-2";
  vocabulary.tokens = {"a", "b", "ab", "<|im_end|>", "Ġ"};
  vocabulary.tokenType = {1, 1, 1, 3, 1};
  vocabulary.merges = {"a b"};
  vocabulary.eosTokenId = 3;
  vocabulary.unknownTokenId = 3;
  return vocabulary;
}

static std::string errorOf(const GGUFVocabulary &vocabulary) {
  auto read = fromGGUF(vocabulary);
  EXPECT_FALSE(read);
  return read.message();
}

TEST(GGUFVocabulary, ReadsByteLevel) {
  auto data = fromGGUF(smallGPT2());
  ASSERT_TRUE(data) << data.message();
  EXPECT_EQ(data->unknown, -1);
  EXPECT_FALSE(data->addBos);
  auto tokenizer = makeTokenizer(std::move(*data));
  EXPECT_EQ(tokenizer->encode("ab a<|im_end|>", {.parseSpecial = true})->ids, (std::vector<int32_t>{2, 4, 0, 3}));
  EXPECT_TRUE(tokenizer->isStop(3));
  EXPECT_TRUE(tokenizer->isControl(3));
  EXPECT_FALSE(tokenizer->isStop(0));
}

TEST(GGUFVocabulary, ReadsSentencePiece) {
  GGUFVocabulary vocabulary;
  vocabulary.model = "llama";
  vocabulary.tokens = {"<unk>", "<s>", "</s>", "<0x0A>", "▁", "a", "▁a"};
  vocabulary.tokenType = {2, 3, 3, 6, 1, 1, 1};
  vocabulary.scores = {0, 0, 0, 0, -3, -2, -1};
  vocabulary.bosTokenId = 1;
  vocabulary.eosTokenId = 2;
  vocabulary.eotTokenId = 0xFFFFFFFF;
  vocabulary.unknownTokenId = 0;
  auto data = fromGGUF(vocabulary);
  ASSERT_TRUE(data) << data.message();
  EXPECT_EQ(makeTokenizer(*data)->encode("a\nx", {.addSpecial = true})->ids, (std::vector<int32_t>{1, 6, 3, 0}));
  vocabulary.addBosToken = false;
  vocabulary.addSpacePrefix = false;
  EXPECT_EQ(makeTokenizer(*fromGGUF(vocabulary))->encode("a", {.addSpecial = true})->ids, (std::vector<int32_t>{5}));
}

TEST(GGUFVocabulary, NamesTheKeyThatIsWrong) {
  auto with = [](auto change) {
    GGUFVocabulary vocabulary = smallGPT2();
    change(vocabulary);
    return errorOf(vocabulary);
  };
  using V = GGUFVocabulary;
  EXPECT_EQ(with([](V &v) { v.model = "bert"; }),
            "tokenizer.ggml.model: the kind 'bert' is not supported (these are: gpt2, llama)");
  EXPECT_TRUE(
      with([](V &v) { v.pre = "made-up"; }).starts_with("tokenizer.ggml.pre: the pre-tokenizer 'made-up' is not"));
  EXPECT_TRUE(with([](V &v) { v.tokens.clear(); }).starts_with("tokenizer.ggml.tokens: "));
  EXPECT_TRUE(with([](V &v) { v.merges.clear(); }).starts_with("tokenizer.ggml.merges: "));
  EXPECT_EQ(with([](V &v) { v.merges = {"a b", "ab"}; }),
            "tokenizer.ggml.merges: entry 1 ('ab') is not two tokens with a space between them");
  EXPECT_EQ(with([](V &v) { v.merges = {"a c"}; }),
            "tokenizer.ggml.merges: merge 0 ('a' with 'c'): 'c' is not in the vocabulary");
  EXPECT_EQ(with([](V &v) { v.merges = {"b a"}; }),
            "tokenizer.ggml.merges: merge 0 ('b' with 'a'): 'ba' is not in the vocabulary");
  EXPECT_EQ(with([](V &v) { v.bosTokenId = 5; }), "tokenizer.ggml.bos_token_id: 5 is outside of the vocabulary of 5");
  EXPECT_EQ(with([](V &v) { v.tokenType[1] = 7; }), "tokenizer.ggml.token_type: the type 7 is unknown");
  EXPECT_EQ(with([](V &v) { v.tokenType.pop_back(); }), "tokenizer.ggml: there are 4 token types for 5 tokens");
  EXPECT_TRUE(with([](V &v) { v.model = "llama"; }).starts_with("tokenizer.ggml.scores: "));
}

} // namespace seqc::test
