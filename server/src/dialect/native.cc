#include "dialect/native.h"

#include "jobwire/json_writer.h"

namespace jobwire::dialect {
namespace {

constexpr std::size_t kFrameBytes = 256;

std::string_view text_of(const Segment& segment) { return *segment; }
std::string_view text_of(std::string_view text) { return text; }

template <class Piece>
void write_pieces(JsonWriter& json, std::string_view name, const std::vector<Piece>& pieces) {
  if (pieces.empty()) return;
  json.key(name).begin_array();
  for (const Piece& piece : pieces) json.raw(text_of(piece));
  json.end_array();
}

void write_channels(JsonWriter& json, std::string_view name, std::span<const Channel> channels) {
  if (channels.empty()) return;
  json.key(name).begin_array();
  for (const Channel& channel : channels) json.string(to_string(channel));
  json.end_array();
}

void write_object(JsonWriter& json, const ChangesFrame& frame, const Changes& changes) {
  json.begin_object().field("cursor", to_string(frame.cursor));
  json.field_if("reset", frame.reset).field_if("synced", frame.synced);
  write_pieces(json, "events", changes.events);
  write_pieces(json, "jobs", changes.jobs);
  write_pieces(json, "removed", changes.removed);
  write_pieces(json, "notifications", changes.notifications);
  if (changes.unread) json.field("unread", *changes.unread);
  write_channels(json, "followed", frame.followed);
  write_channels(json, "truncated", frame.truncated);
  json.field_if("user", frame.user).field_if("role", frame.role);
  write_overlay(json, frame.estimates, frame.queues);
  write_pieces(json, "messages", frame.messages);
  json.end_object();
}

}  // namespace

Segment event_segment(const JobEvent& event, Visibility visibility) {
  return std::make_shared<const std::string>(encode_event(event, visibility));
}

Segment job_segment(const JobState& job, Visibility visibility) {
  return std::make_shared<const std::string>(encode_job(job, visibility));
}

Segment removal_segment(const JobId& job, std::int64_t version) {
  std::string text;
  JsonWriter(text).begin_object().field("jobId", job.value).field("version", version).end_object();
  return std::make_shared<const std::string>(std::move(text));
}

void Changes::clear() {
  events.clear();
  jobs.clear();
  removed.clear();
  notifications.clear();
  unread.reset();
  bytes = 0;
}

void Changes::add_event(Segment segment) {
  bytes += segment->size() + 1;
  events.push_back(std::move(segment));
}

void Changes::add_job(Segment segment) {
  bytes += segment->size() + 1;
  jobs.push_back(std::move(segment));
}

void Changes::add_removal(Segment segment) {
  bytes += segment->size() + 1;
  removed.push_back(std::move(segment));
}

void Changes::add_notification(Segment segment) {
  bytes += segment->size() + 1;
  notifications.push_back(std::move(segment));
}

bool Changes::same_segments(const Changes& other) const {
  return events == other.events && jobs == other.jobs && removed == other.removed &&
         notifications == other.notifications && unread == other.unread;
}

std::string changes_object(const ChangesFrame& frame, const Changes& changes) {
  std::string text;
  text.reserve(changes.bytes + kFrameBytes);
  JsonWriter json(text);
  write_object(json, frame, changes);
  return text;
}

std::string changes_message(const ChangesFrame& frame, const Changes& changes) {
  std::string text;
  text.reserve(changes.bytes + kFrameBytes);
  JsonWriter json(text);
  json.begin_object().field("event", "changes").key("data");
  write_object(json, frame, changes);
  json.end_object();
  return text;
}

}  // namespace jobwire::dialect
