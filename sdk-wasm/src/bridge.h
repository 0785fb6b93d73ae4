// One client as JavaScript drives it: a session, its store, and the packed output of the last question.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jobwire/client_session.h"
#include "jobwire/job_store.h"
#include "packed.h"
#include "records.h"

namespace jobwire::wasm {

// In the order of ts/core/core.ts.
enum class Call : std::uint32_t {
  start,
  close,
  retry,
  follow,
  unfollow,
  is_followed,
  cancel,  // the size of the job's id, which the reason follows
  set_token,
  token_failed,
  set_online,
  set_visible,
  tick,
  opened,     // socket
  received,   // socket
  closed,     // socket, code
  polled,     // poll, status, Retry-After
  requested,  // id, status
  take_actions,
  take_changes,
  wake_at,
  // Of no Bridge: src/bindings.cc.
  create,   // the options; first: a seed. Answers the Bridge
  reserve,  // first: bytes that JavaScript may write into; what was reserved before is given back. Answers where
};
struct Input {
  UnixMs now;
  double first, second, third;
  std::string_view text;
};
// What was taken: valid until the next take.
struct Taken {
  const double* numbers;
  std::uint32_t count;
  const char* text;
  std::uint32_t size;
};

class Bridge {
 public:
  // `options`: doubles in the order of ts/core/core.ts, of which NaN keeps the default, and then the client's name.
  Bridge(std::string_view options, std::uint64_t seed);

  // The takes answer the address of a Taken; 0: nothing.
  double call(Call what, const Input& in);

 private:
  double report(Call what, const Input& in);
  double take(Call what);
  bool is_followed(std::string_view channel) const;
  void take_actions();

  const std::string client_name_;
  JobStore store_;
  PackedActions actions_;
  ClientSession session_;
  DurationMs told_latency_ = -1;
  Packed out_;
  Taken taken_{};
};

}  // namespace jobwire::wasm
