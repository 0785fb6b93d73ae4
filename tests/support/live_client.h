// A ClientSession on real sockets: what the SDK's driver does in a page, with Boost.Asio in place of a browser.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "jobwire/job_store.h"
#include "support/recorded_session.h"

namespace jobwire::test {

// Where the server is now: it may come back elsewhere, as behind a name.
struct ServerAddress {
  std::atomic<std::uint16_t> port = 0;
};

class LiveClient {
 public:
  // Runs on `io`; all three outlive the client.
  LiveClient(boost::asio::io_context& io, const ServerAddress& server, std::string token, std::vector<Channel> channels,
             ClientOptions options = {});
  ~LiveClient();
  LiveClient(const LiveClient&) = delete;
  LiveClient& operator=(const LiveClient&) = delete;

  const JobStore& store() const;
  RecordedSession& session();
  int resets() const;                              // `changes` that began a fresh view
  const std::vector<std::string>& faults() const;  // promises that were broken while it looked: none, it is hoped

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jobwire::test
