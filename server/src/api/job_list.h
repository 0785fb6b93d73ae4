// GET /jobs: the caller's jobs, newest change first, filtered and in pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/parts.h"
#include "api/route.h"

namespace jobwire::api {

Route list_route(Parts& parts);

inline constexpr std::size_t kMostListedBytes = 4 << 20;  // of one answer; with results a job may be large

// Of this user's jobs those that the caller may be shown, newest change first.
std::vector<const JobState*> jobs_of_user(const Parts& parts, const auth::Principal& who, const std::string& user);

// Decimal digits only, within the bounds.
std::optional<std::int64_t> parse_count(std::string_view text, std::int64_t least, std::int64_t most);

}  // namespace jobwire::api
