#include "event_scan.h"

#include <catch2/catch.hpp>

#include "jobwire/codec.h"
#include "support/events.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

std::string message_of(std::vector<JobEvent> events) {
  push::Changes changes;
  changes.cursor = {0xabc, 42};
  changes.events = std::move(events);
  return encode_server_message(changes);
}

JobEvent told(JobEvent event, std::string stage, std::string message) {
  event.stage = std::move(stage);
  event.message = std::move(message);
  return stamped(std::move(event), 7, 42, 1'764'000'000'000);
}

// What a scan makes of a message: its cursor, then each event as the codec would write it.
bool reads(const std::string& text) {
  json::EventScan scan(text);
  std::string_view cursor;
  if (!scan.begin(cursor)) return false;
  EventView event;
  while (scan.next(event)) {
  }
  return scan.complete();
}

}  // namespace

TEST_CASE("what the server writes of progress is read in one pass, as the codec reads it") {
  const std::string text =
      message_of({told(progress("a", 12.5), "pages", "page 3 of 24"), told(progress("b", 100), "", "Grüße 👋"),
                  stamped(event_of("c", event::Log{}), 1, 2, 3), stamped(started("d"), 9, 9, 9)});
  const auto message = decode_server_message(text);
  REQUIRE(message);
  const auto& decoded = std::get<push::Changes>(*message);
  json::EventScan scan(text);
  std::string_view cursor;
  REQUIRE(scan.begin(cursor));
  CHECK(cursor == to_string(decoded.cursor));
  EventView event;
  for (const JobEvent& expected : decoded.events) {
    REQUIRE(scan.next(event));
    JobState scanned, applied;
    apply(scanned, event);
    apply(applied, expected);
    CHECK(scanned == applied);
    CHECK(event.job_id == expected.job_id.value);
  }
  CHECK_FALSE(scan.next(event));
  CHECK(scan.complete());
}

TEST_CASE("what is of another form is left to the codec") {
  CHECK_FALSE(reads(message_of({stamped(event_of("a", event::Failed{{"no", ""}}), 1, 1, 1)})));
  CHECK_FALSE(reads(message_of({stamped(event_of("a", event::Completed{{"{}"}}), 1, 1, 1)})));
  CHECK_FALSE(reads(message_of({stamped(event_of("a", event::Unknown{"zap"}), 1, 1, 1)})));
  CHECK_FALSE(reads(message_of({told(progress("a", 1), "s", "a \"quoted\" line\n")})));
  push::Changes synced;
  synced.synced = true;
  CHECK_FALSE(reads(encode_server_message(synced)));
}

TEST_CASE("nothing that is not valid is read") {
  const std::string good = message_of({told(progress("a", 12.5), "pages", "Grüße")});
  REQUIRE(reads(good));
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(reads(good.substr(0, size)));
  CHECK_FALSE(reads(good + " "));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  CHECK_FALSE(reads(with("\"seq\":7", "\"seq\":07")));
  CHECK_FALSE(reads(with("\"seq\":7", "\"seq\":-7")));
  CHECK_FALSE(reads(with("\"seq\":7", "\"seq\":9999999999999999")));
  CHECK_FALSE(reads(with("12.5", "100.5")));
  CHECK_FALSE(reads(with("12.5", "12.")));
  CHECK_FALSE(reads(with("12.5", "1e1")));
  CHECK_FALSE(reads(with("ü", "\xc3")));
  CHECK_FALSE(reads(with("pages", "pa\tges")));
}
