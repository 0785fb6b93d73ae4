#include "support/http_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>

namespace jobwire::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::chrono::seconds kPatience{20};

tcp::endpoint loopback(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

// Runs one asynchronous operation to its end; the stream's timeout bounds it.
template <class Start>
beast::error_code run(asio::io_context& loop, beast::tcp_stream& stream, std::chrono::milliseconds limit, Start start) {
  std::optional<beast::error_code> result;
  stream.expires_after(limit);
  start([&](beast::error_code error, auto&&...) { result = error; });
  loop.restart();
  while (!result) loop.run_one();
  stream.expires_never();
  return *result;
}

http::request<http::string_body> build(const std::string& method, const std::string& target, const Headers& headers,
                                       std::string body, std::uint16_t port) {
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(method);
  request.target(target);
  request.set(http::field::host, "127.0.0.1:" + std::to_string(port));
  request.body() = std::move(body);
  for (const auto& [name, value] : headers) request.set(name, value);
  if (!request.body().empty() || method == "POST") request.prepare_payload();
  return request;
}

template <class Message>
Headers headers_of(const Message& message) {
  Headers headers;
  for (const auto& field : message) headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return headers;
}

std::string find(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (beast::iequals(key, beast::string_view(name.data(), name.size()))) return value;
  }
  return {};
}

[[noreturn]] void fail(const std::string& what, beast::error_code error) {
  throw std::runtime_error("http client: " + what + ": " + error.message());
}

}  // namespace

std::string HttpResponse::header(std::string_view name) const { return find(headers, name); }

struct HttpClient::State {
  asio::io_context loop;
  std::optional<beast::tcp_stream> stream;
  beast::flat_buffer buffer;
  std::uint16_t port = 0;
  std::string token;

  void open() {
    stream.emplace(loop);
    buffer.clear();
    const auto error = run(loop, *stream, kPatience, [&](auto done) { stream->async_connect(loopback(port), done); });
    if (error) fail("connect", error);
  }

  beast::error_code try_once(const http::request<http::string_body>& request, HttpResponse& response) {
    auto error = run(loop, *stream, kPatience, [&](auto done) { http::async_write(*stream, request, done); });
    if (error) return error;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    parser.skip(request.method() == http::verb::head);
    do {
      error = run(loop, *stream, kPatience, [&](auto done) { http::async_read(*stream, buffer, parser, done); });
    } while (!error && parser.get().result_int() == 100);
    if (error) return error;
    response = {static_cast<int>(parser.get().result_int()), headers_of(parser.get()), parser.get().body()};
    if (!parser.get().keep_alive()) stream.reset();
    return {};
  }
};

HttpClient::HttpClient(std::uint16_t port, std::string token) : state_(std::make_unique<State>()) {
  state_->port = port;
  state_->token = std::move(token);
}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

HttpResponse HttpClient::request(std::string method, std::string target, Headers headers, std::string body) {
  if (!state_->token.empty() && find(headers, "authorization").empty()) {
    headers.emplace_back("authorization", "Bearer " + state_->token);
  }
  const auto request = build(method, target, headers, std::move(body), state_->port);
  HttpResponse response;
  const bool reused = state_->stream.has_value();
  if (!reused) state_->open();
  auto error = state_->try_once(request, response);
  if (error && reused) {  // the server had closed the kept connection
    state_->open();
    error = state_->try_once(request, response);
  }
  if (error) {
    state_->stream.reset();
    fail(method + " " + target, error);
  }
  return response;
}

struct EventStream::State {
  asio::io_context loop;
  beast::tcp_stream stream{loop};
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  std::size_t taken = 0;

  // False at the end of the response.
  bool read_more() {
    if (parser.is_done()) return false;
    const auto error =
        run(loop, stream, kPatience, [&](auto done) { http::async_read_some(stream, buffer, parser, done); });
    if (error == http::error::end_of_stream || error == asio::error::eof || error == asio::error::connection_reset ||
        error == http::error::partial_message) {
      return false;
    }
    if (error) fail("stream", error);
    return true;
  }
};

EventStream::EventStream(std::uint16_t port, std::string method, std::string target, Headers headers, std::string body)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  auto error =
      run(state.loop, state.stream, kPatience, [&](auto done) { state.stream.async_connect(loopback(port), done); });
  if (error) fail("connect", error);
  const auto request = build(method, target, headers, std::move(body), port);
  error = run(state.loop, state.stream, kPatience, [&](auto done) { http::async_write(state.stream, request, done); });
  if (error) fail(method + " " + target, error);
  state.parser.body_limit(boost::none);
  state.parser.eager(true);
  error = run(state.loop, state.stream, kPatience,
              [&](auto done) { http::async_read_header(state.stream, state.buffer, state.parser, done); });
  if (error) fail(method + " " + target, error);
}
EventStream::~EventStream() = default;

int EventStream::status() const { return static_cast<int>(state_->parser.get().result_int()); }
std::string EventStream::header(std::string_view name) const { return find(headers_of(state_->parser.get()), name); }

std::string EventStream::next() {
  for (;;) {
    const std::string& body = state_->parser.get().body();
    const std::size_t end = body.find("\n\n", state_->taken);
    if (end != std::string::npos) {
      std::string event = body.substr(state_->taken, end - state_->taken);
      state_->taken = end + 2;
      if (event.starts_with("data: ")) return event.substr(6);
      if (event.starts_with("data:")) return event.substr(5);
      continue;  // a comment
    }
    if (!state_->read_more()) throw std::runtime_error("http client: the stream ended");
  }
}

bool EventStream::ended() {
  try {
    while (state_->read_more()) {
    }
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace jobwire::test
