#include "seq/Import/Config.h"

#include "Testing.h"
#include "seq/Import/JSON.h"

using namespace seqc;
using namespace seqc::importer;
using namespace seqc::test;

namespace {

Config parse(llvm::StringRef text) { return Config(llvm::cantFail(parseJSONObject(text, "c.json")), "c.json"); }

TEST(Config, GivesTypedValues) {
  Config config = parse(R"({"n":3,"x":0.5,"big":1e6,"s":"silu","on":true,
                            "list":[1,2.5],"names":["a"],"ids":[1,2],"id":7,
                            "none":null,"inner":{"n":4}})");
  EXPECT_EQ(config.getInt("n", 0, 10), 3);
  EXPECT_EQ(config.getInt("absent", 0, 10, 9), 9);
  EXPECT_EQ(config.getInt("none", 0, 10, 9), 9);
  EXPECT_EQ(config.getInt("big", 0, 1 << 30), 1000000);
  EXPECT_EQ(config.getFloat("x"), 0.5);
  EXPECT_EQ(config.getFloat("n"), 3.0);
  EXPECT_EQ(config.getString("s"), "silu");
  EXPECT_TRUE(config.getBool("on", false));
  EXPECT_EQ(config.getFloats("list"), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(config.getStrings("names"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(config.getIntOrInts("ids"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(config.getIntOrInts("id"), (std::vector<int64_t>{7}));
  EXPECT_FALSE(config.has("none"));
  Config *inner = config.getObject("inner");
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->getInt("n", 0, 10), 4);
  EXPECT_EQ(config.getObject("inner"), inner);
  config.checkAllUsed();
  EXPECT_EQ(message(config.takeError()), "");
}

TEST(Config, NamesFileAndKey) {
  auto refusal = [](llvm::StringRef text, auto read) {
    Config config = parse(text);
    read(config);
    return message(config.takeError());
  };
  auto readInt = [](Config &config) { config.getInt("n", 1, 10); };
  EXPECT_EQ(refusal("{}", readInt), "c.json: key 'n' is missing");
  EXPECT_EQ(refusal(R"({"n":"3"})", readInt), "c.json: key 'n' is \"3\", but must be an integer between 1 and "
                                              "10");
  EXPECT_EQ(refusal(R"({"n":11})", readInt), "c.json: key 'n' is 11, but must be an integer between 1 and 10");
  EXPECT_EQ(refusal(R"({"n":1.5})", readInt), "c.json: key 'n' is 1.5, but must be an integer between 1 and 10");
  EXPECT_EQ(refusal(R"({"b":1})", [](Config &c) { c.getBool("b", true); }),
            "c.json: key 'b' is 1, but must be true or false");
  EXPECT_EQ(refusal(R"({"o":{"x":"y"}})", [](Config &c) { c.getObject("o")->getFloat("x"); }),
            "c.json: key 'o.x' is \"y\", but must be a number");
  EXPECT_EQ(refusal(R"({"o":[]})", [](Config &c) { c.getObject("o"); }),
            "c.json: key 'o' is [], but must be an object");
  EXPECT_EQ(refusal(R"({"e":-0.5})", [](Config &c) { c.getEps("e", 1e-5); }),
            "c.json: key 'e' is -0.5, but must be 0 or more");
  EXPECT_EQ(refusal(R"({"f":[1,"2"]})", [](Config &c) { c.getFloats("f"); }),
            "c.json: key 'f' is [1,\"2\"], but must be an array of numbers");
  EXPECT_EQ(refusal(R"({"a":true})", [](Config &c) { c.expectBool("a", false); }),
            "c.json: key 'a' is true, which is not supported");
}

TEST(Config, KeepsTheFirstError) {
  Config config = parse(R"({"a":"x","b":"y"})");
  config.getInt("b", 0, 1);
  config.getInt("a", 0, 1);
  EXPECT_MESSAGE(config.takeError(), "'b'");
}

TEST(Config, ReportsOptionsThatNobodyAskedFor) {
  Config config = parse(R"({"a":1,"model_type":"x","logit_scale":0.5,
                            "unknown_but_null":null})");
  config.getInt("a", 0, 1);
  config.ignoreBookkeeping();
  config.checkAllUsed();
  EXPECT_MESSAGE(config.takeError(), "key 'logit_scale' is 0.5");
  Config nested = parse(R"({"rope":{"theta":1,"extra":2}})");
  nested.getObject("rope")->getFloat("theta");
  nested.checkAllUsed();
  EXPECT_MESSAGE(nested.takeError(), "key 'rope.extra' is 2");
}

TEST(Config, RefusesWhatTheParserWouldHide) {
  auto refusal = [](llvm::StringRef text) { return message(parseJSONObject(text, "c.json")); };
  EXPECT_NE(refusal(R"({"a":1,"a":2})").find("'a' is there twice"), std::string::npos);
  EXPECT_EQ(refusal(R"({"a":{"b":1},"c":{"b":1},"b":"a"})"), "");
  EXPECT_EQ(refusal(R"({"a":["b","b",{"b":"b"}],"b":1})"), "");
  EXPECT_NE(refusal("[1]").find("not a JSON object"), std::string::npos);
  EXPECT_NE(refusal("{\"a\": tru}").find("not valid JSON"), std::string::npos);
  EXPECT_NE(refusal("{\"a\\"), "");
}

TEST(Config, SurvivesCorruption) {
  std::string whole = R"({"model_type":"llama","n":12,"f":[1.5,2e3],"o":{"a":"\u00e9\n"}})";
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    auto object = parseJSONObject(corrupt(whole, seed), "c.json");
    if (!object) {
      std::string text = llvm::toString(object.takeError());
      EXPECT_EQ(text.rfind("c.json: ", 0), 0u) << text;
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      continue;
    }
    Config config(std::move(*object), "c.json");
    config.getString("model_type");
    config.getInt("n", 0, 100);
    config.getFloats("f");
    if (Config *inner = config.getObject("o"))
      inner->getString("a");
    config.checkAllUsed();
    std::string text = message(config.takeError());
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
}

} // namespace
