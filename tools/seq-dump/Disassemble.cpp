//===- Disassemble.cpp - Print the machine code of a module ---------------===//

#include "Disassemble.h"
#include "Describe.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrAnalysis.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/TargetSelect.h"

#include <map>

using namespace seqc::dump;
using namespace seqc::file;
using llvm::ArrayRef;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

namespace {

struct Function {
  uint64_t address = 0;
  ArrayRef<uint8_t> bytes;
};

/// What of LLVM turns bytes into text. Each part refers to those before it.
class Printer {
public:
  static Expected<std::unique_ptr<Printer>> create(const std::vector<std::string> &features);
  void print(const Function &function, const std::map<uint64_t, std::string> &names, llvm::raw_ostream &out) const;

private:
  void printInstruction(const llvm::MCInst &instruction, uint64_t address, uint64_t size,
                        const std::map<uint64_t, std::string> &names, llvm::raw_ostream &out) const;

  llvm::Triple triple{"x86_64-unknown-linux-gnu"};
  llvm::MCTargetOptions options;
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> assembly;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> disassembler;
  std::unique_ptr<llvm::MCInstrAnalysis> analysis;
  std::unique_ptr<llvm::MCInstPrinter> printer;
};

} // namespace

Expected<std::unique_ptr<Printer>> Printer::create(const std::vector<std::string> &features) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86Disassembler();
  auto result = std::make_unique<Printer>();
  std::string message;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(result->triple, message);
  if (!target)
    return createStringError("this LLVM cannot disassemble x86-64: " + message);
  std::string enabled;
  for (const std::string &feature : features)
    enabled += (enabled.empty() ? "+" : ",+") + feature;
  result->registers.reset(target->createMCRegInfo(result->triple));
  result->assembly.reset(target->createMCAsmInfo(*result->registers, result->triple, result->options));
  result->subtarget.reset(target->createMCSubtargetInfo(result->triple, "", enabled));
  result->instructions.reset(target->createMCInstrInfo());
  result->context = std::make_unique<llvm::MCContext>(result->triple, result->assembly.get(), result->registers.get(),
                                                      result->subtarget.get());
  result->disassembler.reset(target->createMCDisassembler(*result->subtarget, *result->context));
  result->analysis.reset(target->createMCInstrAnalysis(result->instructions.get()));
  result->printer.reset(target->createMCInstPrinter(result->triple, /*SyntaxVariant=*/0, *result->assembly,
                                                    *result->instructions, *result->registers));
  if (!result->disassembler || !result->printer)
    return createStringError("this LLVM cannot disassemble x86-64");
  result->printer->setPrintImmHex(true);
  result->printer->setPrintBranchImmAsAddress(true);
  return result;
}

void Printer::print(const Function &function, const std::map<uint64_t, std::string> &names,
                    llvm::raw_ostream &out) const {
  for (uint64_t offset = 0; offset < function.bytes.size();) {
    llvm::MCInst instruction;
    uint64_t size = 0, address = function.address + offset;
    auto status =
        disassembler->getInstruction(instruction, size, function.bytes.drop_front(offset), address, llvm::nulls());
    if (status == llvm::MCDisassembler::Success) {
      printInstruction(instruction, address, size, names, out);
    } else {
      size = 1;
      out << llvm::format("%8llx:\t.byte 0x%02x\n", (unsigned long long)address, function.bytes[offset]);
    }
    offset += size;
  }
}

void Printer::printInstruction(const llvm::MCInst &instruction, uint64_t address, uint64_t size,
                               const std::map<uint64_t, std::string> &names, llvm::raw_ostream &out) const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  // Branches are relative to the next instruction.
  printer->printInst(&instruction, address + size, "", *subtarget, stream);
  out << llvm::format("%8llx:", (unsigned long long)address) << text;
  uint64_t destination = 0;
  if (analysis && analysis->evaluateBranch(instruction, address, size, destination)) {
    auto next = names.upper_bound(destination);
    if (next != names.begin()) {
      auto [start, name] = *std::prev(next);
      out << " <" << printable(name);
      if (destination != start)
        out << "+0x" << llvm::utohexstr(destination - start, /*LowerCase=*/true);
      out << ">";
    }
  }
  out << "\n";
}

static Expected<const Target *> chooseTarget(const Module &module, StringRef wanted) {
  const Target *best = nullptr;
  std::string names;
  for (const Target &target : module.targets) {
    if (target.device != "cpu")
      continue;
    names += (names.empty() ? "" : ", ") + printable(target.name);
    if (wanted.empty() ? !best || target.rank > best->rank : wanted == target.name)
      best = &target;
  }
  if (best)
    return best;
  if (names.empty())
    return createStringError("it has no code for a CPU");
  return createStringError("no target '" + wanted.str() + "'; there are: " + names);
}

namespace {
/// The functions of a code image: where they start, and how long they are if
/// a symbol says so.
struct SymbolTable {
  std::map<uint64_t, std::string> names;
  std::map<uint64_t, uint64_t> sizes;
};
} // namespace

static Expected<SymbolTable> readSymbols(const llvm::object::ELF64LEObjectFile &image, const Module &module,
                                         const Target &target) {
  SymbolTable table;
  for (const llvm::object::ELFSymbolRef symbol : image.symbols()) {
    auto type = symbol.getType();
    auto name = symbol.getName();
    auto address = symbol.getAddress();
    if (Error error = llvm::joinErrors(llvm::joinErrors(type.takeError(), name.takeError()), address.takeError()))
      return error;
    if (*type != llvm::object::SymbolRef::ST_Function)
      continue;
    table.names[*address] = name->str();
    table.sizes[*address] = symbol.getSize();
  }
  // Exports go by their own name, also when the symbols were stripped.
  for (auto [function, entry] : llvm::zip(module.exports, target.entries))
    table.names[entry.function] = function.name;
  return table;
}

/// The bytes of the function at `address`: as long as its symbol says, or up
/// to the next function, or to the end of its section.
static Expected<Function> findFunction(const llvm::object::ELF64LEObjectFile &image, const SymbolTable &table,
                                       uint64_t address) {
  for (const llvm::object::SectionRef &section : image.sections()) {
    if (!section.isText() || address < section.getAddress() || address - section.getAddress() >= section.getSize())
      continue;
    auto contents = section.getContents();
    if (!contents)
      return contents.takeError();
    uint64_t offset = address - section.getAddress();
    if (offset >= contents->size())
      break;
    uint64_t size = contents->size() - offset;
    auto next = table.names.upper_bound(address);
    if (next != table.names.end())
      size = std::min(size, next->first - address);
    auto known = table.sizes.find(address);
    if (known != table.sizes.end() && known->second != 0)
      size = std::min(size, known->second);
    return Function{address, llvm::arrayRefFromStringRef(contents->substr(offset, size))};
  }
  return createStringError("the code image has no section headers for this function (was it stripped?)");
}

Error seqc::dump::disassemble(const ModuleFile &file, StringRef name, StringRef wanted, llvm::raw_ostream &out) {
  const Module &module = file.module();
  auto target = chooseTarget(module, wanted);
  if (!target)
    return target.takeError();
  uint32_t section = (*target)->section;
  StringRef bytes(reinterpret_cast<const char *>(file.sectionData(section)), module.sections[section].size);
  auto image = llvm::object::ELF64LEObjectFile::create(llvm::MemoryBufferRef(bytes, "code"));
  if (!image)
    return image.takeError();
  auto table = readSymbols(*image, module, **target);
  if (!table)
    return table.takeError();
  auto found = llvm::find_if(table->names, [&](const auto &entry) { return entry.second == name; });
  if (found == table->names.end()) {
    std::string known;
    for (const auto &[address, other] : table->names)
      known += (known.empty() ? "" : ", ") + printable(other);
    return createStringError("no function '" + name.str() + "'; there are: " + known);
  }
  auto function = findFunction(*image, *table, found->first);
  if (!function)
    return function.takeError();
  auto printer = Printer::create((*target)->features);
  if (!printer)
    return printer.takeError();
  out << printable(name) << " (" << printable((*target)->name) << ", " << function->bytes.size() << " bytes):\n";
  (*printer)->print(*function, table->names, out);
  return Error::success();
}
