#include "auth/key_cache.h"

#include <algorithm>
#include <utility>

#include "auth/jwks.h"

namespace jobwire::auth {
namespace {

constexpr DurationMs kFirstPause = 1'000;
constexpr int kMostDoublings = 20;

}  // namespace

KeyCache::KeyCache(KeyCacheOptions options, Fetch fetch, Told told, const Clock& clock)
    : options_(std::move(options)), fetch_(std::move(fetch)), told_(std::move(told)), clock_(clock) {}

void KeyCache::begin() {
  if (fetching_) return;
  fetching_ = true;
  began_at_ = clock_.now();
  fetch_([this, alive = std::weak_ptr(alive_)](const Result<std::string>& document) {
    if (!alive.expired()) fetched(document);
  });
}

void KeyCache::fetched(const Result<std::string>& document) {
  fetching_ = false;
  if (!document) return failed(document.error().message);
  auto read = read_jwks(*document, options_.secrets);
  if (!read) return failed(read.error().message);
  keys_ = KeySet(std::move(read->keys), options_.allowed);
  loaded_ = true;
  missing_.clear();
  failures_ = 0;
  next_at_ = clock_.now() + options_.refresh;
  told_({.error = {}, .keys = keys_.size(), .skipped = std::move(read->skipped), .again_in = options_.refresh});
}

void KeyCache::failed(std::string why) {
  const DurationMs pause = std::min(options_.longest_pause, kFirstPause << std::min(failures_++, kMostDoublings));
  next_at_ = clock_.now() + pause;
  if (!loaded_) missing_ = why;
  told_({.error = std::move(why), .keys = keys_.size(), .skipped = {}, .again_in = pause});
}

// A clock that was set back must not put the next fetch off for as long.
void KeyCache::tick() {
  const UnixMs now = clock_.now();
  if (now >= next_at_ || now < began_at_) begin();
}

bool KeyCache::look_for_more() {
  if (fetching_ || !loaded_) return true;
  const UnixMs now = clock_.now();
  if (asked_for_at_ != 0 && now >= asked_for_at_ && now - asked_for_at_ < options_.between) return false;
  asked_for_at_ = now;
  begin();
  return fetching_;
}

}  // namespace jobwire::auth
