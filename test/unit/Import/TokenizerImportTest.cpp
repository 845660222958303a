// Tokenizers of the three kinds that checkpoints come with, through the section
// of a module and back.

#include "GGUFBuilder.h"
#include "Testing.h"
#include "seq/Import/Import.h"
#include "seq/Tokenizer/TokenizerData.h"

using namespace seqc::importer;
using namespace seqc::test;
namespace tok = seqc::tokenizer;

namespace {

class TokenizerImport : public testing::Test {
protected:
  /// What a module's section says after the import.
  tok::TokenizerData read(const std::string &path) {
    auto bytes = importTokenizer(path);
    if (!bytes) {
      ADD_FAILURE() << llvm::toString(bytes.takeError());
      return {};
    }
    auto data = tok::deserialise(*bytes);
    if (!data) {
      ADD_FAILURE() << data.message();
      return {};
    }
    return std::move(*data);
  }
  TemporaryFolder folder;
};

/// The byte-level vocabulary "a", "b", "ab", "<end>".
GGUFBuilder makeVocabulary() {
  GGUFBuilder file;
  file.text("general.architecture", "llama");
  file.text("tokenizer.ggml.model", "gpt2");
  file.text("tokenizer.ggml.pre", "gpt-2");
  file.strings("tokenizer.ggml.tokens", {"a", "b", "ab", "<end>"});
  Bytes &types = file.key("tokenizer.ggml.token_type", GGUFType::Array);
  types.add(GGUFType::I32).add<uint64_t>(4);
  for (int32_t type : {1, 1, 1, 3})
    types.add(type);
  file.strings("tokenizer.ggml.merges", {"a b"});
  file.u32("tokenizer.ggml.eos_token_id", 3);
  file.text("tokenizer.chat_template", "{{ messages }}");
  return file;
}

TEST_F(TokenizerImport, ReadsGGUF) {
  tok::TokenizerData data = read(folder.write("model.gguf", makeVocabulary().build()));
  EXPECT_EQ(data.model, tok::Model::ByteLevelBPE);
  EXPECT_EQ(data.tokens, (std::vector<std::string>{"a", "b", "ab", "<end>"}));
  ASSERT_EQ(data.merges.size(), 1u);
  EXPECT_EQ(data.merges[0].result, 2);
  EXPECT_EQ(data.eos, 3);
  EXPECT_EQ(data.bos, -1);
  EXPECT_EQ(data.chatTemplate, "{{ messages }}");
}

TEST_F(TokenizerImport, TreatsMinusOneAsNone) {
  GGUFBuilder file = makeVocabulary();
  file.u32("tokenizer.ggml.bos_token_id", UINT32_MAX);
  EXPECT_EQ(read(folder.write("model.gguf", file.build())).bos, -1);
}

TEST_F(TokenizerImport, NamesTheFileAndTheKey) {
  GGUFBuilder file = makeVocabulary();
  file.u32("tokenizer.ggml.add_bos_token", 1);
  std::string path = folder.write("model.gguf", file.build());
  EXPECT_MESSAGE(importTokenizer(path), path + ": key 'tokenizer.ggml.add_bos_token' is of type u32");
  file = makeVocabulary();
  file.u32("tokenizer.ggml.unknown_token_id", 4);
  EXPECT_MESSAGE(importTokenizer(folder.write("model.gguf", file.build())), path + ": ");
}

TEST_F(TokenizerImport, ReadsBytes) {
  tok::TokenizerData data = read(folder.write("config.json", R"({"tokenizer":"bytes"})"));
  EXPECT_EQ(data.model, tok::Model::Bytes);
  EXPECT_EQ(data.vocabularySize(), 256);
  EXPECT_MESSAGE(importTokenizer(folder.write("config.json", R"({"tokenizer":"words"})")),
                 "key 'tokenizer' is \"words\"");
}

TEST_F(TokenizerImport, ReadsFolders) {
  folder.write("tokenizer_config.json", R"({"eos_token":"<end>"})");
  std::string path = folder.write("tokenizer.json", R"({
    "version": "1.0", "normalizer": null, "post_processor": null,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
    "decoder": {"type": "ByteLevel"},
    "added_tokens": [{"id": 3, "content": "<end>", "single_word": false, "lstrip": false, "rstrip": false,
                      "normalized": false, "special": true}],
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})");
  tok::TokenizerData data = read(path);
  EXPECT_EQ(data.tokens, (std::vector<std::string>{"a", "b", "ab", "<end>"}));
  EXPECT_EQ(data.eos, 3);
  folder.write("tokenizer.json", R"({"model": {"type": "Unigram"}})");
  EXPECT_MESSAGE(importTokenizer(path), "tokenizer.json");
}

TEST_F(TokenizerImport, SurvivesCorruption) {
  std::string whole = makeVocabulary().build();
  for (uint64_t seed = 0; seed < 500; ++seed) {
    auto bytes = importTokenizer(folder.write("model.gguf", corrupt(whole, seed)));
    if (bytes) {
      EXPECT_TRUE(static_cast<bool>(tok::deserialise(*bytes))) << seed;
      continue;
    }
    std::string text = llvm::toString(bytes.takeError());
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
}

} // namespace
