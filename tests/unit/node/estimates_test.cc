#include "node/estimates.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "node_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

struct WithEstimates : NodeFixture {
  explicit WithEstimates(node::EstimateOptions estimate_options = {}) : options_(estimate_options) { watch(); }

  void watch() {
    estimates = std::make_unique<node::Estimates>(options_, node->table(), clock);
    estimates->restored();
    node->observe([this](const node::Change& change) { estimates->changed(change); }, {});
  }
  void restart() {
    start();
    watch();
  }
  void at(DurationMs after, std::vector<JobEvent> events) {
    clock.advance(after);
    submit(std::move(events));
  }
  JobEstimate of(std::string_view id) {
    estimates->refresh();
    const auto estimate = estimates->of(*job(id));
    REQUIRE(estimate);
    return *estimate;
  }
  QueueCounts queue(std::string_view name) {
    for (const QueueCounts& counts : estimates->queues()) {
      if (counts.queue == name) return counts;
    }
    FAIL("no such queue");
    return {};
  }
  JobEvent enqueue(std::string_view id, int priority = 0) {
    return with_type(with_queue(queued(id, priority), "normal"), "pdf");
  }
  // One job of type pdf in queue normal that took so long.
  void teach(DurationMs duration) {
    const std::string id = "taught" + std::to_string(++taught_);
    at(0, {enqueue(id), started(id)});
    at(duration, {completed(id)});
  }

  std::unique_ptr<node::Estimates> estimates;

 private:
  node::EstimateOptions options_;
  int taught_ = 0;
};

using Number = std::optional<std::int64_t>;

}  // namespace

TEST_CASE("the line is by priority first, then by age") {
  WithEstimates f;
  f.at(0, {f.enqueue("a")});
  f.at(1, {f.enqueue("b", 5)});
  f.at(1, {f.enqueue("c")});
  f.at(1, {f.enqueue("d", 5), f.enqueue("e", 5)});
  CHECK(f.of("b").queue_position == Number(1));
  CHECK(f.of("d").queue_position == Number(2));
  CHECK(f.of("e").queue_position == Number(3));
  CHECK(f.of("a").queue_position == Number(4));
  CHECK(f.of("c").queue_position == Number(5));

  f.at(1'000, {started("b"), removed("d"), cancelled("a")});
  CHECK(f.of("e").queue_position == Number(1));
  CHECK(f.of("c").queue_position == Number(2));
  CHECK_FALSE(f.of("b").queue_position);
  CHECK_FALSE(f.estimates->of(*f.job("a")));
  CHECK_FALSE(f.estimates->of(*f.job("d")));
}

TEST_CASE("a line is counted at most once a second") {
  WithEstimates f;
  f.at(0, {f.enqueue("a"), f.enqueue("b")});
  CHECK(f.of("b").queue_position == Number(2));
  f.at(999, {started("a")});
  CHECK(f.of("b").queue_position == Number(2));
  f.clock.advance(1);
  CHECK(f.of("b").queue_position == Number(1));
}

TEST_CASE("nothing is told before something was learnt") {
  WithEstimates f;
  f.at(0, {f.enqueue("a"), f.enqueue("b"), started("a")});
  f.clock.advance(2'000);
  CHECK(f.of("a").learning);
  CHECK_FALSE(f.of("a").remaining);
  CHECK(f.of("b").learning);
  CHECK_FALSE(f.of("b").wait);
  CHECK(f.of("b").queue_position == Number(1));
  CHECK(f.queue("normal").average_wait == Number(0));  // `a` began at once
  CHECK_FALSE(f.queue("premium").average_wait);
}

TEST_CASE("what is left is learnt from jobs of the type that completed, and not from those that failed") {
  WithEstimates f;
  f.at(0, {f.enqueue("x"), started("x")});
  f.at(100, {failed("x")});
  f.at(0, {f.enqueue("y"), started("y")});
  CHECK(f.of("y").learning);
  f.at(10'000, {completed("y")});
  f.at(0, {f.enqueue("a"), started("a")});
  f.clock.advance(4'000);
  CHECK(f.of("a").remaining == Number(6'000));
  CHECK_FALSE(f.of("a").learning);
  f.clock.advance(6'000);
  CHECK_FALSE(f.of("a").remaining);  // longer than learnt: no number, and no pretence
  CHECK_FALSE(f.of("a").learning);
  f.at(0, {with_type(started("other"), "video")});
  CHECK(f.of("other").learning);
}

TEST_CASE("a job's own pace counts once it is telling, alone where nothing was learnt") {
  WithEstimates f;
  f.at(0, {f.enqueue("a"), started("a")});
  f.at(500, {progress("a", 10)});
  CHECK(f.of("a").learning);  // half a second tells nothing
  f.at(1'500, {progress("a", 20)});
  CHECK(f.of("a").remaining == Number(8'000));
  CHECK_FALSE(f.of("a").learning);
  f.clock.advance(1'000);
  CHECK(f.of("a").remaining == Number(7'000));
  f.clock.advance(9'000);
  CHECK_FALSE(f.of("a").remaining);  // it has stopped reporting: its pace tells nothing any more
  CHECK(f.of("a").silent == Number(10'000));
}

TEST_CASE("a job much larger than those before it is seen to take longer as it goes") {
  WithEstimates f;
  f.teach(10'000);
  f.at(0, {f.enqueue("huge"), started("huge")});
  CHECK(f.of("huge").remaining == Number(10'000));
  f.at(5'000, {progress("huge", 5)});
  CHECK(*f.of("huge").remaining > 40'000);
  f.at(15'000, {progress("huge", 20)});
  CHECK(f.of("huge").remaining == Number(80'000));
}

TEST_CASE("the wait is the line played forward with as many workers as were seen at work") {
  WithEstimates f;
  f.teach(10'000);
  f.at(0, {f.enqueue("a"), f.enqueue("b"), f.enqueue("c"), f.enqueue("d"), f.enqueue("e"), started("a")});
  f.at(4'000, {started("b")});
  CHECK(f.of("c").wait == Number(6'000));   // after `a`
  CHECK(f.of("d").wait == Number(10'000));  // after `b`
  CHECK(f.of("e").wait == Number(16'000));  // after `c`
  CHECK(f.of("e").remaining == Number(26'000));
  CHECK_FALSE(f.of("e").learning);
}

TEST_CASE("a line that nobody serves has positions, but no waits") {
  WithEstimates f;
  f.teach(1'000);
  f.at(60'000, {f.enqueue("a")});
  CHECK(f.of("a").wait == Number(0));  // a worker was there a minute ago
  f.clock.advance(6'000);
  CHECK_FALSE(f.of("a").wait);  // and is not any more
  CHECK_FALSE(f.of("a").learning);
  CHECK(f.of("a").queue_position == Number(1));
}

TEST_CASE("a job without a queue stands in no line, and enters one when its queue becomes known") {
  WithEstimates f;
  f.at(0, {queued("a")});
  CHECK_FALSE(f.of("a").queue_position);
  CHECK_FALSE(f.of("a").learning);
  f.at(1'000, {with_queue(log_line("a", "routed"), "normal")});
  CHECK(f.of("a").queue_position == Number(1));
  CHECK(f.queue("normal").waiting == 1);
}

TEST_CASE("a retried job waits again, in front of younger ones") {
  WithEstimates f;
  f.at(0, {f.enqueue("a"), started("a")});
  f.at(1'000, {failed("a"), f.enqueue("b")});
  f.at(1'000, {retried("a")});
  CHECK(f.of("a").queue_position == Number(1));
  CHECK(f.of("b").queue_position == Number(2));
  f.at(4'000, {started("a")});
  CHECK(f.queue("normal").average_wait == Number(2'000));  // 0 at first, 4,000 the second time
}

TEST_CASE("queues are counted; the three that exist by default are always there") {
  WithEstimates f;
  std::vector<std::string> names;
  for (const auto& counts : f.estimates->queues()) names.push_back(counts.queue);
  CHECK(names == std::vector<std::string>{"large", "normal", "premium"});
  f.at(0, {f.enqueue("a"), f.enqueue("b"), with_queue(queued("c"), "gpu")});
  f.at(3'000, {started("a")});
  CHECK(f.queue("normal") == QueueCounts{"normal", 1, 1, 3'000});
  CHECK(f.queue("gpu") == QueueCounts{"gpu", 1, 0, {}});
  f.at(1'000, {completed("a"), removed("b")});
  CHECK(f.queue("normal") == QueueCounts{"normal", 0, 0, 3'000});
}

TEST_CASE("silence is told of active jobs from its threshold on") {
  WithEstimates f;
  f.at(0, {started("a"), queued("b")});
  f.clock.advance(9'999);
  CHECK_FALSE(f.of("a").silent);
  f.clock.advance(1);
  CHECK(f.of("a").silent == Number(10'000));
  CHECK_FALSE(f.of("b").silent);
  f.at(0, {cancel_requested("a")});  // somebody else's event is no report
  CHECK(f.of("a").silent == Number(10'000));
  f.at(0, {log_line("a", "still here")});
  CHECK_FALSE(f.of("a").silent);
}

TEST_CASE("a restart learns from the jobs that it restores, and finds the lines as they were") {
  WithEstimates f;
  f.at(0, {f.enqueue("done")});
  f.at(2'000, {with_stage(started("done"), "pages")});
  f.at(10'000, {completed("done")});
  f.at(0, {f.enqueue("a"), f.enqueue("b"), with_stage(started("a"), "pages")});
  f.clock.advance(4'000);
  const JobEstimate active = f.of("a");
  const JobEstimate waiting = f.of("b");
  f.restart();
  CHECK(f.of("a") == active);
  CHECK(active.remaining == Number(6'000));
  CHECK(f.of("b") == waiting);
  CHECK(waiting.wait == Number(6'000));
  CHECK(f.queue("normal").waiting == 1);
  CHECK(f.queue("normal").active == 1);
}

TEST_CASE("more samples may be asked for before a number is given") {
  node::EstimateOptions options;
  options.samples_to_learn = 2;
  WithEstimates f(options);
  f.teach(10'000);
  f.at(0, {f.enqueue("a"), started("a")});
  CHECK(f.of("a").learning);
  f.teach(20'000);
  f.at(0, {f.enqueue("b"), started("b")});
  CHECK(f.of("b").remaining == Number(15'000));
}

TEST_CASE("queues that come and go are not remembered for ever") {
  node::EstimateOptions options;
  options.most_queues = 10;
  WithEstimates f(options);
  f.at(0, {with_queue(queued("stays"), "busy")});
  for (int i = 0; i < 100; ++i) {
    const std::string id = "j" + std::to_string(i);
    f.at(1, {with_queue(queued(id), "q" + id), completed(id)});
  }
  CHECK(f.estimates->queues().size() <= 10);
  CHECK(f.queue("busy").waiting == 1);
  CHECK(f.queue("premium").waiting == 0);
}

TEST_CASE("property: counts are those of the table, positions are 1 to n, and no number is negative") {
  const auto holds = rc::check([] {
    WithEstimates f;
    for (int i = *rc::gen::inRange(1, 60); i > 0; --i) {
      const std::string id = "j" + std::to_string(*rc::gen::inRange(0, 8));
      const int kind = *rc::gen::inRange(0, 9);
      JobEvent event = kind == 0   ? queued(id, *rc::gen::inRange(-3, 4))
                       : kind == 1 ? started(id)
                       : kind == 2 ? completed(id)
                       : kind == 3 ? failed(id)
                       : kind == 4 ? retried(id)
                       : kind == 5 ? removed(id)
                       : kind == 6 ? log_line(id, "line")
                                   : progress(id, *rc::gen::inRange(0, 101));
      if (*rc::gen::inRange(0, 2)) event.identity.queue = "normal";
      if (*rc::gen::inRange(0, 2)) event.identity.type = "pdf";
      if (*rc::gen::inRange(0, 3) == 0) event.stage = "s" + std::to_string(*rc::gen::inRange(0, 3));
      f.clock.advance(*rc::gen::inRange(0, 30'000));
      f.submit(event);
      if (*rc::gen::inRange(0, 25) == 0) f.restart();
    }
    f.clock.advance(1'000);
    f.estimates->refresh();
    std::int64_t waiting = 0;
    std::int64_t active = 0;
    std::vector<std::int64_t> positions;
    for (const auto& [version, record] : f.node->table().all()) {
      const JobState& job = record->state;
      const auto estimate = f.estimates->of(job);
      RC_ASSERT(estimate.has_value() == !(job.removed || is_terminal(job.status)));
      if (!estimate) continue;
      for (const auto& number : {estimate->wait, estimate->remaining, estimate->silent})
        RC_ASSERT(number.value_or(0) >= 0);
      RC_ASSERT(!(estimate->learning && estimate->remaining));
      if (estimate->queue_position) positions.push_back(*estimate->queue_position);
      if (job.identity.queue.empty()) continue;
      (job.status == JobStatus::queued ? waiting : active) += 1;
    }
    std::sort(positions.begin(), positions.end());
    RC_ASSERT(static_cast<std::int64_t>(positions.size()) == waiting);
    for (std::size_t i = 0; i < positions.size(); ++i) RC_ASSERT(positions[i] == static_cast<std::int64_t>(i) + 1);
    RC_ASSERT(f.queue("normal").waiting == waiting);
    RC_ASSERT(f.queue("normal").active == active);
    RC_ASSERT(f.queue("normal").average_wait.value_or(0) >= 0);
  });
  CHECK(holds);
}
