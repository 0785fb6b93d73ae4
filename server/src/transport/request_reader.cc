#include "transport/request_reader.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "transport/text.h"

namespace jobwire::transport {
namespace {

namespace http = boost::beast::http;
using ErrorOfBeast = boost::beast::error_code;

// Bytes of chunk headers, extensions and trailers that may wait for their end.
constexpr std::size_t kMostUnparsedBody = 16 << 10;
// "0", CRLF, CRLF. Beast 1.81 asserts that no less is there when it comes back to the last chunk's header; it does come
// back with less where "0", CRLF came by itself. No chunked body ends with less, so waiting for as much costs nothing.
constexpr std::size_t kLeastOfChunked = 5;

Refusal bad(std::string message) { return {400, {ErrorCode::bad_request, std::move(message), {}}, {}}; }
Refusal body_too_large(std::uint64_t limit) {
  return {413, {ErrorCode::too_large, "a body holds at most " + std::to_string(limit) + " bytes", {}}, {}};
}

// Whether Beast asks for more of a chunk's header though its line's end is there: it reads a quoted extension past that
// end, and with every piece that comes takes the chunk's size off what the body may hold once more. No such header is
// well formed. Only of the last chunk's, whose size is 0, the trailers are awaited with it.
bool extension_leaves_line(std::string_view header) {
  constexpr std::string_view kLineEnd = "\r\n";
  if (header.starts_with(kLineEnd)) header.remove_prefix(kLineEnd.size());  // of the chunk before
  const auto size = header.find_first_not_of('0');
  return size < header.find_first_not_of("0123456789abcdefABCDEF") && header.find(kLineEnd) != std::string_view::npos;
}

}  // namespace

struct RequestReader::Parser {
  http::request_parser<http::string_body> beast;
};

RequestReader::RequestReader(const ReaderLimits& limits) : limits_(limits), scanner_(limits.head) {}
RequestReader::~RequestReader() = default;

RequestReader::Step RequestReader::refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  phase_ = Phase::refused;
  parser_.reset();
  std::string().swap(buffer_);
  return Step::refused;
}

RequestReader::Step RequestReader::next() {
  switch (phase_) {
    case Phase::head:
      return read_head();
    case Phase::body:
      return read_body();
    case Phase::complete:
      return Step::complete;
    case Phase::refused:
      break;
  }
  return Step::refused;
}

RequestReader::Step RequestReader::read_head() {
  const auto state = scanner_.scan(buffer_);
  if (state == HeadScanner::State::incomplete) return Step::need_more;
  if (state == HeadScanner::State::refused) return refuse(scanner_.refusal());
  parser_ = std::make_unique<Parser>();
  auto& beast = parser_->beast;
  beast.header_limit(static_cast<std::uint32_t>(limits_.head.head_bytes + 1));
  beast.body_limit(limits_.body_bytes);
  ErrorOfBeast error;
  const auto head = std::string_view(buffer_).substr(scanner_.begin(), scanner_.end() - scanner_.begin());
  beast.put(boost::asio::buffer(head.data(), head.size()), error);
  if (error == http::error::body_limit) return refuse(body_too_large(limits_.body_bytes));
  if (error || !beast.is_header_done()) return refuse(bad("the head is malformed: " + error.message()));

  const auto& message = beast.get();
  auto& request = parsed_.request;
  parsed_.minor_version = message.version() == 10 ? 0 : 1;
  request.method = std::string(message.method_string());
  for (const auto& field : message) {
    request.headers.emplace_back(lower_case({field.name_string().data(), field.name_string().size()}),
                                 std::string(trim({field.value().data(), field.value().size()})));
  }
  auto verdict = check_fields(request.headers, parsed_.minor_version);
  if (auto* refusal = std::get_if<Refusal>(&verdict)) return refuse(std::move(*refusal));
  parsed_.framing = std::get<Framing>(verdict);
  if (auto refusal = apply_target({message.target().data(), message.target().size()}, request)) return refuse(*refusal);
  buffer_.erase(0, scanner_.end());
  phase_ = Phase::body;
  beast.eager(true);
  return parsed_.framing.has_body() ? Step::head : read_body();
}

RequestReader::Step RequestReader::read_body() {
  auto& beast = parser_->beast;
  std::size_t used = 0;
  ErrorOfBeast error;
  const std::size_t least = parsed_.framing.chunked ? kLeastOfChunked : 1;
  while (!beast.is_done() && buffer_.size() - used >= least && !error) {
    used += beast.put(boost::asio::buffer(buffer_.data() + used, buffer_.size() - used), error);
  }
  buffer_.erase(0, used);
  if (error == http::error::body_limit) return refuse(body_too_large(limits_.body_bytes));
  if (error && error != http::error::need_more) return refuse(bad("the body is malformed: " + error.message()));
  if (!beast.is_done()) {
    if (error && extension_leaves_line(buffer_)) return refuse(bad("a chunk's extension does not end in its line"));
    if (buffer_.size() > kMostUnparsedBody) return refuse(bad("a chunk's header or the trailers are too large"));
    return Step::need_more;
  }
  parsed_.request.body = std::move(beast.get().body());
  parser_.reset();
  phase_ = Phase::complete;
  return Step::complete;
}

RequestReader::Parsed RequestReader::take() {
  auto parsed = std::move(parsed_);
  parsed_ = {};
  scanner_ = HeadScanner(limits_.head);
  phase_ = Phase::head;
  if (buffer_.empty()) std::string().swap(buffer_);
  return parsed;
}

}  // namespace jobwire::transport
