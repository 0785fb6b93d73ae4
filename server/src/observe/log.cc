#include "observe/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <array>
#include <ctime>

#include "jobwire/json_writer.h"

namespace jobwire::observe {
namespace {

constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "warn", "error", "off"};

// ISO 8601 in UTC, with milliseconds.
std::string timestamp(UnixMs now) {
  const std::time_t seconds = now / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const int ms = static_cast<int>(now % 1000);
  return std::string(text, length) + '.' + static_cast<char>('0' + ms / 100) + static_cast<char>('0' + ms / 10 % 10) +
         static_cast<char>('0' + ms % 10) + 'Z';
}

bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  for (const unsigned char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
  }
  return true;
}

// A value that could be taken for another field, or for another line, is quoted like a JSON string.
void append_logfmt(std::string& line, const Field& field) {
  line += ' ';
  line += field.key;
  line += '=';
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    is_plain(*text) ? void(line += *text) : append_json_string(line, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    append_integer(line, *number);
  } else {
    line += std::get<bool>(field.value) ? "true" : "false";
  }
}

std::string as_logfmt(UnixMs now, Level level, std::string_view event, Fields fields) {
  std::string line = "time=" + timestamp(now);
  append_logfmt(line, {"level", kLevels[static_cast<std::size_t>(level)]});
  append_logfmt(line, {"event", event});
  for (const Field& field : fields) append_logfmt(line, field);
  return line;
}

std::string as_json(UnixMs now, Level level, std::string_view event, Fields fields) {
  std::string line;
  JsonWriter writer(line);
  writer.begin_object().field("time", timestamp(now)).field("level", kLevels[static_cast<std::size_t>(level)]);
  writer.field("event", event);
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { writer.field(field.key, value); }, field.value);
  }
  writer.end_object();
  return line;
}

}  // namespace

std::optional<Level> level_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (kLevels[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::optional<LogFormat> format_from_name(std::string_view name) {
  if (name == "logfmt") return LogFormat::logfmt;
  if (name == "json") return LogFormat::json;
  return std::nullopt;
}

struct Log::Sink {
  explicit Sink(std::ostream& out)
      : logger("jobwire", std::make_shared<spdlog::sinks::ostream_sink_mt>(out, /*force_flush=*/true)) {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
  }
  spdlog::logger logger;
};

Log::Log(LogOptions options, const Clock& clock, std::ostream& out)
    : options_(options), clock_(clock), sink_(std::make_unique<Sink>(out)) {}
Log::~Log() = default;

void Log::write(Level level, std::string_view event, Fields fields) {
  if (!is_on(level)) return;
  const auto line = options_.format == LogFormat::json ? as_json(clock_.now(), level, event, fields)
                                                       : as_logfmt(clock_.now(), level, event, fields);
  sink_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace jobwire::observe
