// Any text through every decoder. What was understood is written and read again as the same value.
#include "jobwire/codec.h"

#include "fuzz.h"
#include "jobwire/channel.h"
#include "jobwire/cursor.h"
#include "jobwire/notification.h"

namespace jobwire::fuzz {
namespace {

void events(std::string_view text) {
  if (const auto event = decode_event(text)) {
    const auto again = decode_stored_event(encode_event(*event, Visibility::store));
    promise(static_cast<bool>(again) && *again == *event, "a reported event is stored as it is");
  }
  if (const auto event = decode_stored_event(text)) {
    const auto again = decode_stored_event(encode_event(*event, Visibility::store));
    promise(static_cast<bool>(again) && *again == *event, "a stored event reads as it was written");
    (void)encode_event(*event, Visibility::viewer);
  }
  if (const auto event = decode_new_job(text)) {
    promise(std::holds_alternative<event::Queued>(event->body), "a new job is queued");
  }
}

void jobs(std::string_view text) {
  const auto job = decode_job(text);
  if (!job) return;
  const auto again = decode_job(encode_job(*job, Visibility::store));
  promise(static_cast<bool>(again) && *again == *job, "a job reads as it was written");
}

// A server's message may lack what ours never lacks; then it need not be written in a form that is read.
void messages(std::string_view text) {
  if (const auto command = decode_command(text)) {
    const auto again = decode_command(encode_command(*command));
    promise(static_cast<bool>(again) && *again == *command, "a command reads as it was written");
  }
  if (const auto message = decode_server_message(text)) {
    const auto again = decode_server_message(encode_server_message(*message, Visibility::store));
    promise(!again || *again == *message, "a server's message reads as it was written");
  }
  if (const auto changes = decode_changes(text)) {
    const auto again = decode_server_message(encode_server_message(*changes, Visibility::store));
    promise(!again || *again == ServerMessage(*changes), "changes read as they were written");
  }
  if (const auto request = decode_changes_request(text)) {
    const auto again = decode_changes_request(encode_changes_request(*request));
    promise(static_cast<bool>(again) && *again == *request, "a request for changes reads as it was written");
  }
}

void notifications(std::string_view text) {
  if (const auto stored = decode_notification(text)) {
    const auto again = decode_notification(encode_notification(*stored));
    promise(!again || *again == *stored, "a notification reads as it was written");
  }
  if (const auto made = decode_new_notification(text)) {
    promise(!made->title.empty(), "a notification has a title");
    promise(!made->action || check_action_url(made->action->url, "url"), "a button leads where it may");
    auto again = decode_notification(encode_notification(*made));
    promise(static_cast<bool>(again) && *again == *made, "a new notification is stored as it is");
  }
  if (const auto made = decode_new_message(text)) {
    const auto again = decode_app_message(encode_app_message(made->message));
    const bool same = again && again->name == made->message.name;
    promise(same, "a message is stored by its name");
  }
  if (const auto query = decode_inbox_query(text)) {
    promise(query->limit > 0 && query->limit <= kMostListedNotifications, "a page is bounded");
  }
  if (const auto read = decode_read(text)) {
    promise(read->all == read->notification_ids.empty(), "some are named, or all are meant");
  }
}

void pieces(std::string_view text) {
  if (const auto elements = split_array(text, 100)) {
    for (const std::string_view element : *elements) {
      promise(element.data() >= text.data() && element.data() + element.size() <= text.data() + text.size(),
              "an element lies in its text");
      (void)decode_event(element, "job");
    }
  }
  (void)decode_reason(text);
  (void)decode_text_fields(text);
  if (const auto cursor = parse_cursor(text)) {
    const auto again = parse_cursor(to_string(*cursor));
    promise(static_cast<bool>(again) && *again == *cursor, "a cursor reads as it was written");
  }
  if (const auto channel = parse_channel(text)) {
    const auto again = parse_channel(to_string(*channel));
    promise(static_cast<bool>(again) && *again == *channel, "a channel reads as it was written");
  }
}

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  jobwire::fuzz::events(text);
  jobwire::fuzz::jobs(text);
  jobwire::fuzz::messages(text);
  jobwire::fuzz::notifications(text);
  jobwire::fuzz::pieces(text);
  return 0;
}
