// A node on a log in memory, on a clock and a loop that the test moves.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "log/memory_log.h"
#include "node/node.h"
#include "support/clock.h"
#include "support/events.h"
#include "support/loop.h"

namespace jobwire::test {

struct NodeFixture {
  explicit NodeFixture(node::NodeOptions node_options = {}, log::MemoryLogOptions log_options = {})
      : options(node_options), log_options_(log_options) {
    start();
  }

  // As after a kill: a new log and node on what `store` holds.
  void start() {
    node.reset();
    log.reset();
    loop.drop_posted();
    log = std::make_unique<log::MemoryLog>(log_options_, store, clock, Random(++starts_), loop.post());
    node = std::make_unique<node::Node>(options, *log, clock);
    if (Status started = node->start(); !started) throw std::runtime_error(started.error().message);
  }

  using Verdicts = std::vector<node::Verdict>;
  // Given, and answered when the loop has run (and the log has committed).
  std::shared_ptr<std::optional<Verdicts>> give(std::vector<JobEvent> events) {
    auto answer = std::make_shared<std::optional<Verdicts>>();
    node->submit(std::move(events), [answer](Verdicts verdicts) { *answer = std::move(verdicts); });
    return answer;
  }
  Verdicts submit(std::vector<JobEvent> events) {
    const auto answer = give(std::move(events));
    settle();
    REQUIRE(answer->has_value());
    return std::move(**answer);
  }
  node::Verdict submit(JobEvent event) { return submit(std::vector<JobEvent>{std::move(event)}).front(); }
  // Commits and runs until nothing is left to do.
  void settle() {
    for (int i = 0; i < 100; ++i) {
      log->commit();
      loop.run_posted();
    }
  }
  void tick_after(DurationMs time) {
    clock.advance(time);
    node->tick();
    settle();
  }

  const JobState* job(std::string_view id) const {
    const node::JobRecord* record = node->find(JobId{std::string(id)});
    return record ? &record->state : nullptr;
  }

  ManualClock clock;
  Loop loop;
  log::MemoryStore store;
  node::NodeOptions options;
  std::unique_ptr<log::MemoryLog> log;
  std::unique_ptr<node::Node> node;

 private:
  log::MemoryLogOptions log_options_;
  std::uint64_t starts_ = 0;
};

inline std::optional<ErrorCode> code_of(const node::Verdict& verdict) {
  return verdict.error ? std::optional(verdict.error->code) : std::nullopt;
}

}  // namespace jobwire::test
