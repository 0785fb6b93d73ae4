// Namespaces whose conversations keep what they hear, and say what a test wants said.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/conversation.h"

namespace jobwire::test {

struct Script {
  // ---- what happened ----
  hub::EventSink* sink = nullptr;  // null: nobody is there
  hub::Opening opening;
  std::vector<std::string> heard;  // "name[values]", with "+bytes" for each attachment
  hub::Acknowledge acknowledge;    // of the last event
  int drains = 0, begun = 0, ended = 0;
  // ---- what is to happen ----
  std::optional<hub::Refused> refusal;
  std::string recover_id;
  bool keeps_waiting = false;  // then `kept` is the test's to call
  std::function<void(bool)> kept;
  std::function<void()> on_begin;
  std::function<void()> on_event;

  void emit(std::string name, hub::Arguments arguments = {}, std::string offset = {}) const {
    hub::NamedEvent event{std::move(name), std::move(arguments)};
    sink->emit(std::make_shared<const hub::Emission>(std::move(event), std::move(offset)));
  }
};

inline hub::Arguments values(std::vector<std::string> texts) {
  hub::Arguments arguments;
  for (std::string& text : texts) arguments.values.push_back({std::move(text)});
  return arguments;
}

inline std::string written(const hub::Arguments& arguments) {
  std::string text = "[";
  for (const RawJson& value : arguments.values) text += (text.size() > 1 ? "," : "") + value.text;
  text += "]";
  for (const std::string& bytes : arguments.attachments) text += "+" + bytes;
  return text;
}

class ScriptedConversation final : public hub::Conversation {
 public:
  ScriptedConversation(Script& script, hub::EventSink& sink) : script_(script) { script_.sink = &sink; }
  ~ScriptedConversation() override {
    ++script_.ended;
    script_.sink = nullptr;
  }
  void keep(const std::function<void(bool)>& kept) override {
    if (script_.keeps_waiting) return void(script_.kept = kept);
    kept(true);
  }
  void begin() override {
    ++script_.begun;
    if (script_.on_begin) script_.on_begin();
  }
  void received(hub::NamedEvent event, hub::Acknowledge acknowledge) override {
    script_.heard.push_back(event.name + written(event.arguments));
    script_.acknowledge = std::move(acknowledge);
    if (script_.on_event) script_.on_event();
  }
  void drained() override { ++script_.drains; }

 private:
  Script& script_;
};

// `script` outlives it. One conversation at a time is looked at: the last that was opened.
inline hub::Namespace scripted(std::string name, Script& script) {
  return {std::move(name), [&script](hub::EventSink& sink, const hub::Opening& opening) -> hub::Opened {
            script.opening = opening;
            if (script.refusal) return *script.refusal;
            return hub::Accepted{std::make_unique<ScriptedConversation>(script, sink), "id-of-it", script.recover_id};
          }};
}

}  // namespace jobwire::test
