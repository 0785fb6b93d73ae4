// For others than admins a queue's channel carries counts, not jobs (PROTOCOL.md, "Channels and cursor").
#pragma once

#include "auth/principal.h"
#include "jobwire/channel.h"

namespace jobwire::hub {

inline bool counts_only(const auth::Principal& who, const Channel& channel) {
  return channel.kind == ChannelKind::queue && !auth::may_administer(who);
}

}  // namespace jobwire::hub
