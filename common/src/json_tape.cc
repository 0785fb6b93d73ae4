#include "json_tape.h"

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

}  // namespace

// One pass over a copy of the text, in which strings are decoded in place. It ends in a NUL byte, which is part of no
// value: what looks at single bytes need not look for the end. Objects and arrays that are open are chained through
// their tokens.
class TapeReader {
 public:
  TapeReader(std::string& text, PlainList<Token>& tokens, std::size_t depth)
      : begin_(text.data()), end_(begin_ + text.size()), at_(begin_), tokens_(tokens), depth_left_(depth) {}

  std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }

  Fault read() {
    do {
      if (is_open(Kind::object) && !key()) return Fault::syntax;
      if (!value()) return too_deep_ ? Fault::too_deep : Fault::syntax;
    } while (goes_on());
    skip_blanks();
    return open_ == kNone && at_ == end_ ? Fault::none : Fault::syntax;
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  bool is_open(Kind kind) const { return open_ != kNone && tokens_[open_].kind == kind; }
  std::uint32_t here() const { return static_cast<std::uint32_t>(position()); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(tokens_.size()); }

  char skip_blanks() {
    while (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t') ++at_;
    return *at_;
  }
  bool skip(char c) {
    if (skip_blanks() != c) return false;
    ++at_;
    return true;
  }
  Token& add(Kind kind, char* end) {
    Token& token = tokens_.add();
    token = {kind, here(), static_cast<std::uint32_t>(end - begin_), count()};
    at_ = end;
    return token;
  }

  bool key() { return skip_blanks() == '"' && string() && skip(':'); }

  bool value() {
    switch (skip_blanks()) {
      case '"':
        return string();
      case '{':
        return open(Kind::object);
      case '[':
        return open(Kind::array);
      case 'n':
        return word(Kind::null, "null");
      case 't':
        return word(Kind::boolean, "true");
      case 'f':
        return word(Kind::boolean, "false");
      default:
        return number();
    }
  }

  bool open(Kind kind) {
    too_deep_ = depth_left_ == 0;
    if (too_deep_) return false;
    --depth_left_;
    const std::uint32_t parent = std::exchange(open_, count());
    add(kind, at_ + 1).more = parent;
    return true;
  }

  // Ends what ends here. Whether a value follows: after a comma, or the first in what was opened just now.
  bool goes_on() {
    if (open_ + 1 == count() && skip_blanks() != closing()) return true;
    while (open_ != kNone) {
      if (skip(',')) return true;
      if (!skip(closing())) return false;
      Token& ended = tokens_[open_];
      ended.end = here();
      open_ = std::exchange(ended.more, count());
      ++depth_left_;
    }
    return false;
  }
  char closing() const { return tokens_[open_].kind == Kind::object ? '}' : ']'; }

  bool word(Kind kind, std::string_view text) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text)) return false;
    add(kind, at_ + text.size());
    return true;
  }

  bool number() {
    char* const end = end_of_number(at_);
    if (end != nullptr) add(Kind::number, end);
    return end != nullptr;
  }

  bool string() {
    char* at = at_ + 1;
    char* to = at;
    while (true) {
      std::uint64_t seen = 0;
      const auto plain = static_cast<std::size_t>(end_of_plain(at, end_, seen) - at);
      if (to != at) std::memmove(to, at, plain);
      to += plain;
      at += plain;
      if (*at == '"') break;
      if (*at != '\\' || !unescape(++at, to)) return false;
    }
    const auto size = static_cast<std::uint32_t>(to - at_) - 1;
    add(Kind::string, at + 1).more = size;
    return true;
  }

  // What follows a backslash.
  static bool unescape(char*& at, char*& to) {
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

  static bool unescape_unit(char*& at, char*& to) {
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

  char* const begin_;
  char* const end_;
  char* at_;
  PlainList<Token>& tokens_;
  std::size_t depth_left_;
  std::uint32_t open_ = kNone;  // the innermost object or array
  bool too_deep_ = false;
};

Fault Tape::read(std::string_view text, std::size_t bytes, std::size_t depth) {
  source_ = text;
  tokens_.clear();
  fault_at_ = 0;
  if (text.size() > bytes) return Fault::too_large;
  if (!is_valid_utf8(text)) return Fault::not_utf8;
  decoded_ = text;
  TapeReader reader(decoded_, tokens_, depth);
  const Fault fault = reader.read();
  fault_at_ = reader.position();
  return fault;
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
