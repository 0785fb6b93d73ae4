#include "socketio/plain_events.h"

#include <memory>
#include <utility>

#include "hub/frame.h"
#include "jobwire/json_object.h"
#include "jobwire/json_writer.h"
#include "jobwire/socketio.h"
#include "transport/credentials.h"

namespace jobwire::socketio {
namespace {

constexpr int kMostBroken = 10;  // messages in a row

std::string message_of(const hub::NamedEvent& event) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().field("event", event.name);
  if (!event.arguments.values.empty()) json.key("data").raw(event.arguments.values.front().text);
  json.end_object();
  return text;
}

class PlainSession final : public transport::SessionPort, public hub::EventSink {
 public:
  PlainSession(hub::Sink& sink, CodecLimits limits) : sink_(sink), limits_(limits) {}
  ~PlainSession() override { *self_ = nullptr; }

  void open(const hub::Namespace& name_space, const hub::Opening& opening) {
    hub::Opened opened = name_space.open(*this, opening);
    if (const auto* refused = std::get_if<hub::Refused>(&opened)) return sink_.close(refused->code, refused->message);
    conversation_ = std::move(std::get<hub::Accepted>(opened).conversation);
    conversation_->begin();
  }

  // ---- from the client ----
  void received(std::string_view message) override {
    if (!conversation_) return;
    Result<hub::NamedEvent> event = read(message);
    if (!event) return refuse(event.error());
    broken_ = 0;
    conversation_->received(std::move(*event), [self = self_](hub::Arguments answer) {
      if (*self != nullptr && !answer.values.empty()) (*self)->send(answer.values.front().text);
    });
  }
  void drained() override {
    if (conversation_) conversation_->drained();
  }

  // ---- from the conversation ----
  void emit(const hub::EmissionPtr& emission) override {
    const auto& frames = emission->frames("plain", [](const hub::Emission& each) {
      return std::vector<hub::Frame>{hub::make_frame(hub::Framing::websocket_text, message_of(each.event()))};
    });
    sink_.send(frames.front());
  }
  void ask(hub::NamedEvent event, hub::Acknowledge) override { send(message_of(event)); }
  void disconnect(CloseCode code, std::string_view reason) override { sink_.close(code, reason); }
  bool unsent_exceeds(std::size_t bytes) const override { return sink_.unsent_exceeds(bytes); }

 private:
  Result<hub::NamedEvent> read(std::string_view message) const {
    const Result<JsonObject> object = JsonObject::parse(message, limits_, "a message");
    if (!object) return object.error();
    Result<std::string> name = object->text("event");
    if (!name) return name.error();
    if (name->empty()) return Error{ErrorCode::bad_request, "a message names its event", "event", 0};
    if (is_reserved(*name)) return Error{ErrorCode::bad_request, "this event's name is reserved", "event", 0};
    hub::NamedEvent event{std::move(*name), {}};
    if (const auto* data = object->find("data")) event.arguments.values.push_back(data->json);
    return event;
  }

  void refuse(const Error& error) {
    if (++broken_ >= kMostBroken) return sink_.close(CloseCode::bad_message, error.message);
    std::string text;
    JsonWriter(text)
        .begin_object()
        .field("event", "exception")
        .key("data")
        .begin_object()
        .field("status", "error")
        .field("code", code_name(error.code))
        .field("message", error.message)
        .field_if("field", error.field)
        .end_object()
        .end_object();
    send(text);
  }

  void send(std::string_view message) { sink_.send(hub::make_frame(hub::Framing::websocket_text, message)); }

  hub::Sink& sink_;
  CodecLimits limits_;
  int broken_ = 0;
  std::unique_ptr<hub::Conversation> conversation_;
  std::shared_ptr<PlainSession*> self_ = std::make_shared<PlainSession*>(this);  // for late acknowledgements: then null
};

}  // namespace

std::vector<transport::WebSocketRoute> plain_routes(std::vector<hub::Namespace> namespaces,
                                                    const auth::OriginRules& origins, CodecLimits limits) {
  std::vector<transport::WebSocketRoute> routes;
  for (hub::Namespace& each : namespaces) {
    transport::WebSocketRoute route;
    route.path = each.name;
    route.also_http = true;
    route.open = [each = std::move(each), origins, limits](hub::Sink& sink, const transport::Request& request) {
      auto session = std::make_unique<PlainSession>(sink, limits);
      hub::Opening opening;
      opening.credentials = transport::credentials_of(request, origins);
      opening.address = request.client;
      session->open(each, opening);
      return session;
    };
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace jobwire::socketio
