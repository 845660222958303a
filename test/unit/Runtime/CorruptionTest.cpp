//===----------------------------------------------------------------------===//
//
// Damaged and hostile modules: an error, never a crash. Meant to run under
// AddressSanitizer too.
//
//===----------------------------------------------------------------------===//

#include "Module/Format.h"
#include "Runtime/CodeImage.h"
#include "ToyModule.h"
#include "seq/Module/Digest.h"
#include "seq/Module/Reader.h"

#include <cstring>
#include <elf.h>
#include <random>

using namespace seqc;
using namespace seqc::test;

namespace {

class CorruptionTest : public ToyTest {
protected:
  void SetUp() override {
    ToyTest::SetUp();
    bytes = readFile(path);
  }

  seqrt_status open(const std::vector<uint8_t> &content, seqrt_module *&opened) {
    opened = nullptr;
    memory = std::make_unique<AlignedBytes>(content);
    return seqrt_module_open_memory(memory->data(), memory->size(), nullptr, &opened);
  }

  /// Expects that opening `content` fails.
  void expectFailure(const std::vector<uint8_t> &content, int code, const std::string &text) {
    seqrt_module *opened = nullptr;
    EXPECT_FAILURE(open(content, opened), code, text);
    EXPECT_EQ(opened, nullptr);
    seqrt_module_release(opened);
  }

  std::vector<uint8_t> bytes;
  std::unique_ptr<AlignedBytes> memory;
};

/// Gives a changed preamble or header a valid digest again, so that what is
/// behind the digest has to cope.
void reseal(std::vector<uint8_t> &bytes) {
  file::Preamble preamble;
  std::memcpy(&preamble, bytes.data(), sizeof(preamble));
  if (preamble.headerOffset > bytes.size() || preamble.headerSize > bytes.size() - preamble.headerOffset)
    return;
  file::Hasher hasher;
  hasher.update(bytes.data(), offsetof(file::Preamble, digest));
  hasher.update(bytes.data() + preamble.headerOffset, preamble.headerSize);
  file::Digest digest = hasher.digest();
  std::memcpy(bytes.data() + offsetof(file::Preamble, digest), digest.data(), sizeof(digest));
}

file::Preamble preambleOf(const std::vector<uint8_t> &bytes) {
  file::Preamble preamble;
  std::memcpy(&preamble, bytes.data(), sizeof(preamble));
  return preamble;
}

TEST_F(CorruptionTest, Truncation) {
  for (size_t size = 0; size < bytes.size(); size += size < 200 ? 1 : 37)
    expectFailure(std::vector<uint8_t>(bytes.begin(), bytes.begin() + long(size)), SEQRT_CORRUPT, "module in memory: ");
  std::vector<uint8_t> longer = bytes;
  longer.push_back(0);
  expectFailure(longer, SEQRT_CORRUPT, "(truncated?)");
}

TEST_F(CorruptionTest, EverySectionHasADigest) {
  std::unique_ptr<file::ModuleFile> file;
  ASSERT_TRUE(file::ModuleFile::open(path, {}, file).ok());
  const std::vector<file::Section> &sections = file->module().sections;
  ASSERT_EQ(sections.size(), 3u);
  for (const file::Section &section : sections)
    for (uint64_t at : {uint64_t(0), section.size / 2, section.size - 1}) {
      std::vector<uint8_t> damaged = bytes;
      damaged[section.offset + at] ^= 0x40;
      expectFailure(damaged, SEQRT_CORRUPT,
                    "(" + section.kind + " '" + section.name + "'): wrong digest, the file is damaged");
    }
}

TEST_F(CorruptionTest, EveryByteOfTheHeaderHasADigest) {
  file::Preamble preamble = preambleOf(bytes);
  uint64_t end = preamble.headerOffset + preamble.headerSize;
  for (uint64_t at = 0; at < end; ++at) {
    std::vector<uint8_t> damaged = bytes;
    damaged[at] ^= 1 << at % 8;
    seqrt_module *opened = nullptr;
    EXPECT_NE(open(damaged, opened).code, SEQRT_OK) << "byte " << at;
    seqrt_module_release(opened);
  }
}

TEST_F(CorruptionTest, WeightsMayBeLeftUnchecked) {
  std::unique_ptr<file::ModuleFile> file;
  ASSERT_TRUE(file::ModuleFile::open(path, {}, file).ok());
  std::vector<uint8_t> damaged = bytes;
  damaged[file->module().sections[1].offset] ^= 1;
  AlignedBytes copy(damaged);
  seqrt_open_options options = SEQRT_OPEN_OPTIONS_INIT;
  options.verify_weights = 0;
  seqrt_module *opened = nullptr;
  ASSERT_OK(seqrt_module_open_memory(copy.data(), copy.size(), &options, &opened));
  EXPECT_FAILURE(seqrt_module_verify(opened), SEQRT_CORRUPT, "wrong digest");
  seqrt_module_release(opened);
}

TEST_F(CorruptionTest, Versions) {
  auto with = [&](auto change) {
    std::vector<uint8_t> changed = bytes;
    file::Preamble preamble = preambleOf(bytes);
    change(preamble);
    std::memcpy(changed.data(), &preamble, sizeof(preamble));
    reseal(changed);
    return changed;
  };
  expectFailure(with([](auto &preamble) { preamble.major = 7; }), SEQRT_VERSION,
                "format version 7.0, but this seqrt reads 1.x");
  expectFailure(with([](auto &preamble) {
                  preamble.minor = 9;
                  preamble.minReaderMinor = 3;
                }),
                SEQRT_VERSION, "needs a reader of format version 1.3");
  // A later writer whose file still suits this reader.
  seqrt_module *opened = nullptr;
  EXPECT_OK(open(with([](auto &preamble) { preamble.minor = 9; }), opened));
  seqrt_module_release(opened);

  expectFailure(with([](auto &preamble) { preamble.magic[0] = 'Z'; }), SEQRT_CORRUPT, "does not begin with SEQM");
  expectFailure(with([](auto &preamble) { preamble.headerOffset = 72; }), SEQRT_CORRUPT, "does not fit the file");
  expectFailure(with([](auto &preamble) { preamble.headerSize = ~uint64_t(0); }), SEQRT_CORRUPT,
                "does not fit the file");
  expectFailure(with([](auto &preamble) { preamble.headerSize = 0; }), SEQRT_CORRUPT, "not a valid FlatBuffer");
}

/// Uses everything that a module says about itself.
void lookAround(seqrt_module *module) {
  for (size_t i = 0; i < seqrt_module_export_count(module); ++i) {
    const seqrt_export_info *info = seqrt_module_export(module, i);
    size_t length = std::strlen(info->name) + std::strlen(info->kind);
    for (size_t j = 0; j < info->argument_count; ++j)
      length += std::strlen(info->arguments[j]->name);
    std::vector<int64_t> dims(info->dim_count, 3);
    double flops, bytes;
    EXPECT_OK(seqrt_module_export_cost(module, i, dims.data(), 9, &flops, &bytes));
    EXPECT_LT(length, 10000u);
  }
  uint64_t sum = 0;
  for (size_t i = 0; i < seqrt_module_parameter_count(module); ++i) {
    const seqrt_parameter_info *info = seqrt_module_parameter(module, i);
    for (uint64_t at = 0; at < info->size; ++at)
      sum += static_cast<const uint8_t *>(info->data)[at];
  }
  EXPECT_LT(sum, uint64_t(1) << 32);
  uint64_t bytes = 0;
  seqrt_status status = seqrt_module_state_bytes(module, 2, 10, &bytes);
  if (status.code != SEQRT_OK || bytes > (1 << 20))
    return;
  seqrt_context_options options = SEQRT_CONTEXT_OPTIONS_INIT;
  options.threads = 1;
  seqrt_context *context = nullptr;
  status = seqrt_context_create(module, &options, &context);
  if (status.code == SEQRT_OK && context)
    EXPECT_OK(seqrt_context_reset(context));
  seqrt_context_release(context);
}

/// Changes one to three places of [begin, end): bits, bytes, or numbers that
/// are likely to be out of range.
void mutate(std::vector<uint8_t> &bytes, uint64_t begin, uint64_t end, std::mt19937 &random) {
  for (unsigned i = 0, times = 1 + random() % 3; i < times; ++i) {
    uint64_t at = begin + random() % (end - begin);
    switch (random() % 4) {
    case 0:
      bytes[at] ^= 1 << random() % 8;
      break;
    case 1:
      bytes[at] = static_cast<uint8_t>(random());
      break;
    case 2:
      bytes[at] = random() % 2 ? 0xff : 0x7f;
      break;
    default: {
      static constexpr uint32_t numbers[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0};
      uint32_t number = numbers[random() % std::size(numbers)];
      for (uint64_t j = 0; j < 4 && at + j < end; ++j)
        bytes[at + j] = static_cast<uint8_t>(number >> 8 * j);
    }
    }
  }
}

TEST_F(CorruptionTest, MutatedFilesAreErrorsOrHarmless) {
  std::mt19937 random(1234);
  unsigned refused = 0;
  constexpr unsigned rounds = 400;
  for (unsigned i = 0; i < rounds; ++i) {
    std::vector<uint8_t> mutated = bytes;
    mutate(mutated, 0, mutated.size(), random);
    seqrt_module *opened = nullptr;
    seqrt_status status = open(mutated, opened);
    if (status.code == SEQRT_OK)
      lookAround(opened); // only padding was hit
    else
      ++refused;
    seqrt_module_release(opened);
  }
  EXPECT_GT(refused, rounds * 9 / 10);
}

TEST_F(CorruptionTest, MutatedHeadersWithValidDigests) {
  std::mt19937 random(99);
  file::Preamble preamble = preambleOf(bytes);
  unsigned refused = 0, accepted = 0;
  for (unsigned i = 0; i < 3000; ++i) {
    std::vector<uint8_t> mutated = bytes;
    mutate(mutated, preamble.headerOffset, preamble.headerOffset + preamble.headerSize, random);
    reseal(mutated);
    seqrt_module *opened = nullptr;
    seqrt_status status = open(mutated, opened);
    if (status.code == SEQRT_OK) {
      ++accepted;
      lookAround(opened);
    } else {
      ++refused;
      EXPECT_GT(std::strlen(status.message), 20u);
    }
    seqrt_module_release(opened);
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(accepted, 100u) << "a changed name is no error";
}

TEST_F(CorruptionTest, MutatedPreamblesWithValidDigests) {
  std::mt19937 random(5);
  for (unsigned i = 0; i < 500; ++i) {
    std::vector<uint8_t> mutated = bytes;
    mutate(mutated, 0, sizeof(file::Preamble), random);
    reseal(mutated);
    seqrt_module *opened = nullptr;
    if (open(mutated, opened).code == SEQRT_OK)
      lookAround(opened);
    seqrt_module_release(opened);
  }
}

TEST_F(CorruptionTest, SharedReferencesDoNotBlowUp) {
  // A header in which one long string is named by every parameter: small as a
  // file, large when copied out.
  file::Writer writer = toyWriter();
  writer.module.metadata = {{std::string(20000, 'k'), "v"}};
  for (int i = 0; i < 2000; ++i)
    writer.module.metadata.push_back({"x", "y"});
  std::string variant = temporaryPath("shared.seqm");
  ASSERT_TRUE(writer.write(variant).ok());
  std::vector<uint8_t> shared = readFile(variant);
  std::remove(variant.c_str());
  // Finds the vector of metadata tables (2001 references) and points all at
  // the first.
  uint32_t count = 2001, found = 0;
  for (size_t at = 64; at + 4 * (count + 1) < shared.size(); at += 4) {
    if (std::memcmp(&shared[at], &count, 4) != 0)
      continue;
    uint32_t first;
    std::memcpy(&first, &shared[at + 4], 4);
    for (uint32_t i = 1; i < count; ++i) {
      uint32_t reference = first - 4 * i;
      std::memcpy(&shared[at + 4 + 4 * i], &reference, 4);
    }
    ++found;
    break;
  }
  ASSERT_EQ(found, 1u);
  reseal(shared);
  expectFailure(shared, SEQRT_CORRUPT, "more often than a writer would");
}

//===----------------------------------------------------------------------===//
// Code images
//===----------------------------------------------------------------------===//

class CodeImageTest : public testing::Test {
protected:
  file::Status load() {
    rt::CodeImage loaded;
    AlignedBytes copy(image);
    return loaded.load(copy.data(), copy.size());
  }

  void expectFailure(const std::string &text) {
    file::Status status = load();
    EXPECT_EQ(status.code(), SEQRT_CORRUPT);
    EXPECT_NE(status.message().find(text), std::string::npos) << status.message();
    image = toyImage();
  }

  Elf64_Ehdr &header() { return *reinterpret_cast<Elf64_Ehdr *>(image.data()); }

  /// The first program header of this type (and, for PT_LOAD, these flags).
  Elf64_Phdr &segment(uint32_t type, uint32_t flags = 0) {
    auto *segments = reinterpret_cast<Elf64_Phdr *>(image.data() + header().e_phoff);
    for (int i = 0; i < header().e_phnum; ++i)
      if (segments[i].p_type == type && (segments[i].p_flags & flags) == flags)
        return segments[i];
    ADD_FAILURE() << "no segment of type " << type;
    return segments[0];
  }

  Elf64_Dyn *dynamic() { return reinterpret_cast<Elf64_Dyn *>(image.data() + segment(PT_DYNAMIC).p_offset); }

  Elf64_Rela *relocations() {
    Elf64_Dyn *entry = dynamic();
    while (entry->d_tag != DT_RELA)
      ++entry;
    // The table is in the first segment, where addresses are offsets.
    return reinterpret_cast<Elf64_Rela *>(image.data() + entry->d_un.d_ptr);
  }

  std::vector<uint8_t> image = toyImage();
};

TEST_F(CodeImageTest, LoadsAndFindsFunctions) {
  AlignedBytes copy(image);
  rt::CodeImage loaded;
  ASSERT_TRUE(loaded.load(copy.data(), copy.size()).ok());
  const void *body = loaded.function(toyAddress("toy_body"));
  ASSERT_NE(body, nullptr);
  EXPECT_TRUE(loaded.contains(body));
  EXPECT_EQ(rt::CodeImage::symbolName(copy.data(), copy.size(), loaded.addressOf(body)), "toy_body");
  EXPECT_EQ(loaded.function(0), nullptr);
  EXPECT_EQ(loaded.function(~uint64_t(0)), nullptr);
}

TEST_F(CodeImageTest, Headers) {
  header().e_machine = EM_AARCH64;
  expectFailure("not a shared object for x86-64");
  header().e_type = ET_EXEC;
  expectFailure("not a shared object for x86-64");
  header().e_ident[0] = 0;
  expectFailure("not an ELF file");
  header().e_phoff = ~uint64_t(0);
  expectFailure("program headers leave the section");
  header().e_phnum = 65;
  expectFailure("program headers leave the section");
  header().e_phnum = 0;
  expectFailure("nothing to load");
  image.resize(70);
  expectFailure("program headers leave the section");
  image.resize(10);
  expectFailure("not an ELF file");
}

TEST_F(CodeImageTest, Segments) {
  segment(PT_LOAD, PF_X).p_filesz = image.size();
  expectFailure("it leaves the section");
  segment(PT_LOAD, PF_X).p_memsz = 0;
  expectFailure("it leaves the section");
  segment(PT_LOAD, PF_X).p_vaddr = ~uint64_t(0) - 4096;
  expectFailure("it ends past");
  segment(PT_LOAD, PF_W).p_memsz = ~uint64_t(0);
  expectFailure("it ends past");
  segment(PT_LOAD, PF_X).p_flags |= PF_W;
  expectFailure("writable and executable");
  segment(PT_LOAD, PF_W).p_vaddr = 64;
  expectFailure("shares a page");
  segment(PT_LOAD, PF_W).p_align = 3;
  expectFailure("alignment of 3");
  segment(PT_GNU_STACK).p_type = PT_TLS;
  expectFailure("thread-local storage");
  segment(PT_GNU_RELRO).p_vaddr = toyAddress("toy_body");
  expectFailure("read-only");
}

TEST_F(CodeImageTest, DynamicSection) {
  segment(PT_DYNAMIC).p_vaddr = uint64_t(1) << 40;
  expectFailure("its dynamic section is not loaded");
  dynamic()[0].d_tag = DT_NEEDED;
  expectFailure("needs a shared library");
  dynamic()[0].d_tag = DT_INIT_ARRAY;
  expectFailure("its dynamic entry 25 is not supported");
  dynamic()[0] = {DT_FLAGS, {DF_TEXTREL}};
  expectFailure("relocates code");
  dynamic()[0] = {DT_RELAENT, {8}};
  expectFailure("relocations have 8 bytes");
  dynamic()[0] = {DT_RELASZ, {uint64_t(1) << 40}};
  dynamic()[1] = {DT_NULL, {}};
  expectFailure("its relocations are not loaded");
}

TEST_F(CodeImageTest, Relocations) {
  relocations()[0].r_info = ELF64_R_INFO(1, R_X86_64_GLOB_DAT);
  expectFailure("relocation 0: type 6 is not supported");
  relocations()[1].r_offset = toyAddress("toy_body");
  expectFailure("relocation 1: its place is not writable");
  relocations()[0].r_offset = ~uint64_t(0) - 3;
  expectFailure("its place is not writable");
  relocations()[0].r_addend = -1;
  expectFailure("its target is outside of the image");
}

TEST_F(CodeImageTest, MutatedImagesDoNotCrashTheLoader) {
  std::mt19937 random(42);
  unsigned refused = 0;
  for (unsigned i = 0; i < 2000; ++i) {
    image = toyImage();
    // The header, the program headers, the tables in the first segment and the
    // dynamic section: where damage matters.
    if (random() % 3 != 0)
      mutate(image, 0, segment(PT_LOAD, PF_X).p_offset, random);
    else
      mutate(image, segment(PT_DYNAMIC).p_offset, segment(PT_DYNAMIC).p_offset + segment(PT_DYNAMIC).p_filesz, random);
    refused += load().failed();
  }
  EXPECT_GT(refused, 500u);
}

} // namespace
