#include "dialect/words.h"

#include <catch2/catch.hpp>

#include "support/events.h"

using namespace jobwire;
using namespace jobwire::test;
using namespace jobwire::dialect;

namespace {

std::string hundredths(std::int64_t number) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_hundredths(json, "n", number);
  json.end_object();
  return text.substr(5, text.size() - 6);
}

JobState with_ref(std::string ref) {
  JobState job;
  job.id.value = "job-1";
  job.identity.ref = std::move(ref);
  return job;
}

JobEvent event_of(EventBody body) {
  JobEvent event;
  event.body = std::move(body);
  return event;
}

}  // namespace

TEST_CASE("times are ISO 8601 in UTC, with milliseconds") {
  CHECK(iso_time(0) == "1970-01-01T00:00:00.000Z");
  CHECK(iso_time(1'705'314'600'000) == "2024-01-15T10:30:00.000Z");
  CHECK(iso_time(1'709'164'799'999) == "2024-02-28T23:59:59.999Z");
  CHECK(iso_time(1'709'164'800'000) == "2024-02-29T00:00:00.000Z");
  CHECK(iso_time(-1) == "1970-01-01T00:00:00.000Z");
}

TEST_CASE("a sentence is the event's message, else its stage, else its status text; else the job's own") {
  JobState job;
  job.message = "of the job";
  job.stage = "its stage";
  JobEvent event = event_of(event::Updated{"warming up", {}});
  const Telling telling{job, &event, nullptr, 0};
  CHECK(own_sentence(telling) == "warming up");
  event.stage = "pages";
  CHECK(own_sentence(telling) == "pages");
  event.message = "page 3";
  CHECK(own_sentence(telling) == "page 3");
  event.message = "";
  event.stage = "";
  CHECK(own_sentence(telling) == "warming up");
  const Telling present{job, nullptr, nullptr, 0};
  CHECK(own_sentence(present).empty());
  CHECK(sentence_of(present) == "of the job");
  job.message.clear();
  CHECK(sentence_of(present) == "its stage");
}

TEST_CASE("a handle is what stands after the colon of ref, and its kind before it") {
  CHECK(handle_of(with_ref("file:42")) == "42");
  CHECK(handle_kind(with_ref("file:42"), "interview") == "file");
  CHECK(handle_of(with_ref("file:a:b")) == "a:b");
  for (const char* none : {"", "file", "file:"}) {
    CHECK(handle_of(with_ref(none)) == "job-1");
    CHECK(handle_kind(with_ref(none), "interview") == "interview");
  }
  CHECK(handle_of(with_ref(":42")) == "42");
  CHECK(handle_kind(with_ref(":42"), "interview") == "interview");
}

TEST_CASE("a cancellation reads as an error where there is no word for it; an error always says something") {
  JobState job;
  CHECK(error_text(Moment::cancelled, job) == "Cancelled");
  job.cancel_reason = "changed my mind";
  CHECK(error_text(Moment::cancelled, job) == "Cancelled: changed my mind");
  CHECK(error_text(Moment::failed, job) == "Failed");
  job.error = JobError{"no such page", "E_PAGE"};
  CHECK(error_text(Moment::failed, job) == "no such page");
}

TEST_CASE("hundredths are written as people write numbers") {
  CHECK(hundredths(0) == "0");
  CHECK(hundredths(100) == "1");
  CHECK(hundredths(150) == "1.5");
  CHECK(hundredths(105) == "1.05");
  CHECK(hundredths(7) == "0.07");
}

TEST_CASE("seconds are whole and rounded up: nothing that is still to wait is told as no time") {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_seconds(json, "a", 0);
  write_seconds(json, "b", 1);
  write_seconds(json, "c", 1000);
  write_seconds(json, "d", 1001);
  write_seconds(json, "e", std::nullopt);
  json.end_object();
  CHECK(text == R"({"a":0,"b":1,"c":1,"d":2})");
}
