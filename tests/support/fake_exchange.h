// An exchange without a connection: a test puts a request in and looks at what was answered.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/exchange.h"

namespace jobwire::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

// "" where there is none.
inline std::string header(const transport::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

class FakeBody final : public transport::BodyStream {
 public:
  void write(std::shared_ptr<const std::string> bytes) override {
    written += *bytes;
    unsent += stalled ? bytes->size() : 0;
  }
  void end() override { ended = true; }
  std::size_t unsent_bytes() const override { return unsent; }
  void on_drained(std::function<void()> drained) override { drained_ = std::move(drained); }
  void drain() {
    unsent = 0;
    if (drained_) drained_();
  }

  std::string written;
  bool ended = false;
  bool stalled = false;  // the peer reads nothing
  std::size_t unsent = 0;

 private:
  std::function<void()> drained_;
};

class FakeExchange final : public transport::Exchange {
 public:
  explicit FakeExchange(transport::Request request) : request_(std::move(request)) {}

  const transport::Request& request() const override { return request_; }
  void respond(transport::Response given) override {
    ++answers;
    if (given.shared_body) given.body = *given.shared_body;
    response = std::move(given);
    const auto forgotten = std::exchange(aborted_, nullptr);
  }
  std::shared_ptr<transport::BodyStream> stream(transport::Response head) override {
    ++answers;
    response = std::move(head);
    body = std::make_shared<FakeBody>();
    return body;
  }
  void on_abort(std::function<void()> aborted) override { aborted_ = std::move(aborted); }
  void abort() {  // the peer goes away
    if (const auto aborted = std::exchange(aborted_, nullptr)) aborted();
  }

  std::optional<transport::Response> response;
  std::shared_ptr<FakeBody> body;
  int answers = 0;

 private:
  transport::Request request_;
  std::function<void()> aborted_;
};

}  // namespace jobwire::test
