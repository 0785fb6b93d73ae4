#include "observe/metrics.h"

#include <catch2/catch.hpp>

#include "observe/process.h"

using namespace jobwire::observe;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("requests are counted by method, route and status") {
  Metrics metrics;
  metrics.request("GET", "/api/v1/jobs/{id}", 200, 0.001);
  metrics.request("GET", "/api/v1/jobs/{id}", 200, 0.002);
  metrics.request("GET", "/api/v1/jobs/{id}", 404, 0.001);
  const std::string text = metrics.text({});
  CHECK(has_line(text, R"(jobwire_http_requests_total{method="GET",route="/api/v1/jobs/{id}",status="200"} 2)"));
  CHECK(has_line(text, R"(jobwire_http_requests_total{method="GET",route="/api/v1/jobs/{id}",status="404"} 1)"));
  CHECK(has_line(text, R"(jobwire_http_request_seconds_count{route="/api/v1/jobs/{id}"} 3)"));
}

TEST_CASE("events are counted by verdict, appends by how long they took") {
  Metrics metrics;
  metrics.event(EventOutcome::appended);
  metrics.event(EventOutcome::rejected);
  metrics.event(EventOutcome::rejected);
  metrics.append(0.003);
  const std::string text = metrics.text({});
  CHECK(has_line(text, R"(jobwire_events_total{verdict="rejected"} 2)"));
  CHECK(has_line(text, R"(jobwire_append_seconds_bucket{le="0.0025"} 0)"));
  CHECK(has_line(text, R"(jobwire_append_seconds_bucket{le="0.005"} 1)"));
}

TEST_CASE("present values are told as they are, totals only grow") {
  Metrics metrics;
  Sample sample{.sessions = 3, .jobs = 7, .degraded = true, .messages_out = 10};
  CHECK(has_line(metrics.text(sample), "jobwire_messages_out_total 10"));
  sample.messages_out = 12;
  sample.sessions = 1;
  const std::string text = metrics.text(sample);
  CHECK(has_line(text, "jobwire_sessions 1"));
  CHECK(has_line(text, "jobwire_jobs 7"));
  CHECK(has_line(text, "jobwire_degraded 1"));
  CHECK(has_line(text, "jobwire_messages_out_total 12"));
  sample.messages_out = 5;  // a total never goes back
  CHECK(has_line(metrics.text(sample), "jobwire_messages_out_total 12"));
}

TEST_CASE("the process knows what it uses") {
  CHECK(process_use().resident_bytes > 1 << 20);
  CHECK(process_use().cpu_seconds > 0);
}
