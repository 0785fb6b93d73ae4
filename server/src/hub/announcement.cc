#include "hub/announcement.h"

#include <string>
#include <utility>

#include "hub/frame.h"
#include "jobwire/notification.h"

namespace jobwire::hub {

Announcement::Announcement(const log::Record& record) : record_(record) {
  auto message = decode_app_message(record.bytes);
  Channel channel;
  valid_ = message && (record.owner.empty() || read_channel(record.owner, channel) == nullptr);
  if (!valid_) return;
  message_ = std::move(*message);
  if (!record.owner.empty()) target_ = std::move(channel);
}

NamedEvent Announcement::event() const {
  NamedEvent event{message_.name, {}};
  if (!message_.data.empty()) event.arguments.values.push_back(message_.data);
  return event;
}

const Frame& Announcement::frame(Framing framing) {
  Frame& frame = frames_[static_cast<std::size_t>(framing)];
  if (!frame) frame = make_frame(framing, "{\"event\":\"message\",\"data\":" + record_.bytes + "}");
  return frame;
}

}  // namespace jobwire::hub
