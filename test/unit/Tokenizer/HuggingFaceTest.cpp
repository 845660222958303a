#include "Vocabulary.h"

#include "seq/Tokenizer/HuggingFace.h"

#include <random>

namespace seqc::test {

/// A byte-level tokenizer.json; `%PRE%` and others are replaced by tests.
static const std::string byteLevel = R"({
  "version": "1.0",
  "added_tokens": [
    {"id": 5, "content": "<|eot_id|>", "single_word": false, "lstrip": false, "rstrip": true, "special": true},
    {"id": 7, "content": "user", "special": false}
  ],
  "normalizer": null,
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
    {"type": "Digits", "individual_digits": true},
    {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}]},
  "post_processor": {"type": "ByteLevel", "trim_offsets": false},
  "decoder": {"type": "ByteLevel"},
  "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
    "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
    "vocab": {"a": 0, "b": 1, "ab": 2, "1": 3, "Ġ": 4},
    "merges": ["a b"]}
})";

static const std::string sentencePiece = R"({
  "added_tokens": [{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true}],
  "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
  "pre_tokenizer": null,
  "post_processor": {"type": "TemplateProcessing", "single": [
    {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]},
  "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
    "vocab": {"<unk>": 0, "<s>": 1, "<0x0A>": 2, "▁": 3, "a": 4, "▁a": 5},
    "merges": [["▁", "a"]]}
})";

static std::string replaced(std::string text, const std::string &from, const std::string &to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

static std::string errorOf(const std::string &tokenizer) {
  auto read =
      fromHuggingFace({.tokenizer = tokenizer, .tokenizerConfig = {}, .generationConfig = {}, .chatTemplate = {}});
  EXPECT_FALSE(read);
  return read.message();
}

TEST(HuggingFace, ReadsByteLevel) {
  auto data = fromHuggingFace({byteLevel, R"({"eos_token": {"content": "<|eot_id|>"}, "add_bos_token": false,
                                              "chat_template": [{"name": "default", "template": "T"}]})",
                               R"({"eos_token_id": [5, 2]})", ""});
  ASSERT_TRUE(data) << data.message();
  EXPECT_EQ(data->model, Model::ByteLevelBPE);
  EXPECT_EQ(data->eos, 5);
  EXPECT_EQ(data->stops, (std::vector<int32_t>{5, 2}));
  EXPECT_EQ(data->chatTemplate, "T");
  EXPECT_EQ(data->type(6), TokenType::Unused);
  auto tokenizer = makeTokenizer(std::move(*data));
  EXPECT_EQ(tokenizer->encode("ab 11<|eot_id|> userb", {.parseSpecial = true})->ids,
            (std::vector<int32_t>{2, 4, 3, 3, 5, 7, 1}));
}

TEST(HuggingFace, ReadsSentencePiece) {
  auto data = fromHuggingFace({sentencePiece, "", "", "from a file"});
  ASSERT_TRUE(data) << data.message();
  EXPECT_EQ(data->model, Model::SentencePieceBPE);
  EXPECT_EQ(data->chatTemplate, "from a file");
  EXPECT_EQ(data->bos, 1);
  auto tokenizer = makeTokenizer(std::move(*data));
  EXPECT_EQ(tokenizer->encode("a\nxy", {.addSpecial = true})->ids, (std::vector<int32_t>{1, 5, 2, 0}));
}

TEST(HuggingFace, ReadsMetaspace) {
  std::string text =
      replaced(sentencePiece, R"("normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]})",
               R"("normalizer": null)");
  text = replaced(
      text, R"("pre_tokenizer": null)",
      R"("pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true})");
  auto data = fromHuggingFace({text, "", "", ""});
  ASSERT_TRUE(data) << data.message();
  auto tokenizer = makeTokenizer(std::move(*data));
  EXPECT_EQ(tokenizer->encode("a a<s>a", {.parseSpecial = true})->ids, (std::vector<int32_t>{5, 5, 1, 4}));
}

TEST(HuggingFace, RefusesWhatItCanNotDoByName) {
  auto with = [](const std::string &from, const std::string &to) { return errorOf(replaced(byteLevel, from, to)); };
  EXPECT_EQ(with(R"("type": "BPE")", R"("type": "Unigram")"),
            "tokenizer.json: model.type: 'Unigram' is not supported (BPE is)");
  EXPECT_EQ(with(R"("normalizer": null)", R"("normalizer": {"type": "Lowercase"})"),
            "tokenizer.json: normalizer: 'Lowercase' is not supported");
  EXPECT_EQ(with(R"({"type": "Digits", "individual_digits": true})", R"({"type": "Whitespace"})"),
            "tokenizer.json: pre_tokenizer.pretokenizers[0]: 'Whitespace' is not supported");
  EXPECT_EQ(with(R"({"type": "Digits", "individual_digits": true})",
                 R"({"type": "Split", "pattern": {"String": "x"}, "behavior": "MergedWithNext"})"),
            "tokenizer.json: pre_tokenizer.pretokenizers[0].behavior: 'MergedWithNext' is not supported");
  EXPECT_EQ(with(R"("single_word": false)", R"("single_word": true)"),
            "tokenizer.json: added_tokens[0].single_word: true is not supported ('<|eot_id|>')");
  EXPECT_EQ(with(R"("end_of_word_suffix": null)", R"("end_of_word_suffix": "</w>")"),
            "tokenizer.json: model.end_of_word_suffix: '</w>' is not supported");
  EXPECT_EQ(with(R"("dropout": null)", R"("dropout": 0.1)"), "tokenizer.json: model.dropout: not supported");
  EXPECT_EQ(
      with(R"("post_processor": {"type": "ByteLevel", "trim_offsets": false})", R"("post_processor": {"type": "X"})"),
      "tokenizer.json: post_processor: 'X' is not supported");
}

TEST(HuggingFace, RefusesDamageByPlace) {
  auto with = [](const std::string &from, const std::string &to) { return errorOf(replaced(byteLevel, from, to)); };
  EXPECT_EQ(errorOf("{"), "tokenizer.json: not a JSON object");
  EXPECT_EQ(errorOf("[]"), "tokenizer.json: not a JSON object");
  EXPECT_EQ(errorOf("{}"), "tokenizer.json: model: missing");
  EXPECT_EQ(with(R"("a b")", R"("ab")"), "tokenizer.json: model.merges[0]: not two tokens");
  EXPECT_EQ(with(R"("a b")", "7"), "tokenizer.json: model.merges[0]: not two tokens");
  EXPECT_EQ(with(R"("ab": 2)", R"("ab": 1)"), "tokenizer.json: model.vocab: 'b' and 'ab' have the same id 1");
  EXPECT_EQ(with(R"("ab": 2)", R"("ab": -2)"),
            "tokenizer.json: model.vocab: the id of 'ab' is not a number from 0 to 16777215");
  EXPECT_EQ(with(R"("ab": 2)", R"("ab": 99999999)"),
            "tokenizer.json: model.vocab: the id of 'ab' is not a number from 0 to 16777215");
  auto config = fromHuggingFace({byteLevel, R"({"bos_token": "<s>"})", "", ""});
  EXPECT_EQ(config.message(), "tokenizer_config.json: bos_token: '<s>' is not in the vocabulary");
  auto generation = fromHuggingFace({byteLevel, "", R"({"eos_token_id": 8})", ""});
  EXPECT_EQ(generation.message(), "generation_config.json: eos_token_id: 8 is outside of the vocabulary of 8");
  std::string deep = R"("pre_tokenizer": )";
  for (int i = 0; i < 10000; ++i)
    deep += R"({"type": "Sequence", "pretokenizers": [)";
  for (int i = 0; i < 10000; ++i)
    deep += "]}";
  std::string error = errorOf(R"({"model": {"vocab": {"a": 0}, "merges": []}, )" + deep + "}");
  EXPECT_TRUE(error.ends_with("nested too deeply")) << error.substr(0, 600);
}

TEST(HuggingFace, SurvivesDamage) {
  std::mt19937 random(5);
  const std::string inserts[] = {"null", "{}", "[]", "-1", "\"x\"", "1e9", "true", ",", "\"", "}"};
  for (int i = 0; i < 1500; ++i) {
    std::string text = i % 2 ? byteLevel : sentencePiece;
    for (int edits = 1 + static_cast<int>(random() % 3); edits > 0; --edits) {
      size_t place = random() % text.size();
      if (random() % 2)
        text[place] = static_cast<char>(random() % 128);
      else
        text.replace(place, random() % 12, inserts[random() % std::size(inserts)]);
    }
    auto read = fromHuggingFace({text, "", "", ""});
    if (!read)
      EXPECT_NE(read.message(), "");
    else if (auto tokenizer = Tokenizer::create(std::move(*read)))
      EXPECT_TRUE((*tokenizer)->encode("ab 11<|eot_id|>", {true, true}));
  }
}

} // namespace seqc::test
