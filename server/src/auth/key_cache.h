// Keys that are published elsewhere and change there: fetched at the start, again every so often, and at once (but not
// too often) when a token names one that is not here. Pure but for the fetch that it is given; time is passed in.
//
//   start() -> fetch -> keys here -> tick() fetches again after `refresh`
//                    -> failed: what was here stays, tried again after 1 s, 2 s, 4 s ... at most `longest_pause`
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/algorithm.h"
#include "auth/key_set.h"
#include "jobwire/result.h"
#include "jobwire/time.h"

namespace jobwire::auth {

struct KeyCacheOptions {
  DurationMs refresh = 10 * 60'000;
  DurationMs between = 10'000;  // fetches for the sake of an unknown key
  DurationMs longest_pause = 60'000;
  std::vector<Algorithm> allowed = {};
  bool secrets = false;  // see read_jwks()
};

class KeyCache {
 public:
  // The document, or why there is none. Called back once, now or later, never after the cache is gone; has its own time
  // limit.
  using Fetched = std::function<void(Result<std::string> document)>;
  using Fetch = std::function<void(Fetched)>;
  // For the journal: what a fetch brought. `error` empty: `keys` are here now, `skipped` were not usable.
  struct Outcome {
    std::string error;
    std::size_t keys = 0;
    std::vector<std::string> skipped;
    DurationMs again_in = 0;
  };
  using Told = std::function<void(const Outcome&)>;

  KeyCache(KeyCacheOptions options, Fetch fetch, Told told, const Clock& clock);
  KeyCache(const KeyCache&) = delete;
  KeyCache& operator=(const KeyCache&) = delete;

  void start() { begin(); }
  void tick();

  const KeySet& keys() const { return keys_; }
  // A token names a key that is not here: it is asked for, unless that was done a moment ago. True: an answer is on its
  // way, or none has come yet.
  bool look_for_more();
  // Why no token can be verified; empty: there are keys.
  const std::string& missing() const { return missing_; }

 private:
  void begin();
  void fetched(const Result<std::string>& document);
  void failed(std::string why);

  KeyCacheOptions options_;
  Fetch fetch_;
  Told told_;
  const Clock& clock_;
  KeySet keys_;
  std::string missing_ = "the keys have not been fetched yet";
  bool fetching_ = false;
  bool loaded_ = false;
  int failures_ = 0;
  UnixMs began_at_ = 0;
  UnixMs asked_for_at_ = 0;  // by an unknown key
  UnixMs next_at_ = 0;
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // an answer may come after the cache
};

}  // namespace jobwire::auth
