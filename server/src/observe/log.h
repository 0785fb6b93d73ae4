// The server's own log: one line an event, as logfmt or JSON. Never carries tokens, payloads, results or query strings.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "jobwire/time.h"

namespace jobwire::observe {

enum class Level : std::uint8_t { debug, info, warn, error, off };
enum class LogFormat : std::uint8_t { logfmt, json };
std::optional<Level> level_from_name(std::string_view name);
std::optional<LogFormat> format_from_name(std::string_view name);

struct Field {
  Field(std::string_view key_, std::string_view text) : key(key_), value(text) {}
  Field(std::string_view key_, const char* text) : key(key_), value(std::string_view(text)) {}
  Field(std::string_view key_, const std::string& text) : key(key_), value(std::string_view(text)) {}
  template <class Integer>
  requires std::is_integral_v<Integer> &&(!std::is_same_v<Integer, bool>)Field(std::string_view key_, Integer number)
      : key(key_), value(static_cast<std::int64_t>(number)) {}
  Field(std::string_view key_, bool flag) : key(key_), value(flag) {}

  std::string_view key;
  std::variant<std::string_view, std::int64_t, bool> value;
};
using Fields = std::initializer_list<Field>;

struct LogOptions {
  Level level = Level::info;
  LogFormat format = LogFormat::logfmt;
};

// May be called from any thread. A line is written at once, so that the last one before a crash is there.
class Log {
 public:
  Log(LogOptions options, const Clock& clock, std::ostream& out);
  ~Log();

  bool is_on(Level level) const { return level >= options_.level; }
  void write(Level level, std::string_view event, Fields fields = {});
  void debug(std::string_view event, Fields fields = {}) { write(Level::debug, event, fields); }
  void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
  void warn(std::string_view event, Fields fields = {}) { write(Level::warn, event, fields); }
  void error(std::string_view event, Fields fields = {}) { write(Level::error, event, fields); }

 private:
  struct Sink;
  LogOptions options_;
  const Clock& clock_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace jobwire::observe
