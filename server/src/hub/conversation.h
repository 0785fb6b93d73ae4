// A conversation in named events, as every dialect holds it. Its framing (Socket.IO, or plain WebSocket messages) lies
// below this line: a conversation never sees a packet, a framing never sees a job.
//
//   framing                                   conversation
//   Namespace::open(sink, opening)      ->    accepted or refused; sends nothing yet
//   Conversation::keep(kept)            ->    kept(), now or later, where the framing can bring a client back
//   ... tells the client that it is in
//   Conversation::begin()               ->    the present state
//   Conversation::received(event, ack)  ->    emits, acknowledges
//   Conversation::drained()             ->    goes on, where it stopped at the high-water mark
//   ~Conversation()                           the client has gone, or was disconnected
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/credentials.h"
#include "hub/sink.h"
#include "jobwire/job_state.h"

namespace jobwire::hub {

// Arguments are JSON texts, validated once. The n-th binary value among them stands as
// {"_placeholder":true,"num":n} and its bytes are attachments[n] (socket.io-protocol, "Packet encoding").
struct Arguments {
  std::vector<RawJson> values;
  std::vector<std::string> attachments;
  bool operator==(const Arguments&) const = default;
};

struct NamedEvent {
  std::string name;
  Arguments arguments;
  bool operator==(const NamedEvent&) const = default;
};

// One event on its way to many: immutable, shared; each framing's bytes are built by whoever needs them first.
class Emission {
 public:
  // `offset`: where a connection that has taken this goes on; empty where it may not be resumed from.
  explicit Emission(NamedEvent event, std::string offset = {}) : event_(std::move(event)), offset_(std::move(offset)) {}

  const NamedEvent& event() const { return event_; }
  const std::string& offset() const { return offset_; }

  // The bytes under this key (a framing and a namespace, say "ws/jobs"); `encode` builds them the first time.
  const std::vector<Frame>& frames(std::string_view key,
                                   const std::function<std::vector<Frame>(const Emission&)>& encode) const;

 private:
  struct Encoded {
    std::string key;
    std::vector<Frame> frames;
  };
  NamedEvent event_;
  std::string offset_;
  mutable std::vector<Encoded> encoded_;  // one or two: as many as framings are in use
};
using EmissionPtr = std::shared_ptr<const Emission>;

// Answers one event, at most once, now or later; may outlive the conversation (then nothing happens). Empty: no answer
// was asked for.
using Acknowledge = std::function<void(Arguments)>;

// The client's end. Never calls back into the conversation from inside.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void emit(const EmissionPtr& emission) = 0;
  // An event that the client is to acknowledge; a plain WebSocket's never does.
  virtual void ask(NamedEvent event, Acknowledge answered) = 0;
  // The server ends this conversation: Socket.IO's DISCONNECT packet, a plain WebSocket's close with this code. The
  // conversation is dropped soon after, not from inside this call.
  virtual void disconnect(CloseCode code, std::string_view reason) = 0;
  // Whether more than so many bytes are queued and not yet taken by the network; who has heard yes is told by drained()
  // when none are left.
  virtual bool unsent_exceeds(std::size_t bytes) const = 0;
};

class Conversation {
 public:
  virtual ~Conversation() = default;
  // From now on who comes back with its recover_id goes on here. `kept` is called once, when the next server would know
  // of it too: before that nobody is told the id. false: the store has not taken it. Not at all where it has gone by
  // then.
  virtual void keep(const std::function<void(bool)>& kept) { kept(true); }
  virtual void begin() = 0;
  virtual void received(NamedEvent event, Acknowledge acknowledge) = 0;
  virtual void drained() = 0;
};

// How a client came: everything that may say who it is, and what it wants back.
struct Opening {
  RawJson auth;                   // Socket.IO's `auth` object; empty: none. Hub::authenticate() reads its `token`
  auth::Credentials credentials;  // what the request brought along: transport/credentials.h
  std::string address;            // whose connects and commands count together: Request::client
  bool is_counted = false;        // as a connect of its address: its handshake was
  std::string recover_id;         // Socket.IO connection state recovery: the `pid` that the client was given
  std::string recover_offset;     // the last offset that it has seen; may be empty though recover_id is not
};

// Moves Socket.IO's `pid` and `offset` (strings) from the auth payload to where they belong.
void read_recovery(Opening& opening);

struct Accepted {
  std::unique_ptr<Conversation> conversation;
  std::string id;          // Socket.IO's `sid` of the namespace; unguessable
  std::string recover_id;  // `pid`; empty: this conversation cannot be recovered
};
// As Socket.IO's connect_error tells it; a plain WebSocket is closed with `code`, and so is a Socket.IO connection
// where the refusal passes with time (rate_limited, draining), for then its client tries again.
struct Refused {
  std::string message;
  RawJson data;  // an object, or empty
  CloseCode code;
};
// What refuses somebody who could not be told, or not in time, who it is.
CloseCode refusal_code(const Error& error);
using Opened = std::variant<Accepted, Refused>;

// A path where conversations are held: a Socket.IO namespace, and a plain WebSocket's path.
struct Namespace {
  std::string name;  // "/jobs"
  std::function<Opened(EventSink&, const Opening&)> open;
};

}  // namespace jobwire::hub
