#include "json_record.h"

#include <optional>
#include <string>
#include <vector>

#include "codec_internal.h"
#include "json_values.h"

namespace jobwire::json {
namespace {

template <class T>
T& at(void* into) {
  return *static_cast<T*>(into);
}

bool read_integer(Value value, std::int64_t least, std::int64_t most, std::int64_t& into) {
  const auto number = value.is(Kind::number) ? parse_integer(value.raw()) : std::nullopt;
  if (!number || *number < least || *number > most) return false;
  into = *number;
  return true;
}

// A string's text; of all else nothing, without data().
std::string_view text_of(Value value) { return value.is(Kind::string) ? value.text() : std::string_view(); }

bool read_metadata(Value value, Metadata& into) {
  if (!value.is(Kind::object)) return false;
  for (auto [key, end] = value.children(); key != end; key = key.value().next())
    put(into, key.text(), key.value().raw());
  return true;
}

constexpr Member kStage[] = {{"name", Rule::text, offsetof(StageMark, name)},
                             {"startedAt", Rule::count, offsetof(StageMark, started_at)}};

bool read_stages(Records& records, Value value, std::list<StageMark>& into) {
  if (!value.is(Kind::array)) return false;
  for (auto [each, end] = value.children(); each != end; each = each.next()) {
    if (!records.read<kStage>(each, &into.emplace_back())) return false;
  }
  return true;
}

struct ErrorText {
  std::string_view message, code;
};
constexpr Member kErrorText[] = {{"message", Rule::borrowed_text, offsetof(ErrorText, message)},
                                 {"code", Rule::borrowed_text, offsetof(ErrorText, code)}};

bool read_error_text(Records& records, Value value, ErrorText& into) {
  if (!value.is(Kind::string)) return records.read<kErrorText>(value, &into);
  into.message = value.text();
  return true;
}

bool is_text(Rule rule) { return rule <= Rule::borrowed_raw; }

bool read_text(std::string_view text, Rule rule, void* into) {
  if (text.data() == nullptr) return false;
  if ((rule == Rule::id || rule == Rule::borrowed_id) && broken_id_rule(text) != nullptr) return false;
  if (rule >= Rule::borrowed_text) {
    at<std::string_view>(into) = text;
  } else {
    at<std::string>(into) = text;
  }
  return true;
}

}  // namespace

bool Records::refuse(std::string_view name) {
  if (broken_.empty()) broken_ = name;
  return false;
}

bool Records::read(Value object, const unsigned char* table, void* into) {
  if (!object.is(Kind::object)) return false;
  for (auto [key, end] = object.children(); key != end; key = key.value().next()) {
    if (key.value().is(Kind::null)) continue;
    for (const unsigned char* at = table; *at != 0; at += *at + kBesideName) {
      const std::string_view name(reinterpret_cast<const char*>(at + 1), *at);
      if (name != key.text()) continue;
      const unsigned char* const rest = at + 1 + name.size();
      void* const member = static_cast<char*>(into) + (rest[1] | rest[2] << 8);
      if (!read_member(key.value(), static_cast<Rule>(rest[0]), member)) return refuse(name);
      break;
    }
  }
  return true;
}

bool Records::read_member(Value value, Rule rule, void* into) {
  const bool is_raw = rule == Rule::raw || rule == Rule::borrowed_raw;
  const std::string_view text = is_raw ? value.raw() : text_of(value);
  if (is_text(rule)) return read_text(text, rule, into);
  std::int64_t number = 0;
  switch (rule) {
    case Rule::count:
      return read_integer(value, 0, kMaxInteger, at<std::int64_t>(into));
    case Rule::maybe_count:
      return read_integer(value, 0, kMaxInteger, at<std::optional<std::int64_t>>(into).emplace());
    case Rule::attempt:
    case Rule::priority: {
      const bool is_attempt = rule == Rule::attempt;
      if (!read_integer(value, is_attempt ? 1 : -1000, is_attempt ? 1'000'000 : 1000, number)) return false;
      at<std::int32_t>(into) = static_cast<std::int32_t>(number);
      return true;
    }
    case Rule::boolean:
      at<bool>(into) = value.truth();
      return value.is(Kind::boolean);
    case Rule::percent:
    case Rule::maybe_percent: {
      const std::int32_t hundredths = value.is(Kind::number) ? hundredths_of(value.raw()) : -1;
      (rule == Rule::percent ? at<Percent>(into) : at<std::optional<Percent>>(into).emplace()).hundredths = hundredths;
      return hundredths >= 0;
    }
    case Rule::status: {
      const auto status = status_from_name(text);
      if (status) at<JobStatus>(into) = *status;
      return status.has_value();
    }
    case Rule::error_code:
      at<ErrorCode>(into) = code_from_name(text);
      return true;
    case Rule::metadata:
      return read_metadata(value, at<Metadata>(into));
    case Rule::stages:
      return read_stages(*this, value, at<std::list<StageMark>>(into));
    case Rule::job_error: {
      ErrorText parts;
      if (!read_error_text(*this, value, parts)) return false;
      JobError& error = at<std::optional<JobError>>(into).emplace();
      error.message = parts.message;
      error.code = parts.code;
      return true;
    }
    case Rule::error_text:
      return read_error_text(*this, value, at<ErrorText>(into));
    case Rule::identity:
      return read_identity(*this, value, at<EventView>(into));
    case Rule::list:
      if (!value.is(Kind::array)) return false;
      [[fallthrough]];
    default:
      at<std::uint32_t>(into) = value.index();
      return true;
  }
}

}  // namespace jobwire::json
