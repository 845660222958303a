#include "Options.h"

#include "tools/Support/CommandLine.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

#include <charconv>

namespace cl = llvm::cl;

namespace seqc::run {

namespace {

using Text = cl::opt<std::string>;

cl::OptionCategory general("General options"), calls("Options for calling functions"),
    generation("Options for generating text");

Text moduleName(cl::Positional, cl::desc("M.seqm"), cl::cat(general));
Text device("device", cl::desc("Where to run: cpu"), cl::value_desc("cpu|vulkan[:N]|cuda[:N]"), cl::init("cpu"),
            cl::cat(general));
Text target("target", cl::desc("Take the code of this target, not of the best that the machine runs"),
            cl::value_desc("name"), cl::cat(general));
cl::opt<int32_t> threads("threads", cl::desc("Threads (default: the cores that the process may use)"),
                         cl::value_desc("N"), cl::init(0), cl::cat(general));
cl::opt<int64_t> context("context", cl::desc("Tokens that the states have room for (default: what the module allows)"),
                         cl::value_desc("N"), cl::init(0), cl::cat(general));
cl::opt<int64_t> repeat("repeat", cl::desc("Run N times from the same states and report medians"), cl::value_desc("N"),
                        cl::init(1), cl::cat(general));
Text profile("profile", cl::desc("Write a trace that Perfetto opens"), cl::value_desc("file"), cl::cat(general));
Text loadState("load-state", cl::desc("Start from the states in a file"), cl::value_desc("file"), cl::cat(general));
Text saveState("save-state", cl::desc("Save the states at the end"), cl::value_desc("file"), cl::cat(general));

Text function("function", cl::desc("Call this function of the module"), cl::value_desc("name"), cl::cat(calls));
cl::list<std::string> inputs("input", cl::desc("An argument, in order: a .npy file or a splat such as 2x7xf32=1.5"),
                             cl::value_desc("file.npy|splat"), cl::cat(calls));
cl::list<std::string> outputs("output", cl::desc("Where a result goes, in order (default: printed in short form)"),
                              cl::value_desc("file.npy"), cl::cat(calls));
cl::list<std::string> expected("expected-output", cl::desc("Compare a result, in order; a difference is an error"),
                               cl::value_desc("file.npy"), cl::cat(calls));
cl::list<std::string>
    states("state", cl::desc("A state of the function to start from, in order: [B, shape...] (default: fresh)"),
           cl::value_desc("file.npy|splat"), cl::cat(calls));
cl::list<std::string> stateOutputs("state-output", cl::desc("Where a state goes at the end, in order"),
                                   cl::value_desc("file.npy"), cl::cat(calls));
cl::opt<double> atol("atol", cl::desc("Absolute difference that is tolerated"), cl::value_desc("x"), cl::init(0),
                     cl::cat(calls));
cl::opt<double> rtol("rtol", cl::desc("Difference, relative to the expected value, that is tolerated"),
                     cl::value_desc("x"), cl::init(0), cl::cat(calls));
Text split("split",
           cl::desc("Feed the ids (--input or --prompt-ids) in pieces of these lengths through prefill "
                    "and step; the result is the logits after each piece, [pieces, B, V]"),
           cl::value_desc("3,1,5"), cl::cat(calls));

Text prompt("prompt", cl::desc("Generate from a text; special tokens are recognised"), cl::value_desc("text"),
            cl::cat(generation));
Text promptIds("prompt-ids", cl::desc("Generate from token ids"), cl::value_desc("1,2,3"), cl::cat(generation));
cl::opt<bool> chat("chat", cl::desc("Put the prompt into the model's chat format"), cl::cat(generation));
Text systemText("system", cl::desc("The system message of --chat"), cl::value_desc("text"), cl::cat(generation));
cl::opt<int64_t> maxTokens("max-tokens", cl::desc("Generate at most N tokens (default 128)"), cl::value_desc("N"),
                           cl::cat(generation));
cl::opt<bool> ignoreEos("ignore-eos", cl::desc("Go on behind tokens that end a text"), cl::cat(generation));
cl::opt<double> temperature("temperature", cl::desc("0 (default): the most likely token; else how freely to draw"),
                            cl::value_desc("x"), cl::init(0), cl::cat(generation));
cl::opt<int64_t> topK("top-k", cl::desc("Draw from the K most likely tokens (0: all)"), cl::value_desc("K"),
                      cl::init(0), cl::cat(generation));
cl::opt<double> topP("top-p", cl::desc("Draw from the most likely tokens that together have the probability P"),
                     cl::value_desc("P"), cl::init(1), cl::cat(generation));
cl::opt<uint64_t> seed("seed", cl::desc("Of the random numbers (default 0)"), cl::value_desc("N"), cl::init(0),
                       cl::cat(generation));
cl::opt<int64_t> prefillChunk("prefill-chunk", cl::desc("Feed prompts in pieces of at most N tokens (default 512)"),
                              cl::value_desc("N"), cl::init(512), cl::cat(generation));
cl::opt<bool> json("json", cl::desc("Print one JSON object with ids, text and times instead of the text"),
                   cl::cat(generation));
Text tokenize("tokenize", cl::desc("Print the ids of a file ('-': standard input) as a JSON list"),
              cl::value_desc("file"), cl::cat(generation));

constexpr const char *overview = "seq-run: runs compiled sequence models\n\n"
                                 "  seq-run M.seqm --prompt=TEXT\n"
                                 "  seq-run M.seqm --function=forward --input=ids.npy --output=logits.npy\n"
                                 "  seq-run M.seqm --split=3,1,5 --input=ids.npy --output=logits.npy\n"
                                 "  seq-run M.seqm --tokenize=FILE\n";

} // namespace

/// "1,2,3" as numbers of type T.
template <typename T> static Status parseList(const char *option, const std::string &text, std::vector<T> &numbers) {
  const char *at = text.data(), *end = at + text.size();
  while (at != end) {
    T number = 0;
    auto [next, error] = std::from_chars(at, end, number);
    bool goesOn = error == std::errc() && next != end && *next == ',' && next + 1 != end;
    if (error != std::errc() || (next != end && !goesOn))
      return makeError(SEQRT_INVALID_ARGUMENT, option, ": '", std::string(at, std::min<size_t>(end - at, 20)),
                       "' does not go on with ", sizeof(T) * 8, "-bit numbers separated by commas");
    numbers.push_back(number);
    at = next == end ? end : next + 1;
  }
  if (numbers.empty())
    return makeError(SEQRT_INVALID_ARGUMENT, option, ": empty");
  return Status();
}

static Status readOptions(Options &options) {
  options.module = moduleName;
  options.device = device;
  options.target = target;
  options.profile = profile;
  options.loadState = loadState;
  options.saveState = saveState;
  options.function = function;
  options.inputs = inputs;
  options.outputs = outputs;
  options.expected = expected;
  options.states = states;
  options.stateOutputs = stateOutputs;
  options.system = systemText;
  options.chat = chat;
  options.ignoreEos = ignoreEos;
  options.json = json;
  options.tokenize = tokenize;
  options.threads = threads;
  options.context = context;
  options.repeat = repeat;
  options.tolerance = {atol, rtol};
  options.sampling = {temperature, topK, topP, seed};
  options.prefillChunk = prefillChunk;
  if (maxTokens.getNumOccurrences())
    options.maxTokens = maxTokens.getValue();
  if (prompt.getNumOccurrences())
    options.prompt = prompt;
  if (promptIds.getNumOccurrences())
    if (Status status = parseList("--prompt-ids", promptIds, options.promptIds.emplace()); status.failed())
      return status;
  if (split.getNumOccurrences())
    if (Status status = parseList("--split", split, options.split); status.failed())
      return status;
  return Status();
}

Status parseOptions(int argc, char **argv, Options &options) {
  cl::HideUnrelatedOptions({&general, &calls, &generation});
  cl::SetVersionPrinter([](llvm::raw_ostream &out) { out << "seq-run " << seqrt_version() << "\n"; });
  std::string problem = parseCommandLine(argc, argv, overview);
  if (problem.empty())
    problem = checkValues({&device, &target, &profile, &loadState, &saveState, &function, &tokenize});
  if (!problem.empty())
    return makeError(SEQRT_INVALID_ARGUMENT, problem);
  return readOptions(options);
}

} // namespace seqc::run
