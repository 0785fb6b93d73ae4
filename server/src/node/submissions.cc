#include "node/submissions.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "node/repeats.h"

namespace jobwire::node {
namespace {

// Each round that conflicts means that somebody else's event came in between: so many in a row are given up.
constexpr int kMostRounds = 8;
constexpr DurationMs kTailPatience = 5'000;

using Indexes = std::vector<std::uint32_t>;

Indexes all_of(const std::vector<JobEvent>& events) {
  Indexes indexes(events.size());
  for (std::uint32_t i = 0; i < indexes.size(); ++i) indexes[i] = i;
  return indexes;
}

void set_repeated(Verdict& verdict, const log::Repeated& known) {
  verdict.repeated = true;
  verdict.offset = known.first.offset;
  verdict.seq = known.first.seq;
}

Error event_id_reused() {
  return Error{ErrorCode::event_id_reused, "this eventId came with another body before", "eventId", 0};
}

Error unavailable(std::string message) { return Error{ErrorCode::unavailable, std::move(message), "", 1'000}; }

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

struct Submissions::Submission {
  std::vector<JobEvent> events;
  SubmitDone done;
  std::vector<Verdict> verdicts;
  Indexes pending;    // no verdict yet; in order, like all of these
  Indexes again;      // for the next round
  Indexes held_back;  // their verdicts stand unless a head is discarded
  std::vector<std::pair<std::uint32_t, std::int64_t>>
      awaited;                 // conflicts, and the seq that the tail has still to bring
  std::uint64_t discards = 0;  // as the round began
  int rounds = 0;
  int outstanding = 0;  // answers that the round waits for
};

struct Submissions::Round {
  Ticket ticket = 0;
  Ticket until = 0;  // the newest append of others that something held back waits for
  std::vector<log::Append> batch;
  Indexes sent;
  std::vector<Repeat> repeats;
  Indexes asked;          // with a verdict that stands if the log does not know the eventId
  Indexes asked_repeats;  // their elder is in `sent`

  // Does an append of this round carry the same eventId already?
  bool repeats_what_is_sent(std::uint32_t index) const {
    const auto at = std::lower_bound(repeats.begin(), repeats.end(), index,
                                     [](const Repeat& repeat, std::uint32_t i) { return repeat.index < i; });
    return at != repeats.end() && at->index == index && std::binary_search(sent.begin(), sent.end(), at->elder);
  }
};

Submissions::Submissions(std::size_t most_jobs, Settings settings, const JobTable& table, log::EventLog& log,
                         const Clock& clock)
    : most_jobs_(most_jobs), settings_(settings), table_(table), log_(log), clock_(clock) {}
Submissions::~Submissions() = default;

void Submissions::submit(std::vector<JobEvent> events, SubmitDone done) {
  auto submission = std::make_shared<Submission>();
  submission->pending = all_of(events);
  submission->verdicts.resize(events.size());
  submission->events = std::move(events);
  submission->done = std::move(done);
  run(submission);
}

void Submissions::run(const Held& submission) {
  Submission& s = *submission;
  ++s.rounds;
  s.discards = heads_.discards();
  s.outstanding = 1;  // released at the end, so that no answer ends the round before all questions are put
  s.awaited.clear();

  Round round;
  round.ticket = given_ + 1;
  round.repeats = repeats_among(s.events, s.pending);
  round.batch.reserve(s.pending.size());
  round.sent.reserve(s.pending.size());
  for (const std::uint32_t index : s.pending) classify(s, round, index);
  s.pending.clear();

  const Indexes asked = std::move(round.asked);
  const Indexes asked_repeats = std::move(round.asked_repeats);
  if (!round.batch.empty()) {
    append(submission, std::move(round));
  } else if (round.until > completed_) {
    ++s.outstanding;
    waiting_.push_back({round.until, submission});
  }
  ask(submission, asked, false);
  ask(submission, asked_repeats, true);
  answer_arrived(submission);
}

void Submissions::classify(Submission& s, Round& round, std::uint32_t index) {
  JobEvent& event = s.events[index];
  Verdict& verdict = s.verdicts[index] = Verdict{};
  if (round.repeats_what_is_sent(index)) {
    round.asked_repeats.push_back(index);
    return;
  }
  const Heads::Head* head = heads_.find(event.job_id);
  const JobRecord* record = table_.find(event.job_id);
  const JobState* stored = record ? &record->state : nullptr;
  const JobState* state = head ? &head->state : stored;
  fill_in(state, event);
  const Result<Admission> admission = validate(state, event);
  const bool valid = admission && *admission == Admission::append;
  if (valid && (state || !is_full())) {
    const std::int64_t expected_seq = state ? state->seq : 0;
    const std::optional<JobStatus> before = state ? std::optional(state->status) : std::nullopt;
    log::Append& append = round.batch.emplace_back(log::Append{event, expected_seq});
    round.sent.push_back(index);
    heads_.advance(append.event, stored, round.ticket, clock_.now());
    if (!settings_.rules.on || !may_tell(event.body)) return;
    auto notification = notification_of(settings_.rules, before, event, heads_.find(event.job_id)->state, clock_.now());
    if (notification) append.records.push_back(std::move(*notification));
    return;
  }
  if (!admission) verdict.error = admission.error();
  if (valid) verdict.error = unavailable("this server holds as many jobs as it may");
  if (!event.event_id.empty()) round.asked.push_back(index);
  if (!head) return;
  s.held_back.push_back(index);
  round.until = std::max(round.until, head->last);
}

// A repeat is known by what its reporter sent, whatever was filled in.
void Submissions::fill_in(const JobState* head, JobEvent& event) const {
  if (!settings_.plans.concerns(head, event)) return;
  if (!event.event_id.empty()) event.reported_as = log::fingerprint(event);
  settings_.plans.fill(head, event);
}

bool Submissions::is_full() const {
  return table_.live() + heads_.size() >= most_jobs_ && table_.live() + heads_.creating() >= most_jobs_;
}

void Submissions::append(const Held& submission, Round round) {
  given_ = round.ticket;
  ++submission->outstanding;
  log_.append(std::move(round.batch), [this, submission, ticket = round.ticket,
                                       sent = std::move(round.sent)](const std::vector<log::Outcome>& outcomes) {
    completed_ = ticket;
    for (std::size_t k = 0; k < sent.size(); ++k) settle(*submission, ticket, sent[k], outcomes[k]);
    release_waiting();
    answer_arrived(submission);
  });
}

void Submissions::settle(Submission& s, Ticket ticket, std::uint32_t index, const log::Outcome& outcome) {
  Verdict& verdict = s.verdicts[index];
  const JobId& job = s.events[index].job_id;
  if (std::holds_alternative<log::Appended>(outcome)) {
    heads_.settle(job, ticket);
  } else {
    heads_.discard(job, ticket);
  }
  std::visit(Overloaded{
                 [&](const log::Appended& stored) {
                   verdict.appended = true;
                   verdict.offset = stored.offset;
                   verdict.seq = stored.seq;
                 },
                 [&](const log::Repeated& known) { set_repeated(verdict, known); },
                 [&](const log::Conflict& conflict) {
                   s.again.push_back(index);
                   s.awaited.emplace_back(index, conflict.actual_seq);
                 },
                 [&](const log::EventIdReused&) { verdict.error = event_id_reused(); },
                 [&](const log::NotStored& failure) { verdict.error = unavailable(failure.error.message); },
             },
             outcome);
}

void Submissions::ask(const Held& submission, const Indexes& indexes, bool repeats) {
  for (const std::uint32_t index : indexes) {
    ++submission->outstanding;
    log_.lookup(submission->events[index], [this, submission, index, repeats](const log::LookupOutcome& outcome) {
      looked_up(*submission, index, outcome);
      if (repeats && std::holds_alternative<std::monostate>(outcome)) submission->again.push_back(index);
      answer_arrived(submission);
    });
  }
}

void Submissions::looked_up(Submission& s, std::uint32_t index, const log::LookupOutcome& outcome) {
  if (std::holds_alternative<std::monostate>(outcome)) return;
  std::erase(s.held_back, index);
  Verdict& verdict = s.verdicts[index] = Verdict{};
  if (const auto* known = std::get_if<log::Repeated>(&outcome)) set_repeated(verdict, *known);
  if (std::holds_alternative<log::EventIdReused>(outcome)) verdict.error = event_id_reused();
  if (const auto* failure = std::get_if<log::NotStored>(&outcome)) verdict.error = unavailable(failure->error.message);
}

void Submissions::release_waiting() {
  std::vector<Waiting> waiting = std::move(waiting_);
  waiting_.clear();
  for (Waiting& entry : waiting) {
    if (entry.until > completed_) {
      waiting_.push_back(std::move(entry));
    } else {
      answer_arrived(entry.submission);
    }
  }
}

void Submissions::answer_arrived(const Held& submission) {
  if (--submission->outstanding == 0) end_round(submission);
}

void Submissions::end_round(const Held& submission) {
  Submission& s = *submission;
  if (!tail_caught_up(s)) {
    behind_.push_back({clock_.now(), submission});
    return;
  }
  if (heads_.discards() != s.discards) s.again.insert(s.again.end(), s.held_back.begin(), s.held_back.end());
  s.held_back.clear();
  s.pending.swap(s.again);
  s.again.clear();
  std::sort(s.pending.begin(), s.pending.end());
  if (s.pending.empty() || s.rounds >= kMostRounds) return answer(s);
  run(submission);
}

bool Submissions::tail_caught_up(const Submission& s) const {
  return std::all_of(s.awaited.begin(), s.awaited.end(), [&](const auto& awaited) {
    const JobRecord* record = table_.find(s.events[awaited.first].job_id);
    return (record ? record->state.seq : 0) >= awaited.second;
  });
}

void Submissions::tail_moved() {
  if (behind_.empty()) return;
  std::vector<Behind> behind = std::move(behind_);
  behind_.clear();
  for (Behind& entry : behind) {
    if (tail_caught_up(*entry.submission)) {
      end_round(entry.submission);
    } else {
      behind_.push_back(std::move(entry));
    }
  }
}

void Submissions::tick() {
  std::vector<Behind> behind = std::move(behind_);
  behind_.clear();
  for (Behind& entry : behind) {
    if (clock_.now() - entry.since < kTailPatience) {
      behind_.push_back(std::move(entry));
      continue;
    }
    entry.submission->awaited.clear();
    entry.submission->rounds = kMostRounds;
    end_round(entry.submission);
  }
}

void Submissions::answer(Submission& s) {
  for (const std::uint32_t index : s.pending) {
    s.verdicts[index].error = Error{ErrorCode::conflict, "other writers changed the job again and again", "", 0};
  }
  for (std::size_t i = 0; i < s.verdicts.size(); ++i) {
    Verdict& verdict = s.verdicts[i];
    verdict.job_id = std::move(s.events[i].job_id);
    const JobRecord* record = table_.find(verdict.job_id);
    if (!record) continue;
    verdict.cancel_requested = record->state.cancel_requested_at != 0;
    if (verdict.appended || verdict.repeated || verdict.error) continue;
    verdict.offset = record->state.version;
    verdict.seq = record->state.seq;
  }
  const SubmitDone done = std::move(s.done);
  if (done) done(std::move(s.verdicts));
}

}  // namespace jobwire::node
