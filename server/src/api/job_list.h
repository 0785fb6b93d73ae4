// GET /jobs: the caller's jobs, newest change first, filtered and in pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/parts.h"
#include "api/route.h"

namespace jobwire::api {

Route list_route(Parts& parts);

// Decimal digits only, within the bounds.
std::optional<std::int64_t> parse_count(std::string_view text, std::int64_t least, std::int64_t most);

}  // namespace jobwire::api
