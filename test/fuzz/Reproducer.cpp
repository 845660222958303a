//===- Reproducer.cpp - A failing case as a .mlir file --------------------===//

#include "Reproducer.h"
#include "Oracle.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace seqc::fuzz;
using seqc::reference::Tensor;

/// A constant of a static type, then cast to `type`.
static std::string constantText(const std::string &name, const Tensor &tensor, Type type) {
  Element element = elementOf(type).value_or(Element::F32);
  std::string text, constant = tensorType(tensor.shape(), elementName(element));
  llvm::raw_string_ostream(text) << "    %" << name << "_ = arith.constant " << denseText(tensor, element) << " : "
                                 << constant << "\n    %" << name << " = tensor.cast %" << name << "_ : " << constant
                                 << " to " << type << "\n";
  return text;
}

static std::string typeList(TypeRange types) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(types, stream);
  return text;
}

static std::string names(const std::string &prefix, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += (i ? ", %" : "%") + prefix + std::to_string(i);
  return text;
}

static std::string inputsFunction(func::FuncOp forward, ArrayRef<Tensor> arguments) {
  std::string types = typeList(forward.getArgumentTypes());
  std::string text = "  func.func private @inputs() -> (" + types + ") {\n";
  for (auto [i, argument] : llvm::enumerate(arguments))
    text += constantText("x" + std::to_string(i), argument, forward.getArgumentTypes()[i]);
  return text + "    return " + names("x", arguments.size()) + " : " + types + "\n  }\n";
}

static std::string checkFunction(func::FuncOp forward, ArrayRef<Tensor> arguments, ArrayRef<std::vector<double>> given,
                                 const Program &program) {
  std::string types = typeList(forward.getArgumentTypes()), results = typeList(forward.getResultTypes());
  std::string inputs = names("x", arguments.size()), outputs = names("y", forward.getNumResults());
  std::string text = "  func.func private @check() {\n";
  text += llvm::formatv("    {0} = call @inputs() : () -> ({1})\n", inputs, types);
  text += llvm::formatv("    {0} = call @forward({1}) : ({2}) -> ({3})\n", outputs, inputs, types, results);
  for (auto [i, values] : llvm::enumerate(given)) {
    auto type = cast<RankedTensorType>(forward.getResultTypes()[i]);
    Tensor::Shape shape(type.getShape());
    for (auto [d, extent] : llvm::enumerate(shape))
      if (ShapedType::isDynamic(extent))
        extent = d == 0 ? program.batch : program.time;
    bool isReal = isa<FloatType>(type.getElementType());
    Tensor tensor = isReal ? Tensor::reals(shape) : Tensor::integers(shape);
    if (tensor.size() != static_cast<int64_t>(values.size()))
      continue;
    for (int64_t e = 0; e < tensor.size(); ++e)
      if (isReal)
        tensor.reals()[e] = values[e];
      else
        tensor.integers()[e] = static_cast<int64_t>(values[e]);
    text += constantText("c" + std::to_string(i), tensor, type);
    text += llvm::formatv("    check.expect_close %c{0}, %y{0} {{atol = 1.0e-5 : f64, rtol = 1.0e-5 : f64} : {1}\n", i,
                          typeList(TypeRange(type)));
  }
  return text + "    return\n  }\n";
}

/// Numbered file names: "x0.npy,x1.npy", or as options: "--input=x0.npy --input=x1.npy".
static std::string files(const std::string &prefix, size_t count, const std::string &option) {
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += (option.empty() ? (i ? "," : "") : " " + option) + prefix + std::to_string(i) + ".npy";
  return text;
}

static std::string commands(func::FuncOp forward, const Program &program) {
  size_t inputs = forward.getNumArguments(), results = forward.getNumResults();
  std::string text = "//   seq-opt CASE.mlir --seq-interpret=function=check                 the oracle against what "
                     "compiled code gave\n";
  text += llvm::formatv("//   seq-opt CASE.mlir -o /dev/null --seq-interpret='function=inputs outputs={0}'\n",
                        files("x", inputs, ""));
  text +=
      llvm::formatv("//   seq-opt CASE.mlir -o /dev/null --seq-interpret='function=forward inputs={0} outputs={1}'\n",
                    files("x", inputs, ""), files("y", results, ""));
  text += llvm::formatv("//   seqc CASE.mlir -o case.seqm --target-cpu={0}\n", llvm::join(program.cpus, ","));
  for (size_t form = 0; form < program.forms.size(); ++form)
    text += llvm::formatv("//   seq-run case.seqm --function={0} --threads={1}{2}{3} --atol=1e-5 --rtol=1e-5\n",
                          Program::exportName(form), program.threads[0], files("x", inputs, "--input="),
                          files("y", results, "--expected-output="));
  return text;
}

std::string seqc::fuzz::reproducer(ModuleOp module, const Program &program, ArrayRef<Tensor> arguments,
                                   ArrayRef<std::vector<double>> given, const std::string &message) {
  auto forward = module.lookupSymbol<func::FuncOp>("forward");
  std::string text = "// " + program.summary() + "\n// " + message + "\n", body;
  if (!program.pieces.empty()) {
    text += "// Pieces for prefill and step:";
    for (int64_t piece : program.pieces)
      text += " " + std::to_string(piece);
    text += "\n";
  }
  if (arguments.size() == forward.getNumArguments())
    text += commands(forward, program);
  OpPrintingFlags flags;
  llvm::raw_string_ostream stream(body);
  module.print(stream, flags);
  if (arguments.size() != forward.getNumArguments())
    return text + body + "\n";
  body.erase(body.rfind('}'));
  return text + body + inputsFunction(forward, arguments) + checkFunction(forward, arguments, given, program) + "}\n";
}
