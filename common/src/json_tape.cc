#include "json_tape.h"

#include <rapidjson/reader.h>

#include <cstring>
#include <utility>

#include "jobwire/ids.h"
#include "json_text.h"
#include "json_values.h"

namespace jobwire::json {

// RapidJSON's in-situ stream, without the local copies that would hide the position from the handler.
struct Stream {
  using Ch = char;
  Ch* head;
  Ch* end;
  Ch* from;
  Ch* to = nullptr;
  bool in_pair = false;  // a high surrogate was read whose low one follows

  Ch Peek() const { return *from; }
  Ch Take() { return *from++; }
  std::size_t Tell() const { return static_cast<std::size_t>(from - head); }
  Ch* PutBegin() { return to = from; }
  void Put(Ch c) { *to++ = c; }
  void Flush() {}
  std::size_t PutEnd(Ch* begin) { return static_cast<std::size_t>(to - begin); }
};

}  // namespace jobwire::json

namespace jobwire::json {
namespace {

// Four hexadecimal digits, or -1.
int hex4(const char* at) {
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const char letter = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      unit = unit * 16 + (c - '0');
    } else if (letter >= 'a' && letter <= 'f') {
      unit = unit * 16 + (letter - 'a' + 10);
    } else {
      return -1;
    }
  }
  return unit;
}

bool is_high(int unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool is_low(int unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

const char* skip_digits(const char* at) {
  while (*at >= '0' && *at <= '9') ++at;
  return at;
}

// RFC 8259, section 6. Answers the end, or null for what is no number.
const char* end_of_number(const char* at) {
  if (*at == '-') ++at;
  const char* const whole = at;
  at = skip_digits(at);
  if (at == whole || (*whole == '0' && at != whole + 1)) return nullptr;
  if (*at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at);
    if (at == fraction) return nullptr;
  }
  if (*at == 'e' || *at == 'E') {
    ++at;
    if (*at == '+' || *at == '-') ++at;
    const char* const exponent = at;
    at = skip_digits(at);
    if (at == exponent) return nullptr;
  }
  return at;
}

}  // namespace

struct TapeBuilder;
}  // namespace jobwire::json

// What RapidJSON leaves to its streams, and what they can do in less code: the scan of plain text word by word, escapes
// of which a lone surrogate is U+FFFD, and numbers that stay text.
template <>
template <>
inline void rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>,
                                     rapidjson::CrtAllocator>::ScanCopyUnescapedString(jobwire::json::Stream& is,
                                                                                       jobwire::json::Stream&) {
  std::uint64_t seen = 0;
  const char* const end = jobwire::json::end_of_plain(is.from, is.end, seen);
  const auto size = static_cast<std::size_t>(end - is.from);
  if (is.to != is.from) std::memmove(is.to, is.from, size);
  is.from += size;
  is.to += size;
}

template <>
template <>
inline unsigned rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, rapidjson::CrtAllocator>::ParseHex4(
    jobwire::json::Stream& is, std::size_t escape) {
  using namespace jobwire::json;
  const int unit = hex4(is.from);
  if (unit < 0) {
    SetParseError(kParseErrorStringUnicodeEscapeInvalidHex, escape);
    return 0;
  }
  is.from += 4;
  const bool is_second = std::exchange(is.in_pair, false);
  if (is_high(unit)) {
    is.in_pair = is.from[0] == '\\' && is.from[1] == 'u' && is_low(hex4(is.from + 2));
    return is.in_pair ? static_cast<unsigned>(unit) : 0xfffd;
  }
  return is_low(unit) && !is_second ? 0xfffd : static_cast<unsigned>(unit);
}

namespace jobwire::json {

// RapidJSON's handler: one token per event.
struct TapeBuilder {
  using SizeType = rapidjson::SizeType;
  Stream& stream;
  std::vector<Token>& tokens;
  std::size_t depth_left;
  std::uint32_t open = 0;  // the innermost object or array
  bool too_deep = false;

  std::uint32_t here() const { return static_cast<std::uint32_t>(stream.Tell()); }
  Token& add(Kind kind, std::uint32_t begin, std::uint32_t end) {
    Token& token = tokens.emplace_back();
    token.kind = kind;
    token.begin = begin;
    token.end = end;
    token.next = static_cast<std::uint32_t>(tokens.size());
    return token;
  }
  bool Null() { return add(Kind::null, here() - 4, here()), true; }
  bool Bool(bool truth) { return add(Kind::boolean, here() - (truth ? 4 : 5), here()).truth = truth, true; }
  bool RawNumber(const char*, SizeType length, bool) { return add(Kind::number, here() - length, here()), true; }
  bool String(const char* text, SizeType length, bool) {
    const auto at = static_cast<std::uint32_t>(text - stream.head);
    Token& token = add(Kind::string, at - 1, here());
    token.text_begin = at;
    token.text_size = length;
    return true;
  }
  bool Key(const char* text, SizeType length, bool) {
    String(text, length, false);
    return true;
  }
  bool start(Kind kind) {
    if (depth_left == 0) return !(too_deep = true);
    --depth_left;
    const auto index = static_cast<std::uint32_t>(tokens.size());
    add(kind, here() - 1, 0).next = std::exchange(open, index);
    return true;
  }
  bool end() {
    Token& token = tokens[open];
    token.end = here();
    open = std::exchange(token.next, static_cast<std::uint32_t>(tokens.size()));
    ++depth_left;
    return true;
  }
  bool StartObject() { return start(Kind::object); }
  bool StartArray() { return start(Kind::array); }
  bool EndObject(SizeType) { return end(); }
  bool EndArray(SizeType) { return end(); }
  // With numbers as strings these are never called.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
};

constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;

}  // namespace jobwire::json

template <>
template <>
inline void rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, rapidjson::CrtAllocator>::ParseNumber<
    jobwire::json::kFlags>(jobwire::json::Stream& is, jobwire::json::TapeBuilder& builder) {
  const char* const begin = is.from;
  const char* const end = jobwire::json::end_of_number(begin);
  if (end == nullptr) return SetParseError(kParseErrorValueInvalid, is.Tell());
  const auto size = static_cast<std::size_t>(end - begin);
  if (jobwire::json::is_beyond_double({begin, size})) return SetParseError(kParseErrorNumberTooBig, is.Tell());
  is.from += size;
  builder.RawNumber(begin, static_cast<SizeType>(size), false);
}

namespace jobwire::json {

// RapidJSON calls itself for what is nested: the builder stops it at `depth`.
Fault Tape::read(std::string_view text, std::size_t bytes, std::size_t depth) {
  source_ = text;
  tokens_.clear();
  fault_at_ = 0;
  if (text.size() > bytes) return Fault::too_large;
  if (!is_valid_utf8(text)) return Fault::not_utf8;
  decoded_ = text;
  char* const begin = decoded_.data();
  char* const end = begin + text.size();
  tokens_.reserve(text.size() / 12 + 4);

  Stream stream{begin, end, begin};
  TapeBuilder builder{stream, tokens_, depth};
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (builder.too_deep) return Fault::too_deep;
  // A NUL byte ends RapidJSON's text: what follows one was not read.
  fault_at_ = result.IsError() ? result.Offset() : stream.Tell();
  if (result.Code() == rapidjson::kParseErrorNumberTooBig) return Fault::number_too_big;
  return result.IsError() || fault_at_ != text.size() ? Fault::syntax : Fault::none;
}

Result<Tape> Tape::parse(std::string_view text, std::size_t bytes, std::size_t depth) {
  Tape tape;
  switch (tape.read(text, bytes, depth)) {
    case Fault::none:
      return tape;
    case Fault::too_large:
      return Error{ErrorCode::too_large, "the JSON text must be at most " + std::to_string(bytes) + " bytes", {}};
    case Fault::not_utf8:
      return Error{ErrorCode::bad_json, "the JSON text must be UTF-8", {}};
    case Fault::too_deep:
      return Error{ErrorCode::bad_json, "JSON is nested too deeply", {}};
    case Fault::number_too_big:
      return Error{ErrorCode::bad_json, "a number is beyond the range of a double", {}};
    case Fault::syntax:
      break;
  }
  return Error{ErrorCode::bad_json, "not JSON at byte " + std::to_string(tape.fault_at_), {}};
}

}  // namespace jobwire::json
