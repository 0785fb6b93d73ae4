// A server but for its transport: log, node and hub in memory, on a clock and a loop that the test moves.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "auth/authenticator.h"
#include "hub/hub.h"
#include "log/memory_log.h"
#include "node/estimates.h"
#include "node/node.h"
#include "support/clock.h"

namespace jobwire::test {

// What waits for its turn, on the one thread that there is.
class Tasks {
 public:
  log::Post post() {
    return [this](std::function<void()> task) { queue_.push_back(std::move(task)); };
  }
  // Until nothing is left, of what the tasks post too.
  void run() {
    while (!queue_.empty()) {
      const auto task = std::move(queue_.front());
      queue_.pop_front();
      task();
    }
  }

 private:
  std::deque<std::function<void()>> queue_;
};

struct Core {
  explicit Core(node::NodeOptions options = {}) : node(std::move(options), log, clock) {}

  // Once, before anything else.
  [[nodiscard]] Status start(std::unique_ptr<const auth::Authenticator> keys, hub::HubOptions options = {}) {
    authenticator = std::move(keys);
    if (Status started = node.start(); !started) return started;
    hub.emplace(std::move(options), node, estimates, *authenticator, clock, 7, tasks.post());
    return Done{};
  }
  void submit(std::vector<JobEvent> events, node::SubmitDone done) {
    node.submit(std::move(events), std::move(done));
    run();
  }
  void run() { tasks.run(); }
  void pass(DurationMs time) {
    for (DurationMs left = time; left > 0; left -= 100) {
      clock.advance(std::min<DurationMs>(left, 100));
      hub->tick();
      run();
    }
  }

  ManualClock clock;
  Tasks tasks;
  log::MemoryStore store;
  log::MemoryLog log{{}, store, clock, Random(1), tasks.post()};
  node::Node node;
  node::Estimates estimates{{}, node.table(), clock};
  std::unique_ptr<const auth::Authenticator> authenticator;
  std::optional<hub::Hub> hub;
};

}  // namespace jobwire::test
