#include "transport/http_rules.h"

#include <algorithm>
#include <charconv>

#include "transport/text.h"

namespace jobwire::transport {
namespace {

constexpr std::size_t kLongestMethod = 32;
constexpr std::size_t kMostEmptyLines = 4;  // before a request line; robustness of RFC 9112 section 2.2, bounded

Refusal bad(std::string message, std::string field = {}) {
  return {400, {ErrorCode::bad_request, std::move(message), std::move(field)}, {}};
}
Refusal too_large(int status, std::string message) {
  return {status, {ErrorCode::too_large, std::move(message), {}}, {}};
}

bool is_forbidden_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

std::optional<Refusal> check_version(std::string_view version) {
  const bool well_formed = version.size() == 8 && version.substr(0, 5) == "HTTP/" && is_digit(version[5]) &&
                           version[6] == '.' && is_digit(version[7]);
  if (!well_formed) return bad("the request line ends with an HTTP version");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Refusal{505, {ErrorCode::bad_request, "HTTP/1.1 and HTTP/1.0 are spoken here", {}}, {}};
  }
  return std::nullopt;
}

}  // namespace

HeadScanner::State HeadScanner::refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  return State::refused;
}

HeadScanner::State HeadScanner::scan(std::string_view bytes) {
  for (; checked_ < bytes.size(); ++checked_) {
    if (checked_ - begin_ >= limits_.head_bytes) return refuse(too_large(431, "the head is too large"));
    const char c = bytes[checked_];
    const bool after_cr = checked_ > line_ && bytes[checked_ - 1] == '\r';
    if (after_cr != (c == '\n')) return refuse(bad("a line ends with CR LF, and neither stands alone"));
    if (c != '\n') {
      if (c != '\r' && is_forbidden_control(c)) return refuse(bad("a control character stands in the head"));
      if (lines_ == 0 && checked_ - line_ > limits_.target_bytes + kLongestMethod + 16) {
        return refuse(too_large(414, "the request target is too long"));
      }
      continue;
    }
    const auto line = bytes.substr(line_, checked_ - 1 - line_);
    line_ = checked_ + 1;
    if (line.empty() && lines_ == 0) {  // before the request line
      begin_ = line_;
      if (begin_ > 2 * kMostEmptyLines) return refuse(bad("a request begins with its request line"));
      continue;
    }
    if (line.empty()) return ++checked_, State::complete;
    if (auto refusal = check_line(line)) return refuse(std::move(*refusal));
  }
  return State::incomplete;
}

std::optional<Refusal> HeadScanner::check_line(std::string_view line) {
  if (lines_++ == 0) return check_request_line(line, limits_);
  if (lines_ - 1 > limits_.fields) return too_large(431, "too many header fields");
  return check_field_line(line);
}

std::optional<Refusal> check_request_line(std::string_view line, const HeadLimits& limits) {
  const auto method_end = line.find(' ');
  if (method_end == std::string_view::npos) return bad("a request line is method, target and version");
  const auto method = line.substr(0, method_end);
  if (method.empty() || method.size() > kLongestMethod || !is_token(method)) return bad("the method is not a token");
  const auto rest = line.substr(method_end + 1);
  const auto target_end = rest.find(' ');
  if (target_end == std::string_view::npos) return bad("a request line is method, target and version");
  const auto target = rest.substr(0, target_end);
  if (target.size() > limits.target_bytes) return too_large(414, "the request target is too long");
  const bool visible =
      std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
  if (target.empty() || !visible) return bad("the request target holds a character that a URL may not");
  return check_version(rest.substr(target_end + 1));
}

std::optional<Refusal> check_field_line(std::string_view line) {
  if (line.empty() || line[0] == ' ' || line[0] == '\t') return bad("a header field may not be folded");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return bad("a header field is a name, a colon and a value");
  if (colon == 0 || !is_token(line.substr(0, colon)))
    return bad("a header field's name is a token, with its colon right after");
  if (std::any_of(line.begin(), line.end(), is_forbidden_control))
    return bad("a control character stands in a header field");
  return std::nullopt;
}

namespace {

// At most one, and none where `most` is 0.
struct Counted {
  std::size_t count = 0;
  std::string_view value;
};
Counted find_field(const Fields& fields, std::string_view name) {
  Counted found;
  for (const auto& [field, value] : fields) {
    if (field != name) continue;
    ++found.count;
    found.value = value;
  }
  return found;
}

bool is_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view("-._~!$&'()*+;=:[]%").find(c) != std::string_view::npos;
  });
}

std::optional<Refusal> check_host(const Fields& fields, int minor_version) {
  const auto host = find_field(fields, "host");
  if (host.count > 1) return bad("a request has one Host", "Host");
  if (host.count == 0 && minor_version >= 1) return bad("a request has a Host", "Host");
  if (!is_host(host.value)) return bad("Host is a name or an address, with a port or without", "Host");
  return std::nullopt;
}

std::optional<Refusal> read_body_length(const Fields& fields, int minor_version, Framing& framing) {
  const auto length = find_field(fields, "content-length");
  const auto encoding = find_field(fields, "transfer-encoding");
  if (encoding.count > 0) {
    if (length.count > 0) return bad("Content-Length and Transfer-Encoding exclude each other", "Content-Length");
    if (minor_version == 0) return bad("HTTP/1.0 has no Transfer-Encoding", "Transfer-Encoding");
    if (encoding.count > 1 || !equals_ignoring_case(encoding.value, "chunked")) {
      return bad("the only Transfer-Encoding taken is chunked, once", "Transfer-Encoding");
    }
    framing.chunked = true;
  }
  if (length.count > 1) return bad("a request has one Content-Length", "Content-Length");
  if (length.count == 0) return std::nullopt;
  const auto text = length.value;
  std::uint64_t bytes = 0;
  const bool digits = !text.empty() && text.size() < 19 && std::all_of(text.begin(), text.end(), is_digit);
  if (!digits) return bad("Content-Length is a number", "Content-Length");
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  framing.content_length = bytes;
  return std::nullopt;
}

bool any_has_token(const Fields& fields, std::string_view name, std::string_view token) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return field.first == name && has_token(field.second, token); });
}

}  // namespace

std::variant<Framing, Refusal> check_fields(const Fields& fields, int minor_version) {
  Framing framing;
  if (auto refusal = check_host(fields, minor_version)) return std::move(*refusal);
  if (auto refusal = read_body_length(fields, minor_version, framing)) return std::move(*refusal);
  const auto expect = find_field(fields, "expect");
  if (expect.count > 0 && minor_version >= 1) {
    if (expect.count > 1 || !equals_ignoring_case(expect.value, "100-continue")) {
      return Refusal{417, {ErrorCode::bad_request, "the only expectation met is 100-continue", "Expect"}, {}};
    }
    framing.expects_continue = framing.has_body();
  }
  const bool close = any_has_token(fields, "connection", "close");
  framing.keep_alive = !close && (minor_version >= 1 || any_has_token(fields, "connection", "keep-alive"));
  framing.upgrades_to_websocket =
      any_has_token(fields, "connection", "upgrade") && any_has_token(fields, "upgrade", "websocket");
  return framing;
}

std::optional<Refusal> check_upgrade(const Request& request, int minor_version, const Framing& framing) {
  if (request.method != "GET" || minor_version < 1) return bad("a WebSocket is asked for by GET and HTTP/1.1");
  if (framing.has_body()) return bad("a WebSocket's opening request has no body");
  const auto version = find_field(request.headers, "sec-websocket-version");
  if (version.count != 1 || version.value != "13") {
    return Refusal{426,
                   {ErrorCode::bad_request, "WebSocket version 13 is spoken here", "Sec-WebSocket-Version"},
                   {{"Sec-WebSocket-Version", "13"}, {"Upgrade", "websocket"}}};
  }
  const auto key = find_field(request.headers, "sec-websocket-key");
  const bool shaped = key.count == 1 && key.value.size() == 24 && key.value.substr(22) == "==" &&
                      std::all_of(key.value.begin(), key.value.begin() + 22, is_base64);
  if (!shaped) return bad("Sec-WebSocket-Key is 16 bytes in base64", "Sec-WebSocket-Key");
  return std::nullopt;
}

bool has_token(std::string_view value, std::string_view token) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    if (equals_ignoring_case(trim(value.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace jobwire::transport
