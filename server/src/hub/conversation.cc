#include "hub/conversation.h"

#include <algorithm>
#include <utility>

#include "jobwire/json_object.h"

namespace jobwire::hub {

const std::vector<Frame>& Emission::frames(std::string_view key,
                                           const std::function<std::vector<Frame>(const Emission&)>& encode) const {
  const auto same = [&](const Encoded& encoded) { return encoded.key == key; };
  if (const auto at = std::find_if(encoded_.begin(), encoded_.end(), same); at != encoded_.end()) return at->frames;
  encoded_.push_back({std::string(key), encode(*this)});
  return encoded_.back().frames;
}

void read_recovery(Opening& opening) {
  if (opening.auth.empty()) return;
  const Result<JsonObject> auth = JsonObject::parse(opening.auth.text);
  if (!auth) return;
  if (Result<std::string> id = auth->text("pid")) opening.recover_id = std::move(*id);
  if (Result<std::string> offset = auth->text("offset")) opening.recover_offset = std::move(*offset);
}

CloseCode refusal_code(const Error& error) {
  if (error.code == ErrorCode::rate_limited) return CloseCode::rate_limited;
  if (error.code == ErrorCode::unavailable) return CloseCode::draining;
  return CloseCode::unauthenticated;
}

}  // namespace jobwire::hub
