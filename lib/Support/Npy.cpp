//===- Npy.cpp - NumPy's array files --------------------------------------===//

#include "seq/Support/Npy.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace seqc;

namespace {

struct TypeRow {
  NpyType type;
  std::string_view name;
  size_t size;
};

constexpr TypeRow kTypes[] = {
    {NpyType::B1, "b1", 1}, {NpyType::I1, "i1", 1}, {NpyType::I2, "i2", 2}, {NpyType::I4, "i4", 4},
    {NpyType::I8, "i8", 8}, {NpyType::U1, "u1", 1}, {NpyType::U2, "u2", 2}, {NpyType::U4, "u4", 4},
    {NpyType::U8, "u8", 8}, {NpyType::F2, "f2", 2}, {NpyType::F4, "f4", 4}, {NpyType::F8, "f8", 8},
};

constexpr std::string_view kMagic = "\x93NUMPY";

const TypeRow &row(NpyType type) { return kTypes[static_cast<size_t>(type)]; }

/// What the header's dictionary says.
struct Header {
  std::optional<NpyType> type;
  std::optional<bool> columnMajor;
  std::optional<std::vector<int64_t>> shape;
};

/// Reads the header: a Python dictionary literal with the keys descr, fortran_order and shape.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : rest(text) {}

  /// Whether all of the header was understood; `problem` says why not.
  bool parse(Header &header, std::string &problem) {
    if (!take('{'))
      return fail(problem, "the header is no dictionary");
    bool more = true;
    while (!take('}')) {
      std::string_view key;
      if (!more || !quoted(key) || !take(':') || !entry(key, header, problem))
        return problem.empty() ? fail(problem, "the header is malformed") : false;
      more = take(',');
    }
    skipSpace();
    if (!rest.empty())
      return fail(problem, "the header is malformed");
    if (!header.type || !header.columnMajor || !header.shape)
      return fail(problem, "the header misses descr, fortran_order or shape");
    return true;
  }

private:
  static bool fail(std::string &problem, std::string text) {
    problem = std::move(text);
    return false;
  }

  void skipSpace() {
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\n'))
      rest.remove_prefix(1);
  }

  bool take(char c) {
    skipSpace();
    if (rest.empty() || rest.front() != c)
      return false;
    rest.remove_prefix(1);
    return true;
  }

  bool takeWord(std::string_view word) {
    skipSpace();
    if (!rest.starts_with(word))
      return false;
    rest.remove_prefix(word.size());
    return true;
  }

  bool quoted(std::string_view &text) {
    skipSpace();
    if (rest.empty() || (rest.front() != '\'' && rest.front() != '"'))
      return false;
    size_t end = rest.find(rest.front(), 1);
    if (end == std::string_view::npos)
      return false;
    text = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return true;
  }

  bool extent(int64_t &value) {
    skipSpace();
    value = 0;
    size_t digits = 0;
    for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits)
      if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, rest[digits] - '0', &value))
        return false;
    rest.remove_prefix(digits);
    return digits > 0;
  }

  bool shape(std::vector<int64_t> &extents) {
    constexpr size_t mostDimensions = 32; // as NumPy
    if (!take('('))
      return false;
    bool comma = true;
    while (!take(')')) {
      if (!comma || extents.size() == mostDimensions || !extent(extents.emplace_back()))
        return false;
      (void)take('L'); // Python 2
      comma = take(',');
    }
    return comma || extents.size() > 1; // a number alone in parentheses is no tuple
  }

  bool entry(std::string_view key, Header &header, std::string &problem) {
    if (key == "descr") {
      std::string_view text;
      if (header.type)
        return false;
      if (!quoted(text))
        return fail(problem, "records are not supported; save a plain array");
      header.type = typeOf(text);
      return header.type
                 ? true
                 : fail(problem, "elements of the type '" + std::string(text.substr(0, 40)) + "' are not supported");
    }
    if (key == "fortran_order") {
      if (header.columnMajor)
        return false;
      if (takeWord("True"))
        header.columnMajor = true;
      else if (takeWord("False"))
        header.columnMajor = false;
      return header.columnMajor.has_value();
    }
    if (key != "shape")
      return fail(problem, "unknown key '" + std::string(key.substr(0, 40)) + "'");
    return !header.shape && shape(header.shape.emplace());
  }

  /// A little-endian (or single-byte) type of the table.
  static std::optional<NpyType> typeOf(std::string_view text) {
    if (text.size() != 3 || (text[0] != '<' && text[0] != '|' && text[0] != '='))
      return std::nullopt;
    for (const TypeRow &candidate : kTypes)
      if (candidate.name == text.substr(1) && (text[0] != '|' || candidate.size == 1))
        return candidate.type;
    return std::nullopt;
  }

  std::string_view rest;
};

/// Bytes of an array; nothing if the number does not fit.
std::optional<size_t> sizeInBytes(NpyType type, const std::vector<int64_t> &shape) {
  int64_t bytes = static_cast<int64_t>(row(type).size);
  for (int64_t extent : shape)
    if (__builtin_mul_overflow(bytes, extent, &bytes))
      return std::nullopt;
  return static_cast<size_t>(bytes);
}

/// `from` is column-major; the result row-major.
std::vector<char> transposed(std::string_view from, const NpyArray &array) {
  size_t size = row(array.type).size, rank = array.shape.size();
  std::vector<char> result(from.size());
  std::vector<int64_t> index(rank, 0);
  for (size_t element = 0; element * size < from.size(); ++element) {
    size_t source = 0;
    for (size_t d = rank; d-- > 0;)
      source = source * array.shape[d] + index[d];
    std::memcpy(result.data() + element * size, from.data() + source * size, size);
    for (size_t d = rank; d-- > 0;) {
      index[d] += 1;
      if (index[d] < array.shape[d])
        break;
      index[d] = 0;
    }
  }
  return result;
}

/// The header's text and where the data starts.
bool splitHeader(std::string_view bytes, std::string_view &header, std::string_view &data) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 10)
    return false;
  auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(bytes[i])); };
  size_t major = byte(6), prefix = major == 1 ? 10 : 12;
  if (major < 1 || major > 3 || bytes.size() < prefix)
    return false;
  size_t length = byte(8) | byte(9) << 8;
  if (major > 1)
    length |= byte(10) << 16 | byte(11) << 24;
  if (length > bytes.size() - prefix)
    return false;
  header = bytes.substr(prefix, length);
  data = bytes.substr(prefix + length);
  return true;
}

} // namespace

size_t seqc::npyElementSize(NpyType type) { return row(type).size; }
std::string_view seqc::npyTypeName(NpyType type) { return row(type).name; }

int64_t NpyArray::elements() const {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

std::optional<NpyArray> seqc::parseNpy(std::string_view bytes, const std::string &name, std::string &error) {
  std::string_view text, data;
  if (!splitHeader(bytes, text, data)) {
    error = "'" + name + "' is no .npy file (or cut off in its header)";
    return std::nullopt;
  }
  Header header;
  std::string problem;
  if (!HeaderParser(text).parse(header, problem)) {
    error = "'" + name + "': " + problem;
    return std::nullopt;
  }
  auto size = sizeInBytes(*header.type, *header.shape);
  if (!size || *size != data.size()) {
    error = "'" + name + "': its shape and its " + std::to_string(data.size()) + " bytes of data do not agree";
    return std::nullopt;
  }
  NpyArray array{*header.type, *header.shape, {}};
  if (array.type == NpyType::B1 && data.find_first_not_of(std::string_view("\0\1", 2)) != data.npos) {
    error = "'" + name + "': an element is neither True nor False";
    return std::nullopt;
  }
  array.data = *header.columnMajor ? transposed(data, array) : std::vector<char>(data.begin(), data.end());
  return array;
}

std::optional<NpyArray> seqc::readNpy(const std::string &path, std::string &error) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  if (!file || !(bytes << file.rdbuf()) || file.bad()) {
    error = "can not read '" + path + "': " + (errno ? std::strerror(errno) : "it is empty");
    return std::nullopt;
  }
  return parseNpy(bytes.view(), path, error);
}

std::string seqc::formatNpyHeader(NpyType elementType, const std::vector<int64_t> &shape) {
  const TypeRow &type = row(elementType);
  std::string header = std::string("{'descr': '") + (type.size == 1 ? '|' : '<') + std::string(type.name) +
                       "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : shape)
    header += std::to_string(extent) + ", ";
  header += "), }";
  // The data starts at a multiple of 64 bytes.
  size_t total = kMagic.size() + 4 + header.size() + 1;
  header.append((64 - total % 64) % 64, ' ');
  header += '\n';
  std::string bytes(kMagic);
  bytes += {'\1', '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  return bytes + header;
}

std::string seqc::formatNpy(const NpyArray &array) {
  return formatNpyHeader(array.type, array.shape).append(array.data.begin(), array.data.end());
}

bool seqc::writeNpy(const std::string &path, const NpyArray &array, std::string &error) {
  // The rename would replace a device or a pipe, too.
  std::error_code none;
  if (auto status = std::filesystem::status(path, none);
      std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    error = "cannot write '" + path + "': it exists and is not a regular file";
    return false;
  }
  std::string bytes = formatNpy(array), temporary = path + ".part" + std::to_string(getpid());
  std::ofstream file(temporary, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (file && std::rename(temporary.c_str(), path.c_str()) == 0)
    return true;
  error = "cannot write '" + path + "': " + std::strerror(errno);
  std::remove(temporary.c_str());
  return false;
}
