// `/notifications`: one's inbox in named events, alike in every tab and on every device (PROTOCOL.md,
// "/notifications").
//
//   joins                         -> unread-count {count}, notifications {notifications, next?, unread}
//   one is made, or raised again  -> notification {...}, unread-count
//   one is read, wherever         -> notification-read {...}, unread-count
#pragma once

#include "hub/conversation.h"
#include "hub/hub.h"

namespace jobwire::hub {

// `id`: a conversation's, unguessable. Lives as long as the hub.
Namespace notifications_namespace(Hub& hub, std::function<std::string()> id);

}  // namespace jobwire::hub
