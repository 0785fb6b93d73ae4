// RapidJSON with strings and numbers of its own, by its other parser, as a second opinion of what a JSON text says:
// both tell it as one line, by kinds, keys and texts.
#pragma once

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <optional>
#include <string>
#include <string_view>

#include "jobwire/ids.h"
#include "json_tape.h"

namespace jobwire::json_oracle {

inline constexpr std::size_t kDepth = 500;

struct Teller {
  std::string told;
  std::size_t open = 0;

  bool Null() { return told += "n ", true; }
  bool Bool(bool truth) { return told += truth ? "true " : "false ", true; }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return told.append(text, size) += ' ', true; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    told += std::to_string(size) + '"';
    told.append(text, size) += ' ';
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) { return String(text, size, copy); }
  bool StartObject() { return told += "{ ", ++open <= kDepth; }
  bool StartArray() { return told += "[ ", ++open <= kDepth; }
  bool EndObject(rapidjson::SizeType) { return told += "} ", open--; }
  bool EndArray(rapidjson::SizeType) { return told += "] ", open--; }
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
};

// What RapidJSON reads; empty: it refuses the text. Absent where its rules are others: a lone surrogate, which it
// refuses or lets through, and a number beyond a double's range.
inline std::optional<std::string> rapidjson_tells(const std::string& text) {
  for (const char* surrogate : {"\\ud", "\\uD"}) {
    if (text.find(surrogate) != std::string::npos) return std::nullopt;
  }
  // Its own check of the encoding reads past the end where a character is cut off there.
  if (!is_valid_utf8(text)) return std::string();
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  Teller teller;
  rapidjson::StringStream stream(text.c_str());
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, teller);
  if (result.Code() == rapidjson::kParseErrorNumberTooBig) return std::nullopt;
  return result.IsError() || stream.Tell() != text.size() ? std::string() : teller.told;
}

inline void tell(json::Value value, std::string& told) {
  using json::Kind;
  switch (value.kind()) {
    case Kind::null:
      told += "n ";
      return;
    case Kind::boolean:
      told += value.truth() ? "true " : "false ";
      return;
    case Kind::number:
      told.append(value.raw()) += ' ';
      return;
    case Kind::string:
      told += std::to_string(value.text().size()) + '"';
      told.append(value.text()) += ' ';
      return;
    case Kind::object:
    case Kind::array:
      break;
  }
  const bool is_object = value.is(Kind::object);
  told += is_object ? "{ " : "[ ";
  for (auto [at, end] = value.children(); at != end; at = (is_object ? at.value() : at).next()) {
    tell(at, told);
    if (is_object) tell(at.value(), told);
  }
  told += is_object ? "} " : "] ";
}

// What the tape reads; empty: it refuses the text.
inline std::string tape_tells(std::string_view text) {
  json::Tape tape;
  std::string told;
  if (tape.read(text, text.size(), kDepth) == json::Fault::none) tell(tape.root(), told);
  return told;
}

}  // namespace jobwire::json_oracle
