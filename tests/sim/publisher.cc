#include "publisher.h"

#include "support/events.h"

namespace jobwire::sim {

JobIdentity identity_of(const JobId& job, int events_before) {
  const int number = std::stoi(job.value.substr(1));
  JobIdentity identity;
  identity.type = number % 2 == 0 ? "pdf" : "video";
  identity.queue = number % 3 == 0 ? "normal" : "large";
  switch (number % 5) {
    case 0:
    case 1:
      identity.user_id.value = "alice";
      break;
    case 2:
      identity.user_id.value = "bob";
      break;
    case 3:
      break;
    default:
      if (events_before >= 2) identity.user_id.value = "alice";
  }
  return identity;
}

Publisher::Publisher(std::string name, std::vector<JobId> jobs, Timeline& timeline, Random& random,
                     std::function<Server*()> server, std::vector<std::string>& violations)
    : name_(std::move(name)),
      jobs_(std::move(jobs)),
      timeline_(timeline),
      random_(random),
      server_(std::move(server)),
      violations_(violations) {}

void Publisher::run(UnixMs until, DurationMs pause) {
  until_ = until;
  pause_ = pause;
  step();
}

void Publisher::step() {
  if (timeline_.now() >= until_) return;
  Batch batch;
  for (std::uint64_t many = 1 + random_.below(4); many-- > 0;)
    batch.push_back(next_event(jobs_[random_.below(jobs_.size())]));
  outstanding_[++batches_made_] = std::move(batch);
  send(batches_made_);
  timeline_.after(1 + static_cast<DurationMs>(random_.below(static_cast<std::uint64_t>(pause_) * 2)),
                  [this, alive = alive_] {
                    if (*alive) step();
                  });
}

JobEvent Publisher::make(const JobId& job, EventBody body) {
  JobEvent event = test::event_of(job.value, std::move(body));
  event.event_id = name_ + std::to_string(++events_made_);
  int& before = reported_[job];
  event.identity = identity_of(job, before++);
  return event;
}

// A plausible story, with mistakes: chatter most of the time, ends and retries now and then.
JobEvent Publisher::next_event(const JobId& job) {
  const auto percent = static_cast<std::int32_t>(random_.below(10'001));
  switch (random_.below(24)) {
    case 0:
      return make(job, event::Queued{static_cast<std::int32_t>(random_.below(10)), RawJson{"{\"secret\":1}"}});
    case 1:
    case 2:
      return make(job, event::Started{"worker-1"});
    case 3:
      return make(job, event::Completed{RawJson{"{\"pages\":3}"}});
    case 4:
      return make(job, event::Failed{JobError{"no such page", "E_PAGE"}});
    case 5:
      return make(job, event::Cancelled{"enough"});
    case 6:
    case 7:
    case 8:
      return make(job, event::Retried{});
    case 9:
      return random_.below(8) == 0 ? make(job, event::Removed{}) : make(job, event::Log{});
    case 10:
      return make(job, event::CancelRequested{"why not"});
    case 11:
      return make(job, event::Updated{"warming up", Percent{percent}});
    case 12:
      return make(job, event::Stalled{});
    case 13:
    case 14:
    case 15: {
      JobEvent event = make(job, event::Log{});
      event.message = "line " + std::to_string(percent);
      if (random_.below(3) == 0) event.metadata = {{"size", RawJson{std::to_string(percent)}}};
      return event;
    }
    default: {
      JobEvent event = make(job, event::Progress{Percent{percent}});
      if (random_.below(2) == 0) event.stage = "stage " + std::to_string(random_.below(5));
      if (random_.below(20) == 0) event.message = std::string(1 + random_.below(3'000), 'x');
      return event;
    }
  }
}

void Publisher::finish() {
  Batch batch;
  for (const JobId& job : jobs_) {
    if (random_.below(4) != 0) batch.push_back(make(job, event::Completed{RawJson{"\"done\""}}));
  }
  if (batch.empty()) return;
  outstanding_[++batches_made_] = std::move(batch);
  send(batches_made_);
}

void Publisher::send(std::uint64_t number) {
  const auto again = [this, alive = alive_, number](DurationMs delay) {
    timeline_.after(delay, [this, alive, number] {
      if (*alive && outstanding_.count(number) != 0) send(number);
    });
  };
  again(1'500 + static_cast<DurationMs>(random_.below(1'000)));
  Server* server = server_();
  if (server == nullptr || random_.below(20) == 0) return;  // refused, or lost on the way
  server->publish(outstanding_.at(number), [this, alive = alive_, number](const std::vector<node::Verdict>& verdicts) {
    if (!*alive || random_.below(15) == 0) return;  // the answer is lost
    if (outstanding_.count(number) == 0) return;
    answered(number, verdicts);
  });
}

void Publisher::answered(std::uint64_t number, const std::vector<node::Verdict>& verdicts) {
  const Batch& batch = outstanding_.at(number);
  Batch failed;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const node::Verdict& verdict = verdicts[i];
    const bool stored = verdict.appended || verdict.repeated;
    if (verdict.error && verdict.error->code == ErrorCode::unavailable) failed.push_back(batch[i]);
    if (verdict.error && verdict.error->code == ErrorCode::event_id_reused) {
      violations_.push_back(name_ + ": " + batch[i].event_id + " was taken for another event");
    }
    if (!stored) continue;
    acknowledged_.push_back({batch[i], verdict.offset});
  }
  const bool repeat = failed.empty() && random_.below(10) == 0;
  Batch rest = repeat ? batch : std::move(failed);
  outstanding_.erase(number);
  if (rest.empty()) return;
  outstanding_[++batches_made_] = std::move(rest);
  timeline_.after(500, [this, alive = alive_, next = batches_made_] {
    if (*alive && outstanding_.count(next) != 0) send(next);
  });
}

}  // namespace jobwire::sim
