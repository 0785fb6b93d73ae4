#include "jobwire/codec.h"

#include <catch2/catch.hpp>

#include "support/events.h"
#include "support/vectors.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

std::string outcome(const std::string& kind, const std::string& text) {
  const auto told = [](const auto& result) {
    return result ? std::string("accepted") : std::string(code_name(result.error().code)) + " " + result.error().field;
  };
  if (kind == "event") return told(decode_event(text));
  if (kind == "new-job") return told(decode_new_job(text));
  if (kind == "command") return told(decode_command(text));
  REQUIRE(kind == "changes-request");
  return told(decode_changes_request(text));
}

}  // namespace

TEST_CASE("golden server messages survive decode and encode byte for byte") {
  for (const std::string& line : vector_lines("messages.ndjson")) {
    const auto message = decode_server_message(line);
    INFO(line);
    REQUIRE(message);
    CHECK(encode_server_message(*message) == line);
  }
}

TEST_CASE("golden commands survive decode and encode byte for byte") {
  for (const std::string& line : vector_lines("commands.ndjson")) {
    const auto command = decode_command(line);
    INFO(line);
    REQUIRE(command);
    CHECK(encode_command(*command) == line);
  }
}

TEST_CASE("bad input is refused with the code and the field that broke the rule") {
  for (const std::string& line : vector_lines("bad.ndjson")) {
    const auto fields = decode_text_fields(line, [] {
      CodecLimits limits;
      limits.text_bytes = limits.message_bytes;
      return limits;
    }());
    REQUIRE(fields);
    REQUIRE(fields->size() == 4);
    INFO(line.substr(0, 300));
    CHECK(outcome((*fields)[0].second, (*fields)[1].second) == (*fields)[2].second + " " + (*fields)[3].second);
  }
}

TEST_CASE("every refusal says its rule") {
  const auto refused = decode_event(R"({"type":"progress","jobId":"a","progress":101})");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "progress must be a number from 0 to 100");
}

TEST_CASE("text that is not UTF-8 is refused, wherever it stands") {
  for (const char* text :
       {"\xff", "\"\xc0\xaf\"", "{\"a\":\"\xed\xa0\x80\"}", "{\"type\":\"log\",\"jobId\":\"\xf5\x80\x80\x80\"}"}) {
    const auto refused = decode_event(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "the JSON text must be UTF-8");
  }
}

TEST_CASE("a NUL byte does not end the text early") {
  const std::string text = std::string(R"({"type":"log","jobId":"a"})") + '\0' + "x";
  CHECK_FALSE(decode_event(text));
}

TEST_CASE("lone surrogates become U+FFFD in text and stay bytes in opaque values") {
  const auto event = decode_event(
      R"({"type":"completed","jobId":"a","message":"x\ud800y\udc00\ud83d\ude00","result":["\ud800", "\\ud800"]})");
  REQUIRE(event);
  CHECK(*event->message == "x\xef\xbf\xbdy\xef\xbf\xbd\xf0\x9f\x98\x80");
  CHECK(std::get<event::Completed>(event->body).result.text == R"(["\ud800", "\\ud800"])");
}

TEST_CASE("an escaped backslash before u is no escape of a code unit") {
  const auto event = decode_event(R"({"type":"log","jobId":"a","message":"\\ud800"})");
  REQUIRE(event);
  CHECK(*event->message == "\\ud800");
}

TEST_CASE("progress is kept to two decimals, rounded half up") {
  const auto progress_of = [](const std::string& number) {
    const auto event = decode_event(R"({"type":"progress","jobId":"a","progress":)" + number + "}");
    REQUIRE(event);
    return std::get<event::Progress>(event->body).progress.hundredths;
  };
  CHECK(progress_of("0") == 0);
  CHECK(progress_of("-0.0") == 0);
  CHECK(progress_of("33.333") == 3333);
  CHECK(progress_of("33.335") == 3334);
  CHECK(progress_of("0.005") == 1);
  CHECK(progress_of("1e2") == 10000);
  CHECK(progress_of("1.25E1") == 1250);
  CHECK(progress_of("125e-1") == 1250);
  CHECK(progress_of("1e-30") == 0);
  CHECK(progress_of("99.99999999999999999999999") == 10000);
  CHECK(progress_of("0.000000000000000000000000000001e30") == 100);
}

TEST_CASE("a free status is read as a lifecycle word where it is one") {
  const auto body_of = [](const std::string& status) {
    const auto event = decode_event(R"({"type":"updated","jobId":"a","message":"m","status":")" + status + "\"}");
    REQUIRE(event);
    return event->body;
  };
  CHECK(std::holds_alternative<event::Started>(body_of("Processing")));
  CHECK(std::holds_alternative<event::Completed>(body_of("done")));
  CHECK(std::get<event::Failed>(body_of("error")).error.message == "m");
  CHECK(std::holds_alternative<event::Cancelled>(body_of("canceled")));
  CHECK(std::get<event::Updated>(body_of("pending")).status_text.empty());
  CHECK(std::get<event::Updated>(body_of("warming up")).status_text == "warming up");
}

TEST_CASE("a browser is not sent what is not its business") {
  JobEvent event = with_event_id(with_payload(queued("a"), R"({"secret":1})"), "e");
  event.attempt = 1;
  event.reported_at = 5;
  const std::string viewer = encode_event(event, Visibility::viewer);
  for (const char* hidden : {"secret", "eventId", "attempt", "reportedAt"})
    CHECK(viewer.find(hidden) == std::string::npos);
  JobState job;
  apply(job, stamped(event, 1, 1, 1));
  job.worker_id = "w1";
  CHECK(encode_job(job, Visibility::admin).find("secret") == std::string::npos);
  CHECK(encode_job(job, Visibility::viewer).find("w1") == std::string::npos);
  CHECK(encode_job(job, Visibility::admin).find("w1") != std::string::npos);
}

TEST_CASE("what the log stores comes back whole") {
  JobEvent event = with_metadata(with_event_id(with_payload(queued("a", -3), R"([1, 2])"), "e"), "k", "{\"z\": 1}");
  event.attempt = 4;
  event.reported_at = 99;
  event.stage = "";
  event = stamped(event, 7, 8, 9);
  const auto back = decode_stored_event(encode_event(event, Visibility::store));
  REQUIRE(back);
  CHECK(*back == event);
  JobState job;
  apply(job, event);
  const auto stored = decode_job(encode_job(job, Visibility::store));
  REQUIRE(stored);
  CHECK(*stored == job);
}

TEST_CASE("an event's job may be named by the URL, and must then agree with the body") {
  CHECK(decode_event(R"({"type":"log"})", "a")->job_id.value == "a");
  CHECK(decode_event(R"({"type":"log","jobId":"a"})", "a"));
  CHECK(decode_event(R"({"type":"log","jobId":"b"})", "a").error().field == "jobId");
}

TEST_CASE("a batch is split into its elements, each as it came") {
  const auto parts = split_array(R"([ {"a": 1} , [2,3],"x"])", 3);
  REQUIRE(parts);
  CHECK(*parts == std::vector<std::string_view>{R"({"a": 1})", "[2,3]", "\"x\""});
  CHECK(split_array("[1,2,3,4]", 3).error().code == ErrorCode::too_large);
  CHECK(split_array("{}", 3).error().field == "body");
}

TEST_CASE("of a repeated metadata key the last one counts") {
  const auto event = decode_event(R"({"type":"log","jobId":"a","data":{"b":1,"a":2,"b":3}})");
  REQUIRE(event);
  CHECK(event->metadata == Metadata{{"a", {"2"}}, {"b", {"3"}}});
}
