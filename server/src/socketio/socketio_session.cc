#include "socketio/socketio_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "hub/frame.h"
#include "jobwire/json_writer.h"

namespace jobwire::socketio {
namespace {

// socket.io-client gives a namespace up for good on CONNECT_ERROR. It comes back by itself, a second or so later, where
// its connection is closed.
bool passes(const hub::Refused& refused) {
  return refused.code == CloseCode::draining || refused.code == CloseCode::rate_limited;
}

Packet packet_of(const hub::Emission& emission, const std::string& name_space) {
  const hub::NamedEvent& event = emission.event();
  Packet packet;
  packet.attachments = event.arguments.attachments.size();
  packet.type = packet.attachments == 0 ? PacketType::event : PacketType::binary_event;
  packet.name_space = name_space;
  packet.event = event.name;
  packet.values = event.arguments.values;
  return packet;
}

// The emission's packets as Engine.IO text; with its offset, as connection state recovery asks, as last argument.
std::vector<hub::Frame> encode_text(const hub::Emission& emission, const std::string& name_space, bool with_offset) {
  Packet packet = packet_of(emission, name_space);
  if (with_offset && !emission.offset().empty()) {
    std::string offset;
    append_json_string(offset, emission.offset());
    packet.values.push_back({std::move(offset)});
  }
  std::vector<hub::Frame> texts;
  texts.push_back(std::make_shared<const std::string>("4" + encode(packet)));
  for (const std::string& bytes : emission.event().arguments.attachments) {
    texts.push_back(
        std::make_shared<const std::string>(engineio::encode({engineio::PacketType::message, bytes, true})));
  }
  return texts;
}

std::vector<hub::Frame> encode_frames(const hub::Emission& emission, const std::string& name_space, bool with_offset) {
  std::vector<hub::Frame> frames;
  const std::vector<hub::Frame> texts = encode_text(emission, name_space, with_offset);
  frames.push_back(hub::make_frame(hub::Framing::websocket_text, *texts.front()));
  for (const std::string& bytes : emission.event().arguments.attachments) {
    frames.push_back(hub::make_frame(hub::Framing::websocket_binary, bytes));
  }
  return frames;
}

}  // namespace

class SocketIoSession::Room final : public hub::EventSink {
 public:
  Room(SocketIoSession& session, std::string name) : session_(&session), name_(std::move(name)) {}

  void emit(const hub::EmissionPtr& emission) override {
    if (session_ == nullptr || !begun_) return;
    EngineSession& engine = session_->engine_;
    const bool websocket = engine.on_websocket();
    const auto& packets = emission->frames(keys_[websocket ? 1 : 0], [&](const hub::Emission& each) {
      return websocket ? encode_frames(each, name_, recovers_) : encode_text(each, name_, recovers_);
    });
    for (const hub::Frame& packet : packets) websocket ? engine.send_frame(packet) : engine.send_text(packet);
  }

  void ask(hub::NamedEvent event, hub::Acknowledge answered) override {
    if (session_ == nullptr) return;
    asked_[++last_asked_] = std::move(answered);
    Packet packet = packet_of(hub::Emission(event), name_);
    packet.id = last_asked_;
    session_->send(packet, event.arguments.attachments);
  }

  void disconnect(CloseCode, std::string_view) override {
    if (session_ == nullptr) return;
    Packet packet;
    packet.type = PacketType::disconnect;
    packet.name_space = name_;
    session_->send(packet, {});
    session_->leave(name_);
  }

  bool unsent_exceeds(std::size_t bytes) const override {
    return session_ != nullptr && session_->engine_.unsent_exceeds(bytes);
  }

  void hold(hub::Accepted accepted) { accepted_ = std::move(accepted); }
  void keep(const std::function<void(bool)>& kept) { accepted_.conversation->keep(kept); }
  const hub::Accepted& accepted() const { return accepted_; }
  bool begun() const { return begun_; }
  void begin(bool recovers) {
    begun_ = true;
    recovers_ = recovers;
    keys_ = {(recovers_ ? "eio+" : "eio") + name_, (recovers_ ? "ws+" : "ws") + name_};
    accepted_.conversation->begin();
  }
  // From now on nothing passes; what holds the room lets go of it soon.
  void abandon() { session_ = nullptr; }

  hub::Conversation* conversation() { return session_ == nullptr ? nullptr : accepted_.conversation.get(); }
  void answered(std::uint64_t id, hub::Arguments arguments) {
    const auto at = asked_.find(id);
    if (at == asked_.end()) return;
    const hub::Acknowledge acknowledge = std::move(at->second);
    asked_.erase(at);
    if (acknowledge) acknowledge(std::move(arguments));
  }

 private:
  SocketIoSession* session_;  // null: left
  std::string name_;
  bool begun_ = false;  // its client knows that it is in
  bool recovers_ = false;
  std::array<std::string, 2> keys_;
  hub::Accepted accepted_{nullptr, {}, {}};
  std::map<std::uint64_t, hub::Acknowledge> asked_;
  std::uint64_t last_asked_ = 0;
};

SocketIoSession::SocketIoSession(EngineSession& engine, const std::vector<hub::Namespace>& namespaces,
                                 SocketIoOptions options, hub::Opening opening, UnixMs now, Release release)
    : engine_(engine),
      namespaces_(namespaces),
      options_(options),
      opening_(std::move(opening)),
      release_(std::move(release)),
      connect_until_(now + options_.connect_timeout),
      self_(std::make_shared<SocketIoSession*>(this)) {}

SocketIoSession::~SocketIoSession() {
  *self_ = nullptr;
  for (const auto& [name, room] : rooms_) room->abandon();
}

void SocketIoSession::received(std::string_view message, bool binary) {
  if (binary) return take_attachment(message);
  if (unfinished_) return engine_.close();  // an attachment was due
  Result<Packet> packet = decode(message, options_.codec);
  if (!packet) return engine_.close();
  if (packet->attachments > 0) {  // nothing is gathered for who is not in the namespace
    if (!is_in(packet->name_space)) return engine_.close();
    unfinished_ = std::move(*packet);
    return;
  }
  dispatch(std::move(*packet), {});
}

void SocketIoSession::take_attachment(std::string_view bytes) {
  attached_bytes_ += bytes.size();
  if (!unfinished_ || attached_bytes_ > options_.attached_bytes) return engine_.close();
  attachments_.emplace_back(bytes);
  if (attachments_.size() < unfinished_->attachments) return;
  Packet packet = std::move(*unfinished_);
  unfinished_.reset();
  attached_bytes_ = 0;
  dispatch(std::move(packet), std::exchange(attachments_, {}));
}

void SocketIoSession::dispatch(Packet packet, std::vector<std::string> attachments) {
  const auto at = rooms_.find(packet.name_space);
  if (packet.type == PacketType::connect) return at == rooms_.end() ? connect(packet) : engine_.close();
  if (!is_in(packet.name_space) || packet.type == PacketType::connect_error) return engine_.close();
  if (packet.type == PacketType::disconnect) return leave(packet.name_space);
  const std::shared_ptr<Room> room = at->second;
  hub::Arguments arguments{std::move(packet.values), std::move(attachments)};
  if (packet.type == PacketType::ack || packet.type == PacketType::binary_ack) {
    return room->answered(*packet.id, std::move(arguments));
  }
  hub::Acknowledge acknowledge;
  if (packet.id) {
    acknowledge = [self = self_, name = packet.name_space, id = *packet.id](hub::Arguments answer) {
      if (*self != nullptr) (*self)->acknowledge(name, id, std::move(answer));
    };
  }
  if (hub::Conversation* conversation = room->conversation()) {
    conversation->received({std::move(packet.event), std::move(arguments)}, std::move(acknowledge));
  }
}

void SocketIoSession::connect(const Packet& packet) {
  const auto known = std::find_if(namespaces_.begin(), namespaces_.end(),
                                  [&](const hub::Namespace& each) { return each.name == packet.name_space; });
  if (known == namespaces_.end()) return refuse(packet.name_space, {"Invalid namespace", {}, CloseCode::normal});
  if (rooms_.size() >= options_.most_namespaces) return engine_.close();
  auto room = std::make_shared<Room>(*this, packet.name_space);
  hub::Opening opening = opening_;
  opening_.is_counted = false;  // for its first namespace only
  opening.auth = packet.object;
  hub::read_recovery(opening);
  hub::Opened opened = known->open(*room, opening);
  if (const auto* refused = std::get_if<hub::Refused>(&opened)) {
    return passes(*refused) && rooms_.empty() ? engine_.close() : refuse(packet.name_space, *refused);
  }
  room->hold(std::move(std::get<hub::Accepted>(opened)));
  rooms_[packet.name_space] = room;
  room->keep([self = self_, name = packet.name_space, held = std::weak_ptr<Room>(room)](bool kept) {
    const std::shared_ptr<Room> same = held.lock();
    if (*self != nullptr && same) (*self)->let_in(name, same, kept);
  });
}

void SocketIoSession::let_in(const std::string& name_space, const std::shared_ptr<Room>& room, bool kept) {
  const auto at = rooms_.find(name_space);
  if (at == rooms_.end() || at->second != room || !engine_.is_open()) return;  // it has gone meanwhile
  const hub::Accepted& accepted = room->accepted();
  const std::string recover_id = kept ? accepted.recover_id : std::string();
  Packet answer;
  answer.type = PacketType::connect;
  answer.name_space = name_space;
  JsonWriter(answer.object.text).begin_object().field("sid", accepted.id).field_if("pid", recover_id).end_object();
  send(answer, {});
  connect_until_ = 0;
  room->begin(!recover_id.empty());
}

bool SocketIoSession::is_in(const std::string& name_space) const {
  const auto at = rooms_.find(name_space);
  return at != rooms_.end() && at->second->begun();
}

void SocketIoSession::refuse(const std::string& name_space, const hub::Refused& refused) {
  Packet packet;
  packet.type = PacketType::connect_error;
  packet.name_space = name_space;
  JsonWriter(packet.object.text)
      .begin_object()
      .field("message", refused.message)
      .raw_field_if("data", refused.data)
      .end_object();
  send(packet, {});
}

void SocketIoSession::leave(const std::string& name_space) {
  const auto at = rooms_.find(name_space);
  if (at == rooms_.end()) return;
  at->second->abandon();
  release_(std::move(at->second));
  rooms_.erase(at);
}

void SocketIoSession::send(const Packet& packet, const std::vector<std::string>& attachments) {
  engine_.send(encode(packet));
  for (const std::string& bytes : attachments) engine_.send(bytes, true);
}

void SocketIoSession::acknowledge(const std::string& name_space, std::uint64_t id, hub::Arguments arguments) {
  if (!rooms_.contains(name_space)) return;
  Packet packet;
  packet.attachments = arguments.attachments.size();
  packet.type = packet.attachments == 0 ? PacketType::ack : PacketType::binary_ack;
  packet.name_space = name_space;
  packet.id = id;
  packet.values = std::move(arguments.values);
  send(packet, arguments.attachments);
}

void SocketIoSession::drained() {
  std::string name;
  for (auto at = rooms_.begin(); at != rooms_.end(); at = rooms_.upper_bound(name)) {
    name = at->first;
    const std::shared_ptr<Room> room = at->second;  // it may leave
    if (hub::Conversation* conversation = room->conversation()) conversation->drained();
  }
}

void SocketIoSession::tick(UnixMs now) {
  if (connect_until_ != 0 && now >= connect_until_) engine_.close();
}

}  // namespace jobwire::socketio
