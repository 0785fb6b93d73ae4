// What is measured. Each scenario prepares, takes the server's usage before and after its window, and says what came of
// it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "peer_wire.h"

namespace jobwire::bench {

struct Target {
  std::uint16_t port = 0;
  pid_t process = 0;
  std::uint16_t metrics_port = 0;  // server_usage.h
  std::string service_token;       // for publishing over HTTP
};

struct Plan {
  std::string scenario;  // fanout, idle, connect, reconnect, ingest
  std::size_t connections = 1000;
  std::size_t burst = 1;  // events published at once
  std::size_t jobs = 0;   // that the events turn about; 0: as many as a burst has
  double rate = 0;        // bursts a second; 0: flat out, the next when all have the last
  double seconds = 5;
  std::size_t event_bytes = 220;  // as told to a subscriber
};

// One line of JSON: {"count", "seconds", "cpuNs", "writes", "messages", "bytes", "residentBytes"}; `count` is
// deliveries, connections or events, as the scenario has it.
std::string run_scenario(const Plan& plan, const Target& target, const PeerWire& wire);

}  // namespace jobwire::bench
