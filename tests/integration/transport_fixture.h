// A transport on a free loopback port, its loop on a thread of the test's.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "hub/frame.h"
#include "support/raw_socket.h"
#include "transport/transport.h"

namespace jobwire::test {

using namespace std::chrono_literals;

// Patient in all but its tick: a test shortens the one limit it is about.
inline transport::TransportOptions test_options() {
  transport::TransportOptions options;
  options.port = 0;
  options.timeouts.tick = 5ms;
  return options;
}

// Answers "METHOD path body".
inline void echo(std::shared_ptr<transport::Exchange> exchange) {
  const auto& request = exchange->request();
  transport::Response response;
  response.headers = {{"Content-Type", "text/plain"}};
  response.body = request.method + " " + request.path + " " + request.body;
  exchange->respond(std::move(response));
}

// Sends back what it receives.
class EchoSession : public transport::SessionPort {
 public:
  explicit EchoSession(hub::Sink& sink) : sink_(sink) {}
  void received(std::string_view message) override { sink_.send(hub::make_frame(sink_.framing(), message)); }
  void drained() override {}

 protected:
  hub::Sink& sink_;
};

inline transport::WebSocketRoute echo_route() {
  return {"/ws", {"jobwire.v1"}, [](hub::Sink& sink, const transport::Request&) {
            return std::make_unique<EchoSession>(sink);
          }};
}

class RunningTransport {
 public:
  explicit RunningTransport(transport::TransportOptions options = test_options(), transport::Handler handler = echo,
                            transport::WebSocketRoute route = echo_route()) {
    transport_.emplace(io_, std::move(options), std::move(handler), std::vector{std::move(route)});
    auto started = transport_->start();
    if (!started) FAIL(started.error().message);
    port_ = *started;
    thread_ = std::thread([this] { io_.run(); });
  }
  ~RunningTransport() {
    on_loop([this] { transport_.reset(); });
    work_.reset();
    io_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return port_; }
  RawSocket connect() const { return RawSocket(port_); }

  // Runs on the loop; returns when it has.
  void on_loop(const std::function<void()>& task) {
    std::promise<void> ran;
    boost::asio::post(io_, [&] {
      task();
      ran.set_value();
    });
    ran.get_future().wait();
  }
  transport::TransportStats stats() {
    transport::TransportStats copy;
    on_loop([&] { copy = transport_->stats(); });
    return copy;
  }
  // Looks again at each turn until `met(stats)`; fails the test after 20 s.
  void await_stats(const std::function<bool(const transport::TransportStats&)>& met) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!met(stats())) {
      if (std::chrono::steady_clock::now() > deadline) FAIL("the transport did not come to what was awaited");
      std::this_thread::yield();
    }
  }
  std::future<void> drain(std::function<void()> say_goodbye = {}) {
    auto done = std::make_shared<std::promise<void>>();
    on_loop([&] { transport_->drain(std::move(say_goodbye), [done] { done->set_value(); }); });
    return done->get_future();
  }

 private:
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  std::optional<transport::Transport> transport_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// A value that the loop's thread sets and the test awaits.
template <class T>
class Awaited {
 public:
  void set(T value) { promise_->set_value(std::move(value)); }
  T get() {
    auto future = promise_->get_future();
    if (future.wait_for(20s) != std::future_status::ready) FAIL("what was awaited did not come");
    return future.get();
  }

 private:
  std::shared_ptr<std::promise<T>> promise_ = std::make_shared<std::promise<T>>();
};

}  // namespace jobwire::test
