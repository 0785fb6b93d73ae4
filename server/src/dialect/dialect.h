// A dialect: how a job reads in the words of a system that a front end was written for. Pure: what happened in, named
// events out. One file each; config and hub know them only as what stands here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/error.h"
#include "jobwire/job_event.h"
#include "jobwire/job_state.h"
#include "jobwire/message.h"

namespace jobwire::dialect {

// What a dialect can say of a job. What none of them has a word for (stalled, resumed, a cancel that was asked for) is
// not among these; a retry is told as queued.
enum class Moment : std::uint8_t { queued, started, progress, updated, completed, failed, cancelled };

struct Telling {
  const JobState& job;          // after it
  const JobEvent* event;        // null: nothing has happened; this is how the job stands, for who joins now
  const JobEstimate* estimate;  // null: none
  UnixMs at;                    // when it happened
};

// One event with one argument, as JSON text.
struct Said {
  std::string event;
  std::string data;
  bool operator==(const Said&) const = default;
};

// What a client asks for by an event of its own.
struct Wish {
  enum class Kind : std::uint8_t {
    unknown,  // not this dialect's
    follow,
    leave,
    follow_admin,
    leave_admin,
    metrics,  // once, now
    refused,  // `error` says why
  };
  Kind kind = Kind::unknown;
  std::string job;   // an id, or what stands after the colon of a `ref`
  std::string user;  // with neither: everything that the client may see
  Error error = {};
  std::string_view job_field = "jobId";  // what the client calls `job`
};
// What came of it. `room` names what is followed now, as the client's acknowledgement says it.
struct Outcome {
  std::string room = {};
  std::optional<Error> refusal = {};
};
struct Answer {
  std::string acknowledgement = {};  // JSON text; empty: none
  std::optional<Said> event = {};
};

// What the server knows of those who work, and of itself.
struct Worker {
  std::string id;
  std::vector<std::string> jobs;  // that it is at
};
struct SystemFigures {
  UnixMs at = 0;
  std::vector<Worker> workers = {};  // by name; that have a job, or had one lately
  std::int64_t active_workers = 0;   // a job whose worker said no name counts as one
  std::int64_t total_workers = 0;
  std::int64_t memory_bytes = 0;     // of the server's process
  std::int64_t cpu_hundredths = 0;   // of a percent of one core, since these were last asked for
  std::int64_t load_hundredths = 0;  // of the machine, over the last minute
  std::int64_t ended = 0;            // jobs, as far as they are not removed
  std::int64_t failed = 0;           // of those
  std::int64_t ended_last_hour = 0;
  DurationMs average_duration = 0;
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view name() const = 0;  // in the configuration
  virtual std::string_view path() const = 0;  // its namespace, and where plain WebSockets find it

  // In order; often one or none.
  virtual void say(Moment moment, const Telling& telling, std::vector<Said>& into) const = 0;

  // `data`: the event's first argument as JSON text; empty: none.
  virtual Wish understand(std::string_view event, std::string_view data) const;
  virtual Answer answer(const Wish& wish, const Outcome& outcome) const;

  // Does a connection follow its own user's jobs without asking?
  virtual bool joins_own_user() const { return false; }
  // Is a connection without a good token told `auth-error` and then disconnected, instead of refused?
  virtual bool tells_auth_error() const { return false; }
  // Is a waiting job told again when its place in the queue has changed?
  virtual bool tells_estimates() const { return false; }
  // Is a refusal told by the event `exception` also to who has asked for an acknowledgement?
  virtual bool refuses_aloud() const { return false; }
  // Is a job also followed by what stands after the colon of its `ref`?
  virtual bool follows_refs() const { return false; }
  // queue-status and system-metrics; empty: it has no such event.
  virtual std::string queue_status(const push::QueueStatus&, const SystemFigures&) const { return {}; }
  virtual std::string system_metrics(const push::QueueStatus&, const SystemFigures&) const { return {}; }
};

// All that there are, in the order in which they stand in the documentation.
std::vector<std::unique_ptr<Dialect>> all_dialects();

std::unique_ptr<Dialect> queue_dialect();            // /queue
std::unique_ptr<Dialect> jobs_dialect();             // /jobs
std::unique_ptr<Dialect> analysis_dialect();         // /
std::unique_ptr<Dialect> pdf_dialect();              // /
std::unique_ptr<Dialect> file_processing_dialect();  // /file-processing

// ---- which moments ----
// Of a change that the job has just taken: none, one, or two (a report by which it `began` to run).
std::vector<Moment> moments_of(const JobEvent& event, const JobState& after, bool began);
// Of a job as it stands, for who joins now: one that runs is told as started and then where it is.
std::vector<Moment> moments_of(const JobState& job);
// May it wait for a newer one? Progress may; what changes the job's life may not.
bool may_wait(const JobEvent& event);

}  // namespace jobwire::dialect
