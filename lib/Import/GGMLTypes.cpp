#include "GGMLTypes.h"

using namespace llvm;

namespace seqc::importer {

namespace {
struct Numbered {
  uint32_t number;
  GGMLType type;
};
} // namespace

static constexpr ElementKind kOther = ElementKind::Other;

// The numbers that are missing were never used in files or were withdrawn
// (4, 5, 31 to 33 and 36 to 38).
static constexpr Numbered kTypes[] = {
    {0, {"F32", {1, 4}, ElementKind::F32}},
    {1, {"F16", {1, 2}, ElementKind::F16}},
    {2, {"Q4_0", {32, 18}, ElementKind::Q4_0}},
    {3, {"Q4_1", {32, 20}, ElementKind::Q4_1}},
    {6, {"Q5_0", {32, 22}, kOther}},
    {7, {"Q5_1", {32, 24}, kOther}},
    {8, {"Q8_0", {32, 34}, ElementKind::Q8_0}},
    {9, {"Q8_1", {32, 36}, kOther}},
    {10, {"Q2_K", {256, 84}, kOther}},
    {11, {"Q3_K", {256, 110}, kOther}},
    {12, {"Q4_K", {256, 144}, kOther}},
    {13, {"Q5_K", {256, 176}, kOther}},
    {14, {"Q6_K", {256, 210}, kOther}},
    {15, {"Q8_K", {256, 292}, kOther}},
    {16, {"IQ2_XXS", {256, 66}, kOther}},
    {17, {"IQ2_XS", {256, 74}, kOther}},
    {18, {"IQ3_XXS", {256, 98}, kOther}},
    {19, {"IQ1_S", {256, 50}, kOther}},
    {20, {"IQ4_NL", {32, 18}, kOther}},
    {21, {"IQ3_S", {256, 110}, kOther}},
    {22, {"IQ2_S", {256, 82}, kOther}},
    {23, {"IQ4_XS", {256, 136}, kOther}},
    {24, {"I8", {1, 1}, kOther}},
    {25, {"I16", {1, 2}, kOther}},
    {26, {"I32", {1, 4}, kOther}},
    {27, {"I64", {1, 8}, kOther}},
    {28, {"F64", {1, 8}, kOther}},
    {29, {"IQ1_M", {256, 56}, kOther}},
    {30, {"BF16", {1, 2}, ElementKind::BF16}},
    {34, {"TQ1_0", {256, 54}, kOther}},
    {35, {"TQ2_0", {256, 66}, kOther}},
    {39, {"MXFP4", {32, 17}, kOther}},
    {40, {"NVFP4", {64, 36}, kOther}},
    {41, {"Q1_0", {0, 0}, kOther}},
    {42, {"Q2_0", {0, 0}, kOther}},
};

const GGMLType *findGGMLType(uint32_t number) {
  for (const Numbered &entry : kTypes)
    if (entry.number == number)
      return &entry.type;
  return nullptr;
}

} // namespace seqc::importer
