// What is written to inboxes besides what rules make: reads, and notifications of the application.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "jobwire/notification.h"
#include "node/node.h"

namespace jobwire::node {

// Marks these (of these owners' inboxes), or all, as read, however others write to them at the same time. Those that
// are unknown or read already are nothing to do. `done` gets how many it was told; it comes at once where there are
// none.
using ReadDone = std::function<void(Result<std::size_t>)>;
void mark_read(Node& node, std::vector<std::string> owners, command::Read read, ReadDone done);

struct Notified {
  std::string id;
  std::int64_t offset = 0;
};
// Adds one. Its id, where it has one, makes a repeat safe: the first stands.
using NotifyDone = std::function<void(Result<Notified>)>;
void notify(Node& node, const std::string& owner, const Notification& notification, NotifyDone done);

// An application message on its way; `target` is a channel, or empty for everybody.
inline constexpr std::string_view kMessageKind = "message";
inline constexpr DurationMs kMessagesKeptFor = 2 * 60 * 1000;  // for connections that are recovered
// Answers its offset. With an id, a repeat to the same target gets the first one's, another body `event_id_reused`.
using SendDone = std::function<void(Result<std::int64_t>)>;
void send_message(Node& node, const std::string& target, const NewMessage& message, SendDone done);

}  // namespace jobwire::node
