#include "log/event_log.h"

#include <string_view>
#include <type_traits>

namespace jobwire::log {
namespace {

// FNV-1a, 64 bit. Each field goes in behind its own tag and only where it is set, so that a field which a later
// version adds does not change the fingerprints that are stored. Never renumber a tag.
class Fingerprint {
 public:
  void text(std::uint8_t tag, std::string_view text) {
    if (!text.empty()) present_text(tag, text);
  }
  void present_text(std::uint8_t tag, std::string_view text) {
    byte(tag);
    number_bytes(text.size());
    for (const char c : text) byte(static_cast<std::uint8_t>(c));
  }
  void number(std::uint8_t tag, std::int64_t value) {
    if (value != 0) present_number(tag, value);
  }
  void present_number(std::uint8_t tag, std::int64_t value) {
    byte(tag);
    number_bytes(static_cast<std::uint64_t>(value));
  }
  std::uint64_t value() const { return hash_; }

 private:
  void byte(std::uint8_t b) { hash_ = (hash_ ^ b) * 0x100000001b3ULL; }
  void number_bytes(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<std::uint8_t>(value >> shift));
  }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

struct BodyFingerprint {
  Fingerprint& into;
  void operator()(const event::Queued& body) {
    into.number(20, body.priority);
    into.text(21, body.payload.text);
  }
  void operator()(const event::Started& body) { into.text(22, body.worker_id); }
  void operator()(const event::Progress& body) { into.present_number(23, body.progress.hundredths); }
  void operator()(const event::Log&) {}
  void operator()(const event::Updated& body) {
    into.text(24, body.status_text);
    if (body.progress) into.present_number(23, body.progress->hundredths);
  }
  void operator()(const event::Completed& body) { into.text(25, body.result.text); }
  void operator()(const event::Failed& body) {
    into.text(26, body.error.message);
    into.text(27, body.error.code);
  }
  void operator()(const event::CancelRequested& body) { into.text(28, body.reason); }
  void operator()(const event::Cancelled& body) { into.text(28, body.reason); }
  void operator()(const event::Retried&) {}
  void operator()(const event::Stalled&) {}
  void operator()(const event::Resumed&) {}
  void operator()(const event::Removed&) {}
  void operator()(const event::Unknown&) {}
};

struct IsLifecycle {
  template <class Body>
  bool operator()(const Body&) const {
    using namespace event;
    constexpr bool chatter = std::is_same_v<Body, Progress> || std::is_same_v<Body, Log> ||
                             std::is_same_v<Body, Updated> || std::is_same_v<Body, Stalled> ||
                             std::is_same_v<Body, Resumed> || std::is_same_v<Body, Unknown>;
    return !chatter;
  }
};

}  // namespace

bool is_lifecycle(const JobEvent& event) { return std::visit(IsLifecycle{}, event.body); }

std::uint64_t fingerprint(const JobEvent& event) {
  if (event.reported_as != 0) return event.reported_as;
  Fingerprint hash;
  hash.text(1, event.job_id.value);
  hash.text(2, type_name(event.body));
  hash.text(3, event.identity.type);
  hash.text(4, event.identity.queue);
  hash.text(5, event.identity.user_id.value);
  hash.text(6, event.identity.ref);
  hash.text(7, event.identity.parent_id.value);
  if (event.stage) hash.present_text(8, *event.stage);
  if (event.message) hash.present_text(9, *event.message);
  for (const auto& [key, value] : event.metadata) {
    hash.present_text(10, key);
    hash.present_text(11, value.text);
  }
  hash.text(12, event.event_id);
  if (event.attempt) hash.present_number(13, *event.attempt);
  hash.number(14, event.reported_at);
  std::visit(BodyFingerprint{hash}, event.body);
  return hash.value();
}

}  // namespace jobwire::log
