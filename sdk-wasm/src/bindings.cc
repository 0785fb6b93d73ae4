// The whole boundary to JavaScript, and all of Embind. Arguments are numbers; text and bytes are written into memory
// that JavaScript allocated; answers are packed records. Called by ts/core/core.ts and nothing else.
#include <emscripten/bind.h>

#include <cstdlib>

#include "bridge.h"

namespace jobwire::wasm {
namespace {

using Address = std::uint32_t;

template <class T>
Address address(T* pointer) {
  return reinterpret_cast<Address>(pointer);
}
template <class T>
T* pointer(Address address) {
  return reinterpret_cast<T*>(address);
}

Address reserve(Address before, std::size_t size) {
  std::free(pointer<void>(before));
  return address(std::malloc(size));
}

// One function for all calls: a page would download more for the telling of each than for what most of them do. A
// client is never destroyed: it has an instance of the core for itself, whose memory goes with it.
double call(Address bridge, std::uint32_t what, double now, double first, double second, double third, Address data,
            std::uint32_t size) {
  const std::string_view text{pointer<char>(data), size};
  switch (static_cast<Call>(what)) {
    case Call::create:
      return address(new Bridge(text, static_cast<std::uint64_t>(first)));
    case Call::reserve:
      return reserve(data, static_cast<std::size_t>(first));
    default:
      return pointer<Bridge>(bridge)->call(static_cast<Call>(what),
                                           {static_cast<UnixMs>(now), first, second, third, text});
  }
}

}  // namespace
}  // namespace jobwire::wasm

// Arguments and results are 32-bit numbers and doubles: ts/core/core.ts passes them as they are.
EMSCRIPTEN_BINDINGS(jobwire) { emscripten::function("call", &jobwire::wasm::call); }
