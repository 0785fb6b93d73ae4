// An application message on its way to many: read once, framed once for each framing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hub/conversation.h"
#include "hub/sink.h"
#include "jobwire/channel.h"
#include "jobwire/message.h"
#include "log/record.h"

namespace jobwire::hub {

class Announcement {
 public:
  explicit Announcement(const log::Record& record);

  bool is_valid() const { return valid_; }
  const push::AppMessage& message() const { return message_; }
  NamedEvent event() const;  // as dialects tell it: by its own name
  std::int64_t offset() const { return record_.offset; }
  // To whom: those who follow this channel (of a user: all connections of that user); nullopt: everybody.
  const std::optional<Channel>& target() const { return target_; }
  const Frame& frame(Framing framing);  // of the native wire's `message`

 private:
  const log::Record& record_;
  bool valid_ = true;
  push::AppMessage message_;
  std::optional<Channel> target_;
  std::array<Frame, 4> frames_;
};

}  // namespace jobwire::hub
