// What the suites of the real server share: a secret, tokens, and a server that knows it.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "auth/jwt.h"
#include "support/http_client.h"
#include "support/raw_websocket.h"
#include "support/server_process.h"

namespace jobwire::test {

inline const std::string kSecret = "a secret of thirty-two characters";

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

inline UnixMs wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

inline std::string token(std::string user, auth::Role role = auth::Role::user, std::vector<std::string> jobs = {}) {
  return *auth::mint_jwt(kSecret, {.user = std::move(user), .role = role, .jobs = std::move(jobs)}, wall_clock());
}

// In production's way: a secret, no --dev, memory unless `arguments` say otherwise.
struct TestServer : ServerProcess {
  explicit TestServer(std::vector<std::string> arguments = {})
      : ServerProcess(std::move(arguments), {{"JOBWIRE_SECRET", kSecret}}) {}

  HttpClient as(std::string bearer) { return HttpClient(port(), std::move(bearer)); }
  HttpClient service() { return as(token("", auth::Role::service)); }
  HttpClient admin() { return as(token("", auth::Role::admin)); }
  HttpClient user(const std::string& name) { return as(token(name)); }

  void create(const std::string& id, const std::string& owner) {
    const std::string user = owner.empty() ? "" : R"(,"userId":")" + owner + '"';
    REQUIRE(service().post("/api/v1/jobs", R"({"type":"pdf","id":")" + id + '"' + user + "}").status == 201);
  }
};

// A WebSocket after its welcome.
inline RawWebSocket hello(std::uint16_t port, const std::string& bearer, std::string_view channels = "[]") {
  RawWebSocket socket(port);
  socket.text(R"({"event":"hello","data":{"token":")" + bearer + R"(","reducer":1,"channels":)" +
              std::string(channels) + "}}");
  REQUIRE(contains(socket.read_frame().payload, R"("event":"welcome")"));
  return socket;
}

// Text frames up to the one that contains `part`, as one text.
inline std::string read_until(RawWebSocket& socket, std::string_view part) {
  std::string all;
  while (!contains(all, part)) {
    const RawFrame frame = socket.read_frame();
    REQUIRE(frame.opcode != 8);
    if (frame.opcode == 1) all += frame.payload + "\n";
  }
  return all;
}

}  // namespace jobwire::test
