// From submitted events to verdicts: validate against the head, append with its seq, and again where that failed.
//
// A submission goes in rounds. Each event that has no verdict yet is
//   appended          it is valid on its job's head (stored, or under way)
//   asked of the log  it has an eventId and is not to be appended: a repeat gets the first verdict, whatever the job is
//   now held back         it was refused, or is nothing to do, because of appends under way: true only once they are
//   stored or decided at once.
// The round ends when all its answers are there. What conflicted, and what was held back while a head was discarded,
// goes again, in order, against the newest state.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "jobwire/job_event.h"
#include "jobwire/time.h"
#include "log/event_log.h"
#include "node/heads.h"
#include "node/job_table.h"
#include "node/notification_rules.h"
#include "node/stage_plans.h"
#include "node/verdict.h"

namespace jobwire::node {

class Submissions {
 public:
  // Events are filled in by the plans before they are validated. Everything given outlives the submissions.
  struct Settings {
    const StagePlans& plans;
    const NotificationRules& rules;
  };
  Submissions(std::size_t most_jobs, Settings settings, const JobTable& table, log::EventLog& log, const Clock& clock);
  ~Submissions();

  void submit(std::vector<JobEvent> events, SubmitDone done);
  bool in_flight(const JobId& job) const { return heads_.find(job) != nullptr; }
  // Grows when an append did not succeed: a sweep that passed over a job in flight begins again.
  std::uint64_t discards() const { return heads_.discards(); }

  void tail_moved();  // the table has taken in what the tail delivered
  void tick();        // gives up on a tail that does not catch up

 private:
  struct Submission;
  using Held = std::shared_ptr<Submission>;
  struct Round;
  struct Waiting {
    Ticket until;
    Held submission;
  };
  struct Behind {
    UnixMs since;
    Held submission;
  };

  void run(const Held& submission);
  void classify(Submission& submission, Round& round, std::uint32_t index);
  void append(const Held& submission, Round round);
  void settle(Submission& submission, Ticket ticket, std::uint32_t index, const log::Outcome& outcome);
  void ask(const Held& submission, const std::vector<std::uint32_t>& indexes, bool repeats);
  void looked_up(Submission& submission, std::uint32_t index, const log::LookupOutcome& outcome);
  void release_waiting();
  void answer_arrived(const Held& submission);
  void end_round(const Held& submission);
  bool tail_caught_up(const Submission& submission) const;
  void answer(Submission& submission);
  void fill_in(const JobState* head, JobEvent& event) const;
  bool is_full() const;

  std::size_t most_jobs_;
  Settings settings_;
  const JobTable& table_;
  log::EventLog& log_;
  const Clock& clock_;
  Heads heads_;
  Ticket given_ = 0;
  Ticket completed_ = 0;
  std::vector<Waiting> waiting_;  // for appends of others
  std::vector<Behind> behind_;    // for the tail
};

}  // namespace jobwire::node
