#include "json_tape.h"

#include <rapidjson/reader.h>

#include <cstring>

#include "jobwire/ids.h"
#include "json_text.h"

namespace jobwire::json {

// RapidJSON's in-situ stream, without the local copies that would hide the position from the handler.
struct Stream {
  using Ch = char;
  Ch* head;
  Ch* end;
  Ch* from;
  Ch* to = nullptr;

  Ch Peek() const { return *from; }
  Ch Take() { return *from++; }
  std::size_t Tell() const { return static_cast<std::size_t>(from - head); }
  Ch* PutBegin() { return to = from; }
  void Put(Ch c) { *to++ = c; }
  void Flush() {}
  std::size_t PutEnd(Ch* begin) { return static_cast<std::size_t>(to - begin); }
};

}  // namespace jobwire::json

// What RapidJSON leaves to streams that can do better than byte by byte.
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

namespace jobwire::json {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The code unit of a \uXXXX escape at `at`, or -1.
int escaped_unit(const char* at, const char* end) {
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
  int unit = 0;
  for (int i = 2; i < 6; ++i) {
    const char c = at[i];
    if (!is_hex(c)) return -1;
    unit = unit * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return unit;
}

// Overwrites each lone surrogate escape by \ufffd, which is as long. RapidJSON would refuse it, or emit invalid UTF-8.
void replace_lone_surrogates(char* at, char* end) {
  while ((at = static_cast<char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)))) != nullptr) {
    const int unit = escaped_unit(at, end);
    if (unit < 0xd800 || unit > 0xdfff) {
      at += end - at < 2 ? 1 : 2;
      continue;
    }
    const int low = unit <= 0xdbff ? escaped_unit(at + 6, end) : -1;
    if (low >= 0xdc00 && low <= 0xdfff) {
      at += 12;
    } else {
      std::memcpy(at, "\\ufffd", 6);
      at += 6;
    }
  }
}

}  // namespace

// RapidJSON's handler: one token per event.
struct TapeBuilder {
  using SizeType = rapidjson::SizeType;
  Stream& stream;
  std::vector<Token>& tokens;
  std::size_t depth_left;
  std::vector<std::uint32_t> open{};
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
    open.push_back(static_cast<std::uint32_t>(tokens.size()));
    add(kind, here() - 1, 0);
    return true;
  }
  bool end() {
    Token& token = tokens[open.back()];
    token.end = here();
    token.next = static_cast<std::uint32_t>(tokens.size());
    open.pop_back();
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

// RapidJSON calls itself for what is nested: the builder stops it at `depth`.
Fault Tape::read(std::string_view text, std::size_t bytes, std::size_t depth) {
  source_ = text;
  tokens_.clear();
  fault_at_ = 0;
  if (text.size() > bytes) return Fault::too_large;
  if (!is_valid_utf8(text)) return Fault::not_utf8;
  decoded_.assign(text.begin(), text.end());
  decoded_.push_back('\0');
  char* const begin = decoded_.data();
  char* const end = begin + text.size();
  replace_lone_surrogates(begin, end);
  tokens_.reserve(text.size() / 12 + 4);

  Stream stream{begin, end, begin};
  TapeBuilder builder{stream, tokens_, depth};
  rapidjson::Reader reader;
  const rapidjson::ParseResult result =
      reader.Parse<rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag>(stream, builder);
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
