#include "json_fields.h"

#include <algorithm>

#include "json_values.h"

namespace jobwire::json {
void Fields::refuse(Error error) {
  if (!error_) error_ = std::move(error);
}

void Fields::refuse(std::string_view field, const char* rule, ErrorCode code) {
  if (error_) return;
  error_ = Error{code, std::string(field), std::string(field)};
  error_->message += rule;
}

bool Fields::object(Value value, std::string_view field) {
  if (value.is(Kind::object)) return true;
  refuse(field, " must be an object");
  return false;
}

bool Fields::array(Value value, std::string_view field) {
  if (value.is(Kind::array)) return true;
  refuse(field, " must be an array");
  return false;
}

std::string Fields::text_of(Value value, std::string_view field, std::size_t most) {
  if (value.is(Kind::null)) return {};
  if (!value.is(Kind::string)) {
    refuse(field, " must be a string");
    return {};
  }
  if (value.text().size() > most) {
    refuse(field, " is too long", ErrorCode::too_large);
    return {};
  }
  return std::string(value.text());
}

std::string Fields::text(Value value, std::string_view field) { return text_of(value, field, limits_.text_bytes); }

std::string Fields::id(Value value, std::string_view field) {
  if (!value.is(Kind::string)) {
    refuse(field, " must be a string");
    return {};
  }
  if (Status valid = check_id(value.text(), field); !valid) {
    refuse(std::move(valid.error()));
    return {};
  }
  return std::string(value.text());
}

std::string Fields::id_or_empty(Value value, std::string_view field) {
  if (value.is(Kind::null) || (value.is(Kind::string) && value.text().empty())) return {};
  return id(value, field);
}

std::int64_t Fields::integer(Value value, std::string_view field, std::int64_t least, std::int64_t most) {
  const auto number = value.is(Kind::number) ? parse_integer(value.raw()) : std::nullopt;
  if (number && *number >= least && *number <= most) return *number;
  if (ok()) {
    const std::string rule = " must be an integer from " + std::to_string(least) + " to " + std::to_string(most);
    refuse(field, rule.c_str());
  }
  return least;
}

bool Fields::boolean(Value value, std::string_view field) {
  if (!value.is(Kind::boolean)) refuse(field, " must be true or false");
  return value.truth();
}

Percent Fields::percent(Value value, std::string_view field) {
  const std::int32_t hundredths = value.is(Kind::number) ? hundredths_of(value.raw()) : -1;
  if (hundredths < 0) refuse(field, " must be a number from 0 to 100");
  return {std::max(hundredths, 0)};
}

RawJson Fields::raw(Value value, std::string_view field) {
  if (value.raw().size() > limits_.result_bytes) {
    refuse(field, " is too large", ErrorCode::too_large);
    return {};
  }
  return {std::string(value.raw())};
}

Metadata Fields::metadata(Value value, std::string_view field) {
  if (value.is(Kind::null) || !object(value, field)) return {};
  if (value.raw().size() > limits_.result_bytes) {
    refuse(field, " is too large", ErrorCode::too_large);
    return {};
  }
  return metadata_of(value);
}

JobError Fields::job_error(Value value, std::string_view field) {
  JobError error;
  if (value.is(Kind::string)) {
    error.message = text(value, field);
    return error;
  }
  if (!object(value, field)) return error;
  for (auto [key, end] = value.children(); key != end; key = key.value().next()) {
    if (key.text() == "message") error.message = text(key.value(), "error.message");
    if (key.text() == "code") error.code = text(key.value(), "error.code");
  }
  return error;
}

std::optional<Cursor> Fields::cursor(Value value) {
  if (value.is(Kind::null)) return std::nullopt;
  Result<Cursor> cursor = parse_cursor(value.is(Kind::string) ? value.text() : std::string_view());
  if (cursor) return *cursor;
  refuse(std::move(cursor.error()));
  return std::nullopt;
}

std::vector<Channel> Fields::channels(Value value, std::string_view field) {
  std::vector<Channel> channels;
  if (!array(value, field)) return channels;
  for (auto [at, end] = value.children(); at != end; at = at.next()) {
    if (channels.size() == limits_.channels) {
      refuse(field, " holds too many channels", ErrorCode::too_large);
      break;
    }
    Result<Channel> channel = parse_channel(at.is(Kind::string) ? at.text() : std::string_view());
    if (!channel) {
      channel.error().field = field;
      refuse(std::move(channel.error()));
      break;
    }
    channels.push_back(std::move(*channel));
  }
  return channels;
}

std::vector<JobId> Fields::job_ids(Value value, std::string_view field) {
  std::vector<JobId> ids;
  if (!array(value, field)) return ids;
  for (auto [at, end] = value.children(); at != end; at = at.next()) {
    if (ids.size() == limits_.sync_jobs) {
      refuse(field, " holds too many ids", ErrorCode::too_large);
      break;
    }
    ids.push_back({id(at, field)});
  }
  return ids;
}

void each_member(Fields& fields, Value object, std::string_view name, MemberReader read) {
  if (!fields.object(object, name)) return;
  for (auto [key, end] = object.children(); key != end && fields.ok(); key = key.value().next()) {
    read(key.text(), key.value());
  }
}

}  // namespace jobwire::json
