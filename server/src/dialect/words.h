// What the dialects have in common: times, texts and handles as those systems write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dialect/dialect.h"
#include "jobwire/json_writer.h"

namespace jobwire::dialect {

std::string iso_time(UnixMs at);  // 2024-01-15T10:30:00.000Z

// The sentence for a person that the event brought: its message, else its stage, else its status text; may be empty.
std::string_view own_sentence(const Telling& telling);
// The same, else the job's last message, else its last stage.
std::string_view sentence_of(const Telling& telling);

// "Cancelled: why", or "Cancelled": how a cancellation reads where it is told as a failure.
std::string cancelled_text(const JobState& job);
// The job's error, or how it was cancelled.
std::string error_text(Moment moment, const JobState& job);

// What stands after the colon of `ref` ("file:42" -> "42"), else the job's id; and before it, else `otherwise`.
std::string_view handle_of(const JobState& job);
std::string_view handle_kind(const JobState& job, std::string_view otherwise);

// Hundredths as a number with at most two decimals.
void write_hundredths(JsonWriter& json, std::string_view name, std::int64_t hundredths);
// `name: value` of each member; those in `taken` are the caller's own.
void write_metadata(JsonWriter& json, const Metadata& metadata, std::initializer_list<std::string_view> taken);
void write_seconds(JsonWriter& json, std::string_view name, std::optional<DurationMs> duration);  // whole, rounded up

}  // namespace jobwire::dialect
