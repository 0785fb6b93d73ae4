// A small blocking HTTP client for tests; every wait is bounded, and what goes wrong is a std::runtime_error.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jobwire::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;

  std::string header(std::string_view name) const;  // case-insensitive; empty: absent
};

// One keep-alive connection, opened at the first request and again when the server has closed it.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, std::string token = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  // Authorization (the token), Host and Content-Length are added where `headers` do not carry them.
  HttpResponse request(std::string method, std::string target, Headers headers = {}, std::string body = {});

  HttpResponse get(std::string target) { return request("GET", std::move(target)); }
  HttpResponse post(std::string target, std::string json) {
    return request("POST", std::move(target), {{"content-type", "application/json"}}, std::move(json));
  }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A streamed response (text/event-stream), one `data:` at a time.
class EventStream {
 public:
  EventStream(std::uint16_t port, std::string method, std::string target, Headers headers = {}, std::string body = {});
  ~EventStream();

  int status() const;
  std::string header(std::string_view name) const;
  std::string next();  // content of the next event's data; throws after 20 s, and at the end of the stream
  bool ended();        // waits for the end; false when 20 s pass without

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jobwire::test
