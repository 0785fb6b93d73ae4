#include "json_tape.h"

#include <rapidjson/reader.h>

#include <cstring>
#include <utility>

#include "jobwire/ids.h"
#include "json_text.h"
#include "json_values.h"

namespace jobwire::json {
namespace {

constexpr std::uint32_t kReplacement = 0xfffd;  // what stands for a lone surrogate

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

bool is_high(int unit) { return unit >> 10 == 0xd800 >> 10; }
bool is_low(int unit) { return unit >> 10 == 0xdc00 >> 10; }

// UTF-8 of a code point; answers its end.
char* put_utf8(char* to, std::uint32_t point) {
  int more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  *to++ = static_cast<char>(more == 0 ? point : (0xf80u >> more) | point >> 6 * more);
  while (more-- > 0) *to++ = static_cast<char>(0x80 | (point >> 6 * more & 0x3f));
  return to;
}

char* skip_digits(char* at) {
  while (*at >= '0' && *at <= '9') ++at;
  return at;
}

// RFC 8259, section 6. Answers the end, or null for what is no number.
char* end_of_number(char* at) {
  if (*at == '-') ++at;
  char* const whole = at;
  at = skip_digits(at);
  if (at == whole || (*whole == '0' && at != whole + 1)) return nullptr;
  if (*at == '.') {
    char* const fraction = ++at;
    at = skip_digits(at);
    if (at == fraction) return nullptr;
  }
  if (*at == 'e' || *at == 'E') {
    ++at;
    if (*at == '+' || *at == '-') ++at;
    char* const exponent = at;
    at = skip_digits(at);
    if (at == exponent) return nullptr;
  }
  return at;
}

// What follows a backslash.
bool unescape_unit(char*& at, char*& to) {
  const int unit = hex4(at);
  if (unit < 0) return false;
  at += 4;
  auto point = static_cast<std::uint32_t>(unit);
  if (const int low = at[0] == '\\' && at[1] == 'u' ? hex4(at + 2) : 0; is_high(unit) && is_low(low)) {
    point = 0x10000 + ((point & 0x3ff) << 10 | (static_cast<std::uint32_t>(low) & 0x3ff));
    at += 6;
  } else if (is_high(unit) || is_low(unit)) {
    point = kReplacement;
  }
  to = put_utf8(to, point);
  return true;
}

bool unescape(char*& at, char*& to) {
  constexpr char kMeanings[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
  const char letter = *at++;
  if (letter == 'u') return unescape_unit(at, to);
  for (const char* known = kMeanings; *known != '\0'; known += 2) {
    if (*known != letter) continue;
    *to++ = known[1];
    return true;
  }
  return false;
}

}  // namespace

// RapidJSON's stream over a copy of the text, and its handler: a token for each value. Strings are decoded in place.
// The copy ends in a NUL byte, which is part of no value: what looks at single bytes need not look for the end. Objects
// and arrays that are open are chained through their tokens.
class TapeBuilder {
 public:
  TapeBuilder(std::string& text, PlainList<Token>& tokens, std::size_t depth)
      : begin_(text.data()), end_(begin_ + text.size()), at_(begin_), tokens_(tokens), depth_left_(depth) {}

  bool too_deep() const { return too_deep_; }
  bool string();  // false: it breaks off, at Tell()
  bool number();

  // ---- the stream ----
  using Ch = char;
  Ch Peek() const { return *at_; }
  Ch Take() { return *at_++; }
  std::size_t Tell() const { return static_cast<std::size_t>(at_ - begin_); }

  // ---- the handler: what it is told of has been read ----
  bool Null() { return add(Kind::null, at_ - 4), true; }
  bool Bool(bool truth) { return add(Kind::boolean, at_ - (truth ? 4 : 5)), true; }
  bool StartObject() { return start(Kind::object); }
  bool StartArray() { return start(Kind::array); }
  bool EndObject(rapidjson::SizeType) { return end(); }
  bool EndArray(rapidjson::SizeType) { return end(); }

 private:
  std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - begin_); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(tokens_.size()); }
  Token& add(Kind kind, const char* begin) {
    Token& token = tokens_.add();
    token = {kind, offset(begin), offset(at_), 0, 1};
    return token;
  }
  bool start(Kind kind) {
    too_deep_ = depth_left_ == 0;
    if (too_deep_) return false;
    --depth_left_;
    const std::uint32_t parent = std::exchange(open_, count());
    add(kind, at_ - 1).size = parent;
    return true;
  }
  bool end() {
    Token& ended = tokens_[open_];
    ended.end = offset(at_);
    const std::uint32_t begun = std::exchange(open_, ended.size);
    ended.size = count() - begun;
    ++depth_left_;
    return true;
  }

  char* const begin_;
  char* const end_;
  char* at_;
  PlainList<Token>& tokens_;
  std::size_t depth_left_;
  std::uint32_t open_ = 0;  // the innermost object or array
  bool too_deep_ = false;
};

bool TapeBuilder::string() {
  char* const begin = at_++;
  char* to = at_;
  while (true) {
    std::uint64_t seen = 0;
    const auto plain = static_cast<std::size_t>(end_of_plain(at_, end_, seen) - at_);
    if (to != at_) std::memmove(to, at_, plain);
    to += plain;
    at_ += plain;
    if (*at_ == '"') break;
    if (*at_ != '\\' || !unescape(++at_, to)) return false;
  }
  ++at_;
  add(Kind::string, begin).text_size = static_cast<std::uint32_t>(to - begin) - 1;
  return true;
}

bool TapeBuilder::number() {
  char* const begin = at_;
  char* const end = end_of_number(begin);
  if (end == nullptr) return false;
  at_ = end;
  add(Kind::number, begin);
  return true;
}

}  // namespace jobwire::json

// RapidJSON reads the grammar. What strings and numbers are is ours: plain text is passed eight bytes at a time, a lone
// surrogate is U+FFFD, and numbers stay text.
constexpr unsigned kFlags = rapidjson::kParseInsituFlag;
using Builder = jobwire::json::TapeBuilder;
using Reader = rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, rapidjson::CrtAllocator>;

template <>
template <>
inline void Reader::ParseString<kFlags>(Builder& text, Builder&, bool) {
  if (!text.string()) SetParseError(rapidjson::kParseErrorStringMissQuotationMark, text.Tell());
}

template <>
template <>
inline void Reader::ParseNumber<kFlags>(Builder& text, Builder&) {
  if (!text.number()) SetParseError(rapidjson::kParseErrorValueInvalid, text.Tell());
}

namespace jobwire::json {

Fault Tape::read(std::string_view text, std::size_t bytes, std::size_t depth) {
  source_ = text;
  tokens_.clear();
  fault_at_ = 0;
  if (text.size() > bytes) return Fault::too_large;
  if (!is_valid_utf8(text)) return Fault::not_utf8;
  decoded_ = text;
  // RapidJSON calls itself for what is nested: the builder stops it at `depth`. It takes a NUL byte for the text's end.
  TapeBuilder builder(decoded_, tokens_, depth);
  const bool is_json = !Reader().Parse<kFlags>(builder, builder).IsError();
  fault_at_ = builder.Tell();
  if (builder.too_deep()) return Fault::too_deep;
  return is_json && fault_at_ == text.size() ? Fault::none : Fault::syntax;
}

Result<Tape> Tape::parse(std::string_view text, std::size_t bytes, std::size_t depth) {
  Tape tape;
  switch (tape.read(text, bytes, depth)) {
    case Fault::none:
      break;
    case Fault::too_large:
      return Error{ErrorCode::too_large, "the JSON text must be at most " + std::to_string(bytes) + " bytes", {}};
    case Fault::not_utf8:
      return Error{ErrorCode::bad_json, "the JSON text must be UTF-8", {}};
    case Fault::too_deep:
      return Error{ErrorCode::bad_json, "JSON is nested too deeply", {}};
    case Fault::syntax:
      return Error{ErrorCode::bad_json, "not JSON at byte " + std::to_string(tape.fault_at_), {}};
  }
  for (std::uint32_t index = 0; index < tape.tokens_.size(); ++index) {
    if (const Value value = tape.at(index); value.is(Kind::number) && is_beyond_double(value.raw())) {
      return Error{ErrorCode::bad_json, "a number is beyond the range of a double", {}};
    }
  }
  return tape;
}

}  // namespace jobwire::json
