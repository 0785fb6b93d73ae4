#include "hub/conversation.h"

#include <algorithm>
#include <utility>

namespace jobwire::hub {

const std::vector<Frame>& Emission::frames(std::string_view key,
                                           const std::function<std::vector<Frame>(const Emission&)>& encode) const {
  const auto same = [&](const Encoded& encoded) { return encoded.key == key; };
  if (const auto at = std::find_if(encoded_.begin(), encoded_.end(), same); at != encoded_.end()) return at->frames;
  encoded_.push_back({std::string(key), encode(*this)});
  return encoded_.back().frames;
}

}  // namespace jobwire::hub
