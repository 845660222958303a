#include "Npy.h"

#include "seq/Module/AtomicFile.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace seqc::run {

static constexpr std::string_view magic = "\x93NUMPY";

namespace {

struct Header {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// Reads the header, a dictionary in Python's syntax with three known keys.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : rest(text) {}
  bool parse(Header &header);

private:
  void skipSpace() {
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\n' || rest.front() == '\t'))
      rest.remove_prefix(1);
  }
  bool accept(std::string_view token) {
    skipSpace();
    if (!rest.starts_with(token))
      return false;
    rest.remove_prefix(token.size());
    return true;
  }
  bool readText(std::string &text);
  bool readFlag(bool &flag) { return accept("True") ? (flag = true) : accept("False") && !(flag = false); }
  bool readShape(std::vector<int64_t> &shape);

  std::string_view rest;
};

} // namespace

bool HeaderParser::readText(std::string &text) {
  const char *quote = accept("'") ? "'" : accept("\"") ? "\"" : nullptr;
  size_t end = quote ? rest.find(*quote) : std::string_view::npos;
  if (end == std::string_view::npos)
    return false;
  text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return true;
}

bool HeaderParser::readShape(std::vector<int64_t> &shape) {
  static constexpr size_t mostDimensions = 32; // as NumPy
  if (!accept("("))
    return false;
  while (!accept(")")) {
    int64_t size = 0;
    skipSpace();
    auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
    if (error != std::errc() || size < 0 || shape.size() == mostDimensions)
      return false;
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    accept("L"); // Python 2
    shape.push_back(size);
    if (!accept(",")) {
      if (!accept(")"))
        return false;
      // A number alone in parentheses is no tuple.
      return shape.size() > 1;
    }
  }
  return true;
}

bool HeaderParser::parse(Header &header) {
  bool descr = false, order = false, shape = false;
  if (!accept("{"))
    return false;
  while (!accept("}")) {
    std::string key;
    if (!readText(key) || !accept(":"))
      return false;
    bool fine = key == "descr"           ? !descr && (descr = readText(header.descr))
                : key == "fortran_order" ? !order && (order = readFlag(header.fortranOrder))
                : key == "shape"         ? !shape && (shape = readShape(header.shape))
                                         : false;
    if (!fine)
      return false;
    if (accept(","))
      continue;
    if (!accept("}"))
      return false;
    break;
  }
  skipSpace();
  return rest.empty() && descr && order && shape;
}

/// Kind and size of a type, as NumPy spells them behind the byte order.
static constexpr std::pair<std::string_view, std::string_view> spellings[] = {
    {"f2", "f16"}, {"f4", "f32"}, {"f8", "f64"}, {"i1", "i8"},  {"i2", "i16"}, {"i4", "i32"},
    {"i8", "i64"}, {"u1", "u8"},  {"u2", "u16"}, {"u4", "u32"}, {"u8", "u64"}, {"b1", "bool"}};

static Status readType(const std::string &descr, seqrt_dtype &type) {
  bool oneByte = descr.size() == 3 && descr[2] == '1';
  if (descr.size() == 3 && (descr[0] == '<' || descr[0] == '=' || (descr[0] == '|' && oneByte)))
    for (auto [spelling, name] : spellings)
      if (descr.compare(1, 2, spelling) == 0) {
        type = typeFromName(name);
        return Status();
      }
  return makeError(SEQRT_UNSUPPORTED, "elements of type '", descr.substr(0, 40),
                   "' are not supported (little-endian numbers and bools are)");
}

/// Where the header's text is; fails on what is no .npy file.
static Status findHeader(std::string_view bytes, std::string_view &header, std::string_view &data) {
  if (!bytes.starts_with(magic) || bytes.size() < 10)
    return makeError(SEQRT_CORRUPT, "not a .npy file");
  auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<uint8_t>(bytes[i])); };
  size_t version = byte(6), start = version == 1 ? 10 : 12;
  if (version < 1 || version > 3)
    return makeError(SEQRT_VERSION, "version ", version, " of the .npy format is not supported (1 to 3 are)");
  if (bytes.size() < start)
    return makeError(SEQRT_CORRUPT, "truncated inside of the header");
  size_t size = byte(8) | byte(9) << 8;
  if (version > 1)
    size |= byte(10) << 16 | byte(11) << 24;
  if (size > bytes.size() - start)
    return makeError(SEQRT_CORRUPT, "truncated inside of the header");
  header = bytes.substr(start, size);
  data = bytes.substr(start + size);
  return Status();
}

Status parseNpy(std::string_view bytes, Array &array) {
  std::string_view text, data;
  if (Status status = findHeader(bytes, text, data); status.failed())
    return status;
  Header header;
  if (!HeaderParser(text).parse(header))
    return makeError(SEQRT_CORRUPT, "the header is not the dictionary that NumPy writes");
  seqrt_dtype type;
  if (Status status = readType(header.descr, type); status.failed())
    return status;
  if (header.fortranOrder && header.shape.size() > 1)
    return makeError(SEQRT_UNSUPPORTED,
                     "the elements are in Fortran order: save the array through numpy.ascontiguousarray");
  // Compared before any memory is taken for what a header claims.
  uint64_t wanted = type.bits / 8;
  for (int64_t size : header.shape)
    if (__builtin_mul_overflow(wanted, static_cast<uint64_t>(size), &wanted))
      return makeError(SEQRT_CORRUPT, "the shape is too large");
  if (wanted != data.size())
    return makeError(SEQRT_CORRUPT, "the header promises ", wanted, " bytes of elements, and ", data.size(),
                     " follow it");
  Array read;
  if (Status status = Array::create(type, header.shape, read); status.failed())
    return status;
  std::memcpy(read.data(), data.data(), data.size());
  for (int64_t i = 0; type.code == SEQRT_BOOL && i < read.count(); ++i)
    if (read.integer(i) > 1)
      return makeError(SEQRT_CORRUPT, "element ", i, " is ", read.integer(i), ", which is no bool");
  array = std::move(read);
  return Status();
}

Status readFile(const std::string &path, std::string &content) {
  auto failure = [&] { return makeError(SEQRT_IO, "cannot read '", path, "': ", std::strerror(errno)); };
  int descriptor = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return failure();
  content.clear();
  struct stat info;
  if (fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
    content.reserve(static_cast<size_t>(info.st_size));
  char buffer[1 << 16];
  ssize_t count;
  while ((count = read(descriptor, buffer, sizeof(buffer))) != 0) {
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0) {
      Status status = failure();
      close(descriptor);
      return status;
    }
    content.append(buffer, static_cast<size_t>(count));
  }
  close(descriptor);
  return Status();
}

Status readNpy(const std::string &path, Array &array) {
  std::string content;
  if (Status status = readFile(path, content); status.failed())
    return status;
  return parseNpy(content, array).withPrefix(concat("'", path, "': "));
}

static std::string makeHeader(const Array &array) {
  std::string_view name = seqrt_dtype_name(array.type()), spelling;
  for (auto [numpy, ours] : spellings)
    if (ours == name)
      spelling = numpy;
  std::string text =
      concat("{'descr': '", array.elementSize() == 1 ? "|" : "<", spelling, "', 'fortran_order': False, 'shape': (");
  for (int64_t size : array.shape())
    text += std::to_string(size) + ", ";
  if (array.shape().size() > 1)
    text.resize(text.size() - 2);
  text += "), }";
  // The elements start at a multiple of 64 bytes, as NumPy wants them.
  size_t start = magic.size() + 4;
  text.append(63 - (start + text.size()) % 64, ' ');
  text += '\n';
  std::string header(magic);
  header += '\x01';
  header += '\0';
  header += static_cast<char>(text.size() & 0xFF);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

Status writeNpy(const std::string &path, const Array &array) {
  if (array.type().code == SEQRT_BFLOAT) {
    Array wide;
    if (Status status = array.convert(f32Type, wide); status.failed())
      return status;
    return writeNpy(path, wide);
  }
  std::string header = makeHeader(array);
  file::AtomicFile file;
  if (Status status = file.create(path); status.failed())
    return status;
  if (Status status = file.write(0, header.data(), header.size()); status.failed())
    return status;
  if (Status status = file.write(header.size(), array.data(), array.byteSize()); status.failed())
    return status;
  return file.commit();
}

} // namespace seqc::run
