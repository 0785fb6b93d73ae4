// What holds for every dialect, whatever its words; each one's own words are in tests/vectors/dialects.
#include "dialect/dialect.h"

#include <catch2/catch.hpp>
#include <set>

#include "jobwire/json_object.h"
#include "jobwire/socketio.h"
#include "support/events.h"

using namespace jobwire;
using namespace jobwire::test;
using namespace jobwire::dialect;

namespace {

JobEvent event_of(EventBody body) {
  JobEvent event;
  event.job_id.value = "j";
  event.body = std::move(body);
  return event;
}

// Every kind of event there is.
std::vector<JobEvent> all_events() {
  std::vector<JobEvent> events;
  events.push_back(event_of(event::Queued{}));
  events.push_back(event_of(event::Started{}));
  events.push_back(event_of(event::Progress{Percent{5'000}}));
  events.push_back(event_of(event::Log{}));
  events.push_back(event_of(event::Updated{"warming up", Percent{6'000}}));
  events.push_back(event_of(event::Completed{RawJson{R"({"pages":24})"}}));
  events.push_back(event_of(event::Failed{JobError{"no such page", "E_PAGE"}}));
  events.push_back(event_of(event::CancelRequested{"why"}));
  events.push_back(event_of(event::Cancelled{"why"}));
  events.push_back(event_of(event::Retried{}));
  events.push_back(event_of(event::Stalled{}));
  events.push_back(event_of(event::Resumed{}));
  events.push_back(event_of(event::Removed{}));
  return events;
}

constexpr Moment kMoments[] = {Moment::queued,    Moment::started, Moment::progress, Moment::updated,
                               Moment::completed, Moment::failed,  Moment::cancelled};

// A job whose every text and name would break out of what is written around it, if it could.
JobState hostile_job() {
  const std::string nasty = "\"}],\\ \n\x01 </script> \xe2\x80\xa8 \xc3\xa9";
  JobState job;
  job.id.value = "\"},{\"jobId\":\"other";
  job.identity.type = nasty;
  job.identity.user_id.value = nasty;
  job.identity.ref = "k\"ind:han\"dle";
  job.status_text = job.stage = job.message = job.cancel_reason = nasty;
  job.error = JobError{nasty, nasty};
  job.result.text = R"({"jobId":"result's"})";
  for (const char* name : {"jobId", "fileId", "interviewId", "status", "progress", "timestamp", "result", "error",
                           "message", "eventType", "userId", "k\"indId", "\"\n"}) {
    put(job.metadata, name, R"({"from":"metadata"})");
  }
  return job;
}

}  // namespace

TEST_CASE("each dialect has a name and a path of its own kind") {
  std::set<std::string> names;
  for (const auto& each : all_dialects()) {
    CHECK(names.insert(std::string(each->name())).second);
    CHECK(each->path().starts_with('/'));
  }
  CHECK(names == std::set<std::string>{"queue", "jobs", "analysis", "pdf", "file-processing"});
}

TEST_CASE("whatever a job is called or says, what is told is one JSON object under an event that may be said") {
  const JobState job = hostile_job();
  JobEvent event = event_of(event::Updated{job.status_text, Percent{6'000}});
  event.message = event.stage = job.message;
  event.metadata = job.metadata;
  JobEstimate estimate;
  estimate.queue_position = 3;
  estimate.wait = 61'000;
  for (const auto& each : all_dialects()) {
    for (const Moment moment : kMoments) {
      for (const JobEvent* by : {static_cast<const JobEvent*>(nullptr), static_cast<const JobEvent*>(&event)}) {
        std::vector<Said> said;
        each->say(moment, {job, by, &estimate, 1'764'000'000'000}, said);
        CHECK(said.size() <= 2);
        for (const Said& one : said) {
          INFO(each->name() << " " << one.event << " " << one.data);
          CHECK_FALSE(socketio::is_reserved(one.event));
          const auto object = JsonObject::parse(one.data, {}, "data", JsonObject::Repeats::refused);
          REQUIRE(object);
          const auto* id = object->find(each->name() == "file-processing" ? "fileId" : "jobId");
          REQUIRE(id != nullptr);
          CHECK(id->text == (each->name() == "file-processing" ? "han\"dle" : job.id.value));
        }
      }
    }
  }
}

TEST_CASE("workers and payloads are nobody's to be told in a dialect") {
  JobState job;
  job.id.value = "j";
  job.worker_id = "worker-7";
  job.payload.text = R"("sesame")";
  for (const auto& each : all_dialects()) {
    for (const Moment moment : kMoments) {
      std::vector<Said> said;
      each->say(moment, {job, nullptr, nullptr, 0}, said);
      for (const Said& one : said) {
        CHECK(one.data.find("worker-7") == std::string::npos);
        CHECK(one.data.find("sesame") == std::string::npos);
      }
    }
  }
}

TEST_CASE("what a client asks for is understood in its own namespace's words only") {
  const std::set<std::pair<std::string, std::string>> words = {{"jobs", "subscribe:jobs"},
                                                               {"jobs", "unsubscribe:jobs"},
                                                               {"file-processing", "subscribe:file"},
                                                               {"file-processing", "unsubscribe:file"},
                                                               {"pdf", "subscribe-admin"},
                                                               {"pdf", "unsubscribe-admin"},
                                                               {"pdf", "request-system-metrics"}};
  for (const auto& each : all_dialects()) {
    for (const auto& [dialect, event] : words) {
      const bool known = each->understand(event, R"({"fileId":"f"})").kind != Wish::Kind::unknown;
      INFO(each->name() << " " << event);
      CHECK(known == (each->name() == dialect));
    }
    CHECK(each->understand("", "").kind == Wish::Kind::unknown);
    CHECK(each->understand("Subscribe:Jobs", "{}").kind == Wish::Kind::unknown);
  }
}

TEST_CASE("a payload that is not what it should be is refused, and the field is named") {
  const auto jobs = jobs_dialect();
  const auto files = file_processing_dialect();
  const auto field = [](const Dialect& dialect, const char* event, const char* data) {
    const Wish wish = dialect.understand(event, data);
    INFO(event << " " << data);
    CHECK(wish.kind == Wish::Kind::refused);
    CHECK_FALSE(wish.error.message.empty());
    return wish.error.field;
  };
  CHECK(field(*jobs, "subscribe:jobs", R"({"jobId":7})") == "jobId");
  CHECK(field(*jobs, "subscribe:jobs", R"({"userId":["a"]})") == "userId");
  CHECK(field(*jobs, "subscribe:jobs", "[]") == "the payload");
  CHECK(field(*jobs, "unsubscribe:jobs", "\"42\"") == "the payload");
  CHECK(field(*files, "subscribe:file", R"({"fileId":7})") == "fileId");
  CHECK(field(*files, "subscribe:file", R"({"fileId":""})") == "fileId");
  CHECK(field(*files, "subscribe:file", "{}") == "fileId");
  CHECK(field(*files, "subscribe:file", "") == "the payload");
}

TEST_CASE("to subscribe to jobs with no payload, or an empty one, is to subscribe to all") {
  const auto jobs = jobs_dialect();
  for (const char* data : {"", "null", "{}", R"({"jobId":null,"userId":null})"}) {
    const Wish wish = jobs->understand("subscribe:jobs", data);
    CHECK(wish.kind == Wish::Kind::follow);
    CHECK(wish.job.empty());
    CHECK(wish.user.empty());
  }
}

TEST_CASE("an acknowledgement is an object whose success says whether") {
  const Outcome refusal{"job:42", Error{ErrorCode::forbidden, "not \"yours\"", {}, 0}};
  const Wish follow{Wish::Kind::follow, "42", {}};
  for (const char* name : {"jobs", "pdf", "file-processing"}) {
    for (const auto& each : all_dialects()) {
      if (each->name() != name) continue;
      const auto yes = JsonObject::parse(each->answer(follow, Outcome{"job:42", {}}).acknowledgement);
      const auto no = JsonObject::parse(each->answer(follow, refusal).acknowledgement);
      REQUIRE(yes);
      REQUIRE(no);
      CHECK(yes->find("success")->is_true());
      CHECK(no->find("success")->text == "false");
      CHECK(*no->text("message") == "not \"yours\"");
      CHECK_FALSE(each->answer(follow, refusal).event);
    }
  }
  CHECK(file_processing_dialect()->answer(follow, {"job:42", {}}).event == Said{"subscribed", R"({"fileId":"42"})"});
}

TEST_CASE("which moments an event makes: two when a report begins the work, none that nobody has a word for") {
  JobState active;
  active.status = JobStatus::active;
  JobState waiting;
  const std::vector<JobEvent> events = all_events();
  std::vector<std::vector<Moment>> made;
  for (const JobEvent& event : events) made.push_back(moments_of(event, active, false));
  const std::vector<std::vector<Moment>> expected = {{Moment::queued},
                                                     {Moment::started},
                                                     {Moment::progress},
                                                     {Moment::progress},
                                                     {Moment::updated},
                                                     {Moment::completed},
                                                     {Moment::failed},
                                                     {},
                                                     {Moment::cancelled},
                                                     {Moment::queued},
                                                     {},
                                                     {},
                                                     {}};
  CHECK(made == expected);
  CHECK(moments_of(events[2], active, true) == std::vector{Moment::started, Moment::progress});
  CHECK(moments_of(events[4], active, true) == std::vector{Moment::started, Moment::updated});
  CHECK(moments_of(events[1], active, true) == std::vector{Moment::started});
  CHECK(moments_of(events[3], waiting, false) == std::vector{Moment::queued});  // a log line of a job that waits
}

TEST_CASE("only a report may wait for a newer one: what changes a job's life is told at once") {
  std::vector<bool> may;
  for (const JobEvent& event : all_events()) may.push_back(may_wait(event));
  CHECK(may ==
        std::vector<bool>{false, false, true, true, true, false, false, false, false, false, false, false, false});
}

TEST_CASE("how a job stands is told by its status, one that runs as started and where it is") {
  JobState job;
  const std::pair<JobStatus, std::vector<Moment>> stands[] = {{JobStatus::queued, {Moment::queued}},
                                                              {JobStatus::active, {Moment::started, Moment::progress}},
                                                              {JobStatus::completed, {Moment::completed}},
                                                              {JobStatus::failed, {Moment::failed}},
                                                              {JobStatus::cancelled, {Moment::cancelled}}};
  for (const auto& [status, moments] : stands) {
    job.status = status;
    CHECK(moments_of(job) == moments);
  }
}

TEST_CASE("queue-status has its three queues always and others beside them, but for names that are taken") {
  push::QueueStatus status;
  status.queues = {{"large", 2, 1, 90'000}, {"own \"one\"", 3, 0, std::nullopt}, {"totalWorkers", 9, 9, std::nullopt}};
  SystemFigures figures;
  figures.total_workers = 4;
  figures.active_workers = 1;
  CHECK(pdf_dialect()->queue_status(status, figures) ==
        R"({"premium":{"waiting":0,"active":0,"avgWaitTime":0},"normal":{"waiting":0,"active":0,"avgWaitTime":0},)"
        R"("large":{"waiting":2,"active":1,"avgWaitTime":1.5},"own \"one\"":{"waiting":3,"active":0,"avgWaitTime":0},)"
        R"("totalWorkers":4,"activeWorkers":1})");
  for (const auto& each : all_dialects()) CHECK(each->queue_status(status, figures).empty() == (each->name() != "pdf"));
}
