// Writes JSON text into a string. No tree, no allocation but the string's own.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "jobwire/job_state.h"

namespace jobwire {

// The caller keeps objects and arrays balanced; commas are put in by the writer.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  // Begins a new text in place of the last one.
  void clear() {
    out_.clear();
    first_ = true;
  }

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);  // escaped like any string

  JsonWriter& string(std::string_view text);  // invalid UTF-8 becomes U+FFFD
  JsonWriter& integer(std::int64_t number);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& percent(Percent progress);   // 12.5, 100
  JsonWriter& raw(std::string_view json);  // already JSON

  // key and value in one; `..._if` writes nothing for an empty or zero value.
  JsonWriter& field(std::string_view name, std::string_view text) { return key(name).string(text); }
  JsonWriter& field(std::string_view name, const char* text) { return key(name).string(text); }
  template <std::integral T>
  JsonWriter& field(std::string_view name, T value) {
    key(name);
    if constexpr (std::same_as<T, bool>) {
      return boolean(value);
    } else {
      return integer(static_cast<std::int64_t>(value));
    }
  }
  JsonWriter& field_if(std::string_view name, std::string_view text) {
    return text.empty() ? *this : field(name, text);
  }
  template <std::integral T>
  JsonWriter& field_if(std::string_view name, T value) {
    return value == T{} ? *this : field(name, value);
  }
  JsonWriter& raw_field_if(std::string_view name, const RawJson& json) {
    return json.empty() ? *this : key(name).raw(json.text);
  }

 private:
  void separate();
  std::string& out_;
  bool first_ = true;
};

void append_json_string(std::string& out, std::string_view text);
void append_integer(std::string& out, std::int64_t number);

}  // namespace jobwire
