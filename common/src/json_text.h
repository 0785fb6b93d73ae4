// Looks through the bytes of a JSON string eight at a time.
#pragma once

#include <cstdint>

namespace jobwire::json {

// The first quote, backslash or control character (U+0000 to U+001F) in the text, or its end. `seen` collects the high
// bits of what was passed: 0 where all of it is ASCII.
const char* end_of_plain(const char* at, const char* end, std::uint64_t& seen);

}  // namespace jobwire::json
