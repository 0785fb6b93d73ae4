// Single values of the wire, as every reader of JSON takes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "jobwire/job_state.h"
#include "json_tape.h"

namespace jobwire::json {

inline constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;

// An integer in plain digits ("12", "-3"); nullopt for fractions, exponents and what does not fit.
std::optional<std::int64_t> parse_integer(std::string_view digits);
// A JSON number as hundredths, rounded half up; -1 for what is below 0 or above 100.
std::int32_t hundredths_of(std::string_view number);
// Infinity, to who reads it as a double.
bool is_beyond_double(std::string_view number);
// The members of an object, sorted by key; of a repeated key the last one counts, as in JSON.parse.
Metadata metadata_of(Value object);

}  // namespace jobwire::json
