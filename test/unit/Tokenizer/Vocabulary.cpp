#include "Vocabulary.h"

#include "Tokenizer/ByteAlphabet.h"

#include <cstdio>

namespace seqc::test {

TokenizerData byteVocabulary(const std::vector<std::pair<std::string, std::string>> &merges,
                             const std::vector<std::string> &specials) {
  TokenizerData data;
  for (int byte = 0; byte < 256; ++byte)
    data.tokens.push_back(alphabetFromBytes(std::string(1, static_cast<char>(byte))));
  std::vector<std::pair<std::string, std::string>> spelled;
  for (auto &[left, right] : merges) {
    spelled.emplace_back(alphabetFromBytes(left), alphabetFromBytes(right));
    std::string joined = spelled.back().first + spelled.back().second;
    if (std::find(data.tokens.begin(), data.tokens.end(), joined) == data.tokens.end())
      data.tokens.push_back(joined);
  }
  auto added = addMerges(data, {spelled.begin(), spelled.end()});
  EXPECT_TRUE(added) << added.message();
  data.types.resize(data.tokens.size(), TokenType::Normal);
  for (const std::string &special : specials) {
    data.tokens.push_back(special);
    data.types.push_back(TokenType::Control);
  }
  return data;
}

TokenizerData pieceVocabulary(const std::vector<std::pair<std::string, float>> &pieces) {
  TokenizerData data;
  data.model = Model::SentencePieceBPE;
  data.tokens = {"<unk>", "<s>", "</s>"};
  data.types = {TokenType::Unknown, TokenType::Control, TokenType::Control};
  for (int byte = 0; byte < 256; ++byte) {
    char text[8];
    std::snprintf(text, sizeof(text), "<0x%02X>", byte);
    data.tokens.push_back(text);
    data.types.push_back(TokenType::Byte);
  }
  data.scores.resize(data.tokens.size(), 0);
  for (auto &[text, score] : pieces) {
    data.tokens.push_back(text);
    data.types.push_back(TokenType::Normal);
    data.scores.push_back(score);
  }
  data.unknown = 0;
  data.bos = 1;
  data.eos = 2;
  data.stops = {2};
  data.addBos = true;
  data.spacePrefix = SpacePrefix::Always;
  return data;
}

TokenizerData richVocabulary() {
  TokenizerData data = byteVocabulary({{"a", "b"}, {"ab", "c"}, {" ", "a"}}, {"<bos>", "<eos>", "<mask>"});
  data.scores.assign(data.tokens.size(), 0.5f);
  data.splits = {R"(\p{N})", R"(\s+|\S+)"};
  data.wholeWordsFirst = data.normalizeNFC = data.prefixStartOnly = data.addBos = data.addEos = true;
  data.spacePrefix = SpacePrefix::WhenMissing;
  data.strips = {{261, true, false}};
  data.bos = 259;
  data.eos = 260;
  data.unknown = 1;
  data.stops = {260, 261};
  data.chatTemplate = "{{ 'text' }}";
  return data;
}

std::unique_ptr<Tokenizer> makeTokenizer(TokenizerData data) {
  auto created = Tokenizer::create(std::move(data));
  EXPECT_TRUE(created) << created.message();
  return created ? std::move(*created) : nullptr;
}

std::vector<std::string> pieces(const Tokenizer &tokenizer, std::string_view text, EncodeOptions options) {
  auto encoding = tokenizer.encode(text, options);
  EXPECT_TRUE(encoding) << encoding.message();
  std::vector<std::string> result;
  if (encoding)
    for (int32_t id : encoding->ids)
      result.emplace_back(tokenizer.bytes(id));
  return result;
}

} // namespace seqc::test
