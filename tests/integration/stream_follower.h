// A client of the streamed response.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "durability_fixture.h"

namespace jobwire::test {

// `curl -N` in a loop: a streamed response, resumed from its last cursor when it ends.
class StreamFollower {
 public:
  StreamFollower(const ServerAddress& server, std::string token, std::vector<Channel> channels)
      : server_(server), token_(std::move(token)), join_(std::move(channels)), thread_([this] { follow(); }) {}
  ~StreamFollower() {
    stopping_ = true;
    thread_.join();
  }

  bool shows(const std::vector<JobState>& jobs) const {
    std::lock_guard lock(mutex_);
    return synced_ && Durability::shows(store_, jobs);
  }
  int resets() const { return resets_; }
  int doubts() const { return doubts_; }
  int opened() const { return opened_; }

 private:
  void follow() {
    while (!stopping_) {
      try {
        ChangesRequest request;
        request.reducer = kReducerVersion;
        request.cursor = cursor_;
        request.channels = followed_;
        request.join = join_;
        EventStream stream(server_.port, "POST", "/api/v1/changes/stream",
                           {{"authorization", "Bearer " + token_}, {"content-type", "application/json"}},
                           encode_changes_request(request));
        ++opened_;
        while (!stopping_) take(stream.next());
      } catch (const std::runtime_error&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));  // as a client waits before it tries again
        std::lock_guard lock(mutex_);
        synced_ = false;
      }
    }
  }
  void take(const std::string& text) {
    const auto message = decode_server_message(text);
    if (!message) throw std::runtime_error(message.error().message);
    const auto* changes = std::get_if<push::Changes>(&*message);
    if (!changes) return;
    std::lock_guard lock(mutex_);
    store_.fold(*changes);
    doubts_ += static_cast<int>(store_.take_stale().size());
    resets_ += changes->reset ? 1 : 0;
    cursor_ = changes->cursor;
    synced_ = synced_ || changes->synced;
    for (const Channel& channel : changes->followed) {
      followed_.push_back(channel);
      std::erase(join_, channel);
    }
  }

  const ServerAddress& server_;
  const std::string token_;
  std::vector<Channel> join_;
  std::vector<Channel> followed_;
  std::optional<Cursor> cursor_;
  mutable std::mutex mutex_;
  JobStore store_;
  bool synced_ = false;
  std::atomic<int> resets_ = 0;
  std::atomic<int> doubts_ = 0;
  std::atomic<int> opened_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace jobwire::test
