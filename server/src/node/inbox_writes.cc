#include "node/inbox_writes.h"

#include <memory>
#include <utility>

namespace jobwire::node {
namespace {

constexpr int kMostRounds = 8;

Error unavailable(const Error& why) { return {ErrorCode::unavailable, why.message, "", 1'000}; }

struct Reading {
  std::vector<std::string> owners;
  command::Read read;
  ReadDone done;
  std::size_t marked = 0;
  int rounds = 0;
};

std::vector<log::RecordAppend> unread_of(const Node& node, const Reading& reading) {
  std::vector<log::RecordAppend> batch;
  for (const std::string& owner : reading.owners) {
    const auto add = [&](const InboxEntry* entry) {
      if (entry != nullptr && !entry->read) batch.push_back(marked_read(owner, *entry, node.now()));
    };
    if (reading.read.all) {
      for (const InboxEntry* entry : node.inbox().list(owner, 0, std::size_t(-1), true)) add(entry);
    } else {
      for (const std::string& id : reading.read.notification_ids) add(node.inbox().find(owner, id));
    }
  }
  return batch;
}

// What somebody else wrote meanwhile conflicts, and goes again as it then stands.
void mark(Node& node, const std::shared_ptr<Reading>& reading) {
  auto batch = unread_of(node, *reading);
  if (batch.empty()) return reading->done(reading->marked);
  if (++reading->rounds > kMostRounds) {
    return reading->done(Error{ErrorCode::conflict, "other writers changed them again and again", "", 0});
  }
  node.append_records(std::move(batch), [&node, reading](const std::vector<log::RecordOutcome>& outcomes) {
    bool conflicts = false;
    for (const log::RecordOutcome& outcome : outcomes) {
      if (const auto* failure = std::get_if<log::RecordNotStored>(&outcome)) {
        return reading->done(unavailable(failure->error));
      }
      conflicts = conflicts || std::holds_alternative<log::RecordConflict>(outcome);
      if (std::holds_alternative<log::RecordAppended>(outcome)) ++reading->marked;
    }
    conflicts ? mark(node, reading) : reading->done(reading->marked);
  });
}

}  // namespace

void mark_read(Node& node, std::vector<std::string> owners, command::Read read, ReadDone done) {
  mark(node, std::make_shared<Reading>(Reading{std::move(owners), std::move(read), std::move(done)}));
}

void notify(Node& node, const std::string& owner, const Notification& notification, NotifyDone done) {
  log::Record record{
      std::string(kNotificationKind), owner, notification.id, encode_notification(notification), 0, 0, 0};
  record.expires_at = node.now() + node.options().rules.keep_for;
  log::RecordAppend append{std::move(record)};
  if (!notification.id.empty()) append.expected = 0;
  node.append_records({std::move(append)}, [id = notification.id, done = std::move(done)](const auto& outcomes) {
    if (const auto* stored = std::get_if<log::RecordAppended>(&outcomes.front())) {
      return done(Notified{id.empty() ? std::to_string(stored->offset) : id, stored->offset});
    }
    if (const auto* known = std::get_if<log::RecordConflict>(&outcomes.front())) {
      return done(Notified{id, known->actual});
    }
    done(unavailable(std::get<log::RecordNotStored>(outcomes.front()).error));
  });
}

void send_message(Node& node, const std::string& target, const NewMessage& message, SendDone done) {
  const std::string bytes = encode_app_message(message.message);
  log::RecordAppend append{{std::string(kMessageKind), target, message.id, bytes, node.now() + kMessagesKeptFor, 0, 0},
                           {}};
  if (!message.id.empty()) append.expected = 0;
  node.append_records(
      {std::move(append)}, [&node, target, id = message.id, bytes, done = std::move(done)](const auto& outcomes) {
        if (const auto* stored = std::get_if<log::RecordAppended>(&outcomes.front())) return done(stored->offset);
        if (const auto* known = std::get_if<log::RecordConflict>(&outcomes.front())) {
          const log::Record* first = node.records().find(kMessageKind, target, id);
          if (first == nullptr || first->bytes == bytes) return done(known->actual);
          return done(Error{ErrorCode::event_id_reused, "this id came with another body before", "id", 0});
        }
        done(unavailable(std::get<log::RecordNotStored>(outcomes.front()).error));
      });
}

}  // namespace jobwire::node
