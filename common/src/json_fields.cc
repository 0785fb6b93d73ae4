#include "json_fields.h"

#include <algorithm>

namespace jobwire::json {
namespace {

// An integer in plain digits ("12", "-3"); nullopt for fractions, exponents and what does not fit.
std::optional<std::int64_t> parse_integer(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (digits.empty() || digits.size() > 16) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return negative ? -number : number;
}

// A JSON number as mantissa * 10^exponent, cut to 17 digits.
struct Decimal {
  bool negative = false;
  std::int64_t mantissa = 0;
  int exponent = 0;
};

Decimal parse_decimal(std::string_view text) {
  constexpr std::int64_t kFull = 10'000'000'000'000'000;
  Decimal decimal;
  std::size_t i = 0;
  if (text[i] == '-') decimal.negative = true, ++i;
  bool fraction = false;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.') {
      fraction = true;
    } else if (decimal.mantissa < kFull) {
      decimal.mantissa = decimal.mantissa * 10 + (text[i] - '0');
      if (fraction) --decimal.exponent;
    } else if (!fraction) {
      ++decimal.exponent;
    }
  }
  if (i < text.size()) {
    int exponent = 0;
    const bool minus = text[i + 1] == '-';
    for (i += minus || text[i + 1] == '+' ? 2 : 1; i < text.size(); ++i) {
      exponent = std::min(exponent * 10 + (text[i] - '0'), 1000);
    }
    decimal.exponent += minus ? -exponent : exponent;
  }
  return decimal;
}

// Hundredths, rounded half up; -1 for what is below 0 or above 100.
std::int32_t to_hundredths(Decimal decimal) {
  constexpr std::int64_t kWholeThousandths = kWhole.hundredths * 10;
  if (decimal.mantissa == 0) return 0;
  if (decimal.negative) return -1;
  decimal.exponent += 3;
  for (; decimal.exponent > 0 && decimal.mantissa <= kWholeThousandths; --decimal.exponent) decimal.mantissa *= 10;
  bool more = decimal.exponent > 0;  // than the mantissa says
  for (; decimal.exponent < 0 && decimal.mantissa > 0; ++decimal.exponent) {
    more = more || decimal.mantissa % 10 != 0;
    decimal.mantissa /= 10;
  }
  if (decimal.mantissa > kWholeThousandths || (decimal.mantissa == kWholeThousandths && more)) return -1;
  return static_cast<std::int32_t>((decimal.mantissa + 5) / 10);
}

}  // namespace

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
  const std::int32_t hundredths = value.is(Kind::number) ? to_hundredths(parse_decimal(value.raw())) : -1;
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
  std::vector<Value> keys;
  for (auto [key, end] = value.children(); key != end; key = key.value().next()) keys.push_back(key);
  // By key, then by place. A heap: a fraction of the code of std::stable_sort, of which every page downloads a copy.
  const auto before = [](const Value& a, const Value& b) {
    const int order = a.text().compare(b.text());
    return order != 0 ? order < 0 : a.raw().data() < b.raw().data();
  };
  std::make_heap(keys.begin(), keys.end(), before);
  std::sort_heap(keys.begin(), keys.end(), before);
  // Of a repeated key the last one counts, as in JSON.parse.
  Metadata unique;
  for (const Value& key : keys) {
    if (unique.empty() || unique.back().first != key.text()) unique.emplace_back(key.text(), RawJson{});
    unique.back().second.text = key.value().raw();
  }
  return unique;
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

namespace {

void read_by(Fields& fields, const Member& member, Value value, std::string_view field) {
  switch (member.rule) {
    case Member::Rule::id:
      *static_cast<std::string*>(member.into) = fields.id(value, field);
      break;
    case Member::Rule::id_or_empty:
      *static_cast<std::string*>(member.into) = fields.id_or_empty(value, field);
      break;
    case Member::Rule::text:
      *static_cast<std::string*>(member.into) = fields.text(value, field);
      break;
    case Member::Rule::raw:
      *static_cast<RawJson*>(member.into) = fields.raw(value, field);
      break;
    case Member::Rule::count:
      *static_cast<std::int64_t*>(member.into) = fields.integer(value, field, 0, kMaxInteger);
      break;
    case Member::Rule::maybe_count:
      if (!value.is(Kind::null)) {
        *static_cast<std::optional<std::int64_t>*>(member.into) = fields.integer(value, field, 0, kMaxInteger);
      }
      break;
    case Member::Rule::boolean:
      *static_cast<bool*>(member.into) = fields.boolean(value, field);
      break;
    case Member::Rule::percent:
      *static_cast<Percent*>(member.into) = fields.percent(value, field);
      break;
    case Member::Rule::metadata:
      *static_cast<Metadata*>(member.into) = fields.metadata(value, field);
      break;
  }
}

}  // namespace

bool read_member(Fields& fields, std::span<const Member> members, std::string_view key, Value value,
                 std::string_view object) {
  for (const Member& member : members) {
    if (member.name != key) continue;
    if (object.empty()) {
      read_by(fields, member, value, member.name);
    } else {
      read_by(fields, member, value, std::string(object).append(member.name));
    }
    return true;
  }
  return false;
}

void read_members(Fields& fields, Value object, std::string_view name, std::span<const Member> members,
                  std::string_view prefix) {
  each_member(fields, object, name,
              [&](std::string_view key, Value value) { read_member(fields, members, key, value, prefix); });
}

void each_member(Fields& fields, Value object, std::string_view name, MemberReader read) {
  if (!fields.object(object, name)) return;
  for (auto [key, end] = object.children(); key != end && fields.ok(); key = key.value().next()) {
    read(key.text(), key.value());
  }
}

}  // namespace jobwire::json
