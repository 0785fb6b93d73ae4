// The real server on one SQLite file, back ends that publish to it, and clients that follow it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "auth/jwt.h"
#include "jobwire/codec.h"
#include "support/http_client.h"
#include "support/live_client.h"
#include "support/server_process.h"

namespace jobwire::test {

inline constexpr const char* kSecret = "a secret of tests that is long enough for HS256";

inline std::string token_of(const std::string& user, auth::Role role = auth::Role::user) {
  auth::TokenRequest request;
  request.user = user;
  request.role = role;
  const auto token = auth::mint_jwt(kSecret, request, 0);
  REQUIRE(token);
  return *token;
}

// What a reply says of one event.
struct Verdict {
  std::string status;
  std::int64_t version = 0;
  std::int64_t seq = 0;
  bool stored() const { return status == "appended" || status == "repeated"; }
};

inline std::string text_after(std::string_view json, std::string_view key) {
  const std::size_t at = json.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + key.size();
  return std::string(json.substr(begin, json.find_first_of("\",}", begin) - begin));
}

inline std::vector<Verdict> verdicts_of(const std::string& body) {
  const std::size_t begin = body.find('[');
  const auto elements = split_array(std::string_view(body).substr(begin, body.rfind(']') + 1 - begin), 1'000);
  std::vector<Verdict> verdicts;
  if (!elements) return verdicts;
  for (const std::string_view element : *elements) {
    Verdict& verdict = verdicts.emplace_back();
    verdict.status = text_after(element, "\"status\":\"");
    if (!verdict.stored()) continue;
    verdict.version = std::stoll(text_after(element, "\"version\":"));
    verdict.seq = std::stoll(text_after(element, "\"seq\":"));
  }
  return verdicts;
}

inline std::string batch_of(const std::vector<std::string>& events) {
  std::string body = "[";
  for (const std::string& event : events) body += (body.size() > 1 ? "," : "") + event;
  return body + "]";
}

class Durability {
 public:
  Durability() { serve(); }
  ~Durability() {
    clients.clear();
    io.stop();
  }

  // `file`: the store's, in the test's own folder.
  std::vector<std::string> arguments() const {
    return {"--data-dir", folder.file("data"), "--secret", kSecret, "--heartbeat", "2s", "--log-level", "warn"};
  }
  std::string file() const { return folder.file("data/jobwire.db"); }
  void serve() {
    server = std::make_unique<ServerProcess>(arguments());
    address.port = server->port();
  }
  void stop() {
    server->process().signal(SIGTERM);
    pump_until([&] { return server->process().wait(0).has_value(); });
    CHECK(server->process().wait() == 0);
  }

  LiveClient& follow(const std::string& user, auth::Role role, std::vector<Channel> channels,
                     ClientOptions options = {}) {
    clients.push_back(std::make_unique<LiveClient>(io, address, token_of(user, role), std::move(channels), options));
    return *clients.back();
  }

  // Lets the clients live until then.
  void pump_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) FAIL("waited a minute for something that did not come");
      io.run_for(std::chrono::milliseconds(10));
    }
  }

  HttpClient service() const { return HttpClient(address.port, service_token); }
  std::vector<Verdict> publish(const std::vector<std::string>& events) const {
    return verdicts_of(service().post("/api/v1/events", batch_of(events)).body);
  }
  // As the server tells it to those who may see everything; nullopt: there is no such job.
  std::optional<JobState> job(const std::string& id) const {
    const HttpResponse response = HttpClient(address.port, admin_token).get("/api/v1/jobs/" + id);
    if (response.status != 200) return std::nullopt;
    const auto decoded = decode_job(response.body);
    REQUIRE(decoded);
    return *decoded;
  }
  std::vector<JobEvent> history(const std::string& id) const {
    const HttpResponse response =
        HttpClient(address.port, admin_token).get("/api/v1/jobs/" + id + "/history?limit=100");
    REQUIRE(response.status == 200);
    const auto decoded = decode_changes(response.body);  // {events:[...]}, as in a changes object
    REQUIRE(decoded);
    return decoded->events;
  }

  // The client is live and shows each of these jobs as the server does, and no other.
  static bool shows(const JobStore& store, const std::vector<JobState>& jobs) {
    if (store.jobs().size() != jobs.size()) return false;
    for (const JobState& job : jobs) {
      const JobState* shown = store.find(job.id);
      if (!shown || *shown != job || store.is_stale(job.id)) return false;
    }
    return true;
  }

  TempFolder folder;
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  ServerAddress address;
  std::unique_ptr<ServerProcess> server;
  std::vector<std::unique_ptr<LiveClient>> clients;
  const std::string service_token = token_of("backend", auth::Role::service);
  const std::string admin_token = token_of("root", auth::Role::admin);
};

}  // namespace jobwire::test
