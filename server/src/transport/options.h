// What an operator or a test may set of the transport, and what it counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "auth/client_address.h"
#include "transport/exchange.h"
#include "transport/request_reader.h"

namespace jobwire::transport {

struct Timeouts {
  std::chrono::milliseconds head{10'000};        // TLS handshake; connecting, or a head's first byte, to its last
  std::chrono::milliseconds body_idle{30'000};   // between two bytes of a body
  std::chrono::milliseconds body{600'000};       // a whole body
  std::chrono::milliseconds keep_alive{75'000};  // between two requests
  std::chrono::milliseconds write{60'000};       // without the peer taking a byte of what waits for it
  std::chrono::milliseconds linger{2'000};       // for the peer to close after us
  std::chrono::milliseconds ping{25'000};        // between WebSocket pings; nothing heard in two periods drops
  std::chrono::milliseconds close{5'000};        // for the answer to our WebSocket Close
  std::chrono::milliseconds drain{10'000};       // for everything to end
  std::chrono::milliseconds tick{100};           // how late a deadline may be
};

struct TransportOptions {
  std::vector<std::string> addresses = {"127.0.0.1", "::1"};  // "::1" may be absent on a machine without IPv6
  std::uint16_t port = 7070;                                  // 0: any free one
  std::string tls_certificate;                                // PEM files, both or none
  std::string tls_key;
  std::size_t most_connections = 50'000;  // more are answered 503 and closed
  std::size_t most_unsent =
      8 << 20;  // bytes queued for one connection past which it is cut; its owner should stop sooner
  std::size_t message_bytes = 1 << 20;  // of one WebSocket message
  bool batch_writes = true;             // where the kernel offers it (send_batch.h)
  ReaderLimits http;
  std::vector<auth::AddressRange> trusted_proxies;  // who may say for whom they speak
  Timeouts timeouts;
  // May a page of this Origin open a WebSocket? Unset: any may.
  std::function<bool(const Request&)> origin_allowed;
};

struct TransportStats {
  std::size_t connections = 0;  // open now, of any kind
  std::size_t websockets = 0;   // of those
  std::size_t streams = 0;
  std::uint64_t accepted = 0;
  std::uint64_t accept_failures = 0;  // no descriptors or memory left: tried again a little later
  std::uint64_t refused = 0;          // past most_connections
  std::uint64_t requests = 0;
  std::uint64_t bad_requests = 0;  // answered by the transport itself
  std::uint64_t aborted = 0;       // exchanges whose peer went away first
  std::uint64_t timed_out = 0;
  std::uint64_t bytes_in = 0;  // as the routes see them: without what TLS adds
  std::uint64_t bytes_out = 0;
  bool batches_writes = false;  // many sockets' in one system call
  std::uint64_t writes = 0;     // to sockets; those of a batch are one system call
};

}  // namespace jobwire::transport
