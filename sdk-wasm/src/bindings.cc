// The whole boundary to JavaScript, and all of Embind. Arguments are numbers; text and bytes are written into memory
// that JavaScript allocated, as (address, size); answers are packed records. Called by ts/core/core.ts and nothing
// else.
#include <emscripten/bind.h>

#include <cstdlib>

#include "bridge.h"

namespace jobwire::wasm {
namespace {

using Address = std::uint32_t;
using Size = std::uint32_t;

Bridge& at(Address bridge) { return *reinterpret_cast<Bridge*>(bridge); }
UnixMs time(double now) { return static_cast<UnixMs>(now); }
std::string_view text(Address data, Size size) { return {reinterpret_cast<const char*>(data), size}; }
template <class T>
Address address(T* pointer) {
  return reinterpret_cast<Address>(pointer);
}

// ---- memory that JavaScript writes into ----
Address allocate(Size size) { return address(std::malloc(size)); }
void release(Address data) { std::free(reinterpret_cast<void*>(data)); }

// ---- a client's life ----
Address create(Address numbers, Address name, Size size, double seed) {
  return address(
      new Bridge(text(name, size), reinterpret_cast<const double*>(numbers), static_cast<std::uint64_t>(seed)));
}
void destroy(Address bridge) { delete &at(bridge); }

// ---- the owner ----
void start(Address bridge, double now) { at(bridge).session().start(time(now)); }
void close(Address bridge, double now) { at(bridge).session().close(time(now)); }
void retry(Address bridge, double now) { at(bridge).session().retry_now(time(now)); }
void follow(Address bridge, double now, Address data, Size size) { at(bridge).follow(time(now), text(data, size)); }
void unfollow(Address bridge, double now, Address data, Size size) { at(bridge).unfollow(time(now), text(data, size)); }
Size is_followed(Address bridge, Address data, Size size) { return at(bridge).is_followed(text(data, size)); }
// The job's id, then the reason.
double cancel(Address bridge, double now, Address data, Size id_size, Size size) {
  const std::string_view both = text(data, size);
  return static_cast<double>(
      at(bridge).session().cancel(time(now), {std::string(both.substr(0, id_size))}, both.substr(id_size)));
}
void set_token(Address bridge, double now, Address data, Size size) {
  at(bridge).session().set_token(time(now), text(data, size));
}
void token_failed(Address bridge, double now, Address data, Size size) {
  at(bridge).session().token_failed(time(now), text(data, size));
}

// ---- the platform ----
void set_online(Address bridge, double now, Size online) { at(bridge).session().set_online(time(now), online != 0); }
void set_visible(Address bridge, double now, Size visible) {
  at(bridge).session().set_visible(time(now), visible != 0);
}

// ---- the driver's reports ----
void tick(Address bridge, double now) { at(bridge).session().tick(time(now)); }
void opened(Address bridge, double now, Size socket) { at(bridge).session().socket_opened(time(now), socket); }
void received(Address bridge, double now, Size socket, Address data, Size size) {
  at(bridge).session().socket_received(time(now), socket, text(data, size));
}
void closed(Address bridge, double now, Size socket, Size code, Address data, Size size) {
  at(bridge).session().socket_closed(time(now), socket, static_cast<std::uint16_t>(code), text(data, size));
}
void polled(Address bridge, double now, Size poll, Size status, double retry_after, Address data, Size size) {
  at(bridge).session().polled(time(now), poll, static_cast<int>(status), text(data, size),
                              static_cast<DurationMs>(retry_after));
}
void requested(Address bridge, double now, double id, Size status, Address data, Size size) {
  at(bridge).session().requested(time(now), static_cast<std::int64_t>(id), static_cast<int>(status), text(data, size));
}

// ---- what comes out: the count of numbers; where they and the text lie is asked afterwards ----
Size take_actions(Address bridge) { return static_cast<Size>(at(bridge).take_actions().numbers().size()); }
Size take_changes(Address bridge) { return static_cast<Size>(at(bridge).take_changes().numbers().size()); }
Address numbers(Address bridge) { return address(at(bridge).out().numbers().data()); }
Address texts(Address bridge) { return address(at(bridge).out().text().data()); }
Size text_size(Address bridge) { return static_cast<Size>(at(bridge).out().text().size()); }
double wake_at(Address bridge) { return static_cast<double>(at(bridge).session().wake_at()); }

}  // namespace
}  // namespace jobwire::wasm

// Arguments and results are 32-bit numbers and doubles: ts/core/core_module.ts passes them as they are.
EMSCRIPTEN_BINDINGS(jobwire) {
  using emscripten::function;
  using namespace jobwire::wasm;
  function("allocate", &allocate);
  function("release", &release);
  function("create", &create);
  function("destroy", &destroy);
  function("start", &start);
  function("close", &close);
  function("retry", &retry);
  function("follow", &follow);
  function("unfollow", &unfollow);
  function("isFollowed", &is_followed);
  function("cancel", &cancel);
  function("setToken", &set_token);
  function("tokenFailed", &token_failed);
  function("setOnline", &set_online);
  function("setVisible", &set_visible);
  function("tick", &tick);
  function("opened", &opened);
  function("received", &received);
  function("closed", &closed);
  function("polled", &polled);
  function("requested", &requested);
  function("takeActions", &take_actions);
  function("takeChanges", &take_changes);
  function("numbers", &numbers);
  function("texts", &texts);
  function("textSize", &text_size);
  function("wakeAt", &wake_at);
}
