#include "jobwire/json_writer.h"

namespace jobwire {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

void append_escape(std::string& out, unsigned char c) {
  constexpr char kHex[] = "0123456789abcdef";
  constexpr char kShort[] = "\"\"\\\\\nn\rr\tt";  // a character, and what it is after a backslash
  char escape[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
  std::size_t size = sizeof escape;
  for (const char* at = kShort; *at != '\0'; at += 2) {
    if (static_cast<unsigned char>(*at) != c) continue;
    escape[1] = at[1];
    size = 2;
  }
  out.append(escape, size);
}

// Text that is UTF-8 already.
void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    append_escape(out, c);
    plain = i + 1;
  }
  out.append(text, plain);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.append("\"", 1);
  while (true) {
    const std::size_t good = utf8_prefix(text);
    append_escaped(out, text.substr(0, good));
    if (good == text.size()) break;
    out += kReplacement;
    text.remove_prefix(good + 1);
  }
  out.append("\"", 1);
}

void append_integer(std::string& out, std::int64_t number) {
  char digits[20];
  char* at = digits + sizeof digits;
  std::uint64_t rest = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  do {
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (number < 0) *--at = '-';
  out.append(at, static_cast<std::size_t>(digits + sizeof digits - at));
}

void JsonWriter::separate() {
  if (!first_) out_.append(",", 1);
  first_ = false;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_.append("{", 1);
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_.append("}", 1);
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_.append("[", 1);
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_.append("]", 1);
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_.append(":", 1);
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
  separate();
  append_integer(out_, number);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::percent(Percent progress) {
  separate();
  append_integer(out_, progress.hundredths / 100);
  const int fraction = progress.hundredths % 100;
  if (fraction != 0) {
    out_ += '.';
    out_ += static_cast<char>('0' + fraction / 10);
    if (fraction % 10 != 0) out_ += static_cast<char>('0' + fraction % 10);
  }
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace jobwire
