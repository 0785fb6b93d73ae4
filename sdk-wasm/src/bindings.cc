// The whole boundary to JavaScript, and all of Embind. Arguments are numbers; text and bytes are written into memory
// that JavaScript allocated; answers are packed records. Called by ts/core/core.ts and nothing else.
#include <emscripten/bind.h>

#include <cstdlib>

#include "bridge.h"

namespace jobwire::wasm {
namespace {

using Address = std::uint32_t;
using Size = std::uint32_t;

template <class T>
Address address(T* pointer) {
  return reinterpret_cast<Address>(pointer);
}
template <class T>
T* pointer(Address address) {
  return reinterpret_cast<T*>(address);
}

// ---- memory that JavaScript writes into ----
Address allocate(Size size) { return address(std::malloc(size)); }
void release(Address data) { std::free(pointer<void>(data)); }

// A client is never destroyed: it has an instance of the core for itself, whose memory goes with it.
Address create(Address options, Size size, double seed) {
  return address(new Bridge({pointer<char>(options), size}, static_cast<std::uint64_t>(seed)));
}

// One function for all calls: a page would download more for the telling of each than for what most of them do.
double call(Address bridge, Size what, double now, double first, double second, double third, Address data, Size size) {
  return pointer<Bridge>(bridge)->call(static_cast<Call>(what),
                                       {static_cast<UnixMs>(now), first, second, third, {pointer<char>(data), size}});
}

}  // namespace
}  // namespace jobwire::wasm

// Arguments and results are 32-bit numbers and doubles: ts/core/core_module.ts passes them as they are.
EMSCRIPTEN_BINDINGS(jobwire) {
  using emscripten::function;
  using namespace jobwire::wasm;
  function("allocate", &allocate);
  function("release", &release);
  function("create", &create);
  function("call", &call);
}
