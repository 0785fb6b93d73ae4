#include "jobwire/plain_list.h"

#include <algorithm>
#include <utility>

namespace jobwire {

void grow_bytes(std::unique_ptr<std::byte[]>& bytes, std::size_t used, std::size_t size) {
  std::unique_ptr<std::byte[]> more(new std::byte[size]);
  std::copy_n(bytes.get(), used, more.get());
  bytes = std::move(more);
}

}  // namespace jobwire
