// What an HTTP/1.1 server must refuse, as pure functions: bytes and fields in, a verdict out. Beast parses; it is
// lenient where a lenient server lets one request be read as two (RFC 9112 sections 2.2, 3.2, 5, 6.3 and 11.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "jobwire/error.h"
#include "transport/exchange.h"

namespace jobwire::transport {

// Answered with this status and closed.
struct Refusal {
  int status = 400;
  Error error;
  std::vector<std::pair<std::string, std::string>> headers;  // of the answer, beside the usual ones
};

struct HeadLimits {
  std::size_t head_bytes = 16 << 10;   // more is 431
  std::size_t target_bytes = 8 << 10;  // more is 414
  std::size_t fields = 100;            // more is 431
};

// Checks a head line by line as it arrives: nothing malformed waits for the rest. Give it the same bytes again, grown.
class HeadScanner {
 public:
  explicit HeadScanner(const HeadLimits& limits) : limits_(limits) {}

  enum class State : std::uint8_t { incomplete, complete, refused };
  State scan(std::string_view bytes);

  // Where the request line begins (empty lines before it are allowed) and where the body begins.
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return line_; }
  bool started() const { return checked_ > begin_; }
  const Refusal& refusal() const { return refusal_; }

 private:
  std::optional<Refusal> check_line(std::string_view line);
  State refuse(Refusal refusal);

  HeadLimits limits_;
  std::size_t begin_ = 0;
  std::size_t line_ = 0;     // start of the line that is not complete yet
  std::size_t checked_ = 0;  // bytes already looked at
  std::size_t lines_ = 0;
  Refusal refusal_;
};

// "GET /x HTTP/1.1" without its line end.
std::optional<Refusal> check_request_line(std::string_view line, const HeadLimits& limits);
// "Name: value" without its line end.
std::optional<Refusal> check_field_line(std::string_view line);

using Fields = std::vector<std::pair<std::string, std::string>>;  // names in lower case

// What the fields say about this message and this connection.
struct Framing {
  bool keep_alive = false;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  bool expects_continue = false;
  bool upgrades_to_websocket = false;
  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};
// `minor_version`: 0 or 1, of HTTP/1.
std::variant<Framing, Refusal> check_fields(const Fields& fields, int minor_version);

// Splits and decodes a request target (origin-form, or absolute-form, whose authority then replaces Host) into
// path, raw_path and query.
std::optional<Refusal> apply_target(std::string_view target, Request& request);
// Percent-decoding; false where a '%' is not followed by two hex digits. `plus_is_space` for query strings.
bool percent_decode(std::string_view text, std::string& out, bool plus_is_space);

// RFC 6455 section 4.2.1, for a request that asks for the upgrade.
std::optional<Refusal> check_upgrade(const Request& request, int minor_version, const Framing& framing);
// Is `token` (lower case) in a comma-separated header value?
bool has_token(std::string_view value, std::string_view token);

}  // namespace jobwire::transport
