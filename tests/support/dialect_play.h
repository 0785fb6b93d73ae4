// Plays the transcripts of tests/vectors/dialects against a namespace; their steps are described in the README there.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/conversation.h"
#include "jobwire/json_object.h"
#include "support/server_core.h"

namespace jobwire::test {

// Equal, whatever the order of an object's members; "*" in `expected` stands for anything.
bool json_matches(std::string_view expected, std::string_view actual);

// A client's end of a conversation, and what it was told.
class DialectPage : public hub::EventSink {
 public:
  struct Told {
    std::string name;
    std::string json;
    std::string offset = {};
  };

  void emit(const hub::EmissionPtr& emission) override;
  void ask(hub::NamedEvent event, hub::Acknowledge) override { note(event); }
  void disconnect(CloseCode code, std::string_view) override { ended = code; }
  bool unsent_exceeds(std::size_t bytes) const override { return unsent > bytes; }

  std::vector<Told> told;
  std::string offset;  // the last that was seen
  std::optional<CloseCode> ended;
  std::size_t unsent = 0;  // what the network has not taken, as the test says
  std::string id, recover_id;
  std::unique_ptr<hub::Conversation> conversation;

  // As a framing lets it in, over a server whose loop is run.
  void begin(ServerCore& core) {
    bool kept = false;
    conversation->keep([&](bool) { kept = true; });
    core.run();
    REQUIRE(kept);
    conversation->begin();
    core.run();
  }

 private:
  void note(const hub::NamedEvent& event);
};

class DialectPlay {
 public:
  // `pass` lets time go by for everything that has a clock.
  DialectPlay(ServerCore& core, hub::Namespace name_space, std::function<void(DurationMs)> pass);

  // One transcript: {name, ignore?, steps}.
  void play(const JsonObject& transcript);
  DialectPage& page(const std::string& name) { return pages_.at(name); }

 private:
  using Step = JsonObject;
  void take(const Step& step);
  void publish(std::string_view events);
  void open(const std::string& name, const Step& step);
  void send(const std::string& name, const Step& step);
  void expect_told(DialectPage& page, const Step& step);
  void expect_latest(DialectPage& page, const Step& step);
  bool is_ignored(const std::string& event) const;
  void drop_ended();

  ServerCore& core_;
  hub::Namespace namespace_;
  std::function<void(DurationMs)> pass_;
  std::vector<std::string> ignored_;
  std::map<std::string, DialectPage> pages_;
};

// The transcripts of a file of tests/vectors/dialects.
struct DialectFile {
  std::string name_space;
  std::vector<JsonObject> transcripts;
};
DialectFile read_dialect_file(const std::string& dialect);

}  // namespace jobwire::test
