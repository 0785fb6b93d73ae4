// How transcripts are played: tests/vectors/dialects/README.md.
#include "support/dialect_play.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "support/places.h"

namespace jobwire::test {
namespace {

JsonObject object_of(std::string_view json) {
  auto object = JsonObject::parse(json);
  REQUIRE(object);
  return std::move(*object);
}

std::string text_of(const JsonObject& object, std::string_view name) {
  const JsonObject::Member* member = object.find(name);
  return member == nullptr ? std::string() : member->text;
}

std::vector<std::string> elements(std::string_view json) {
  const auto spans = split_array(json, 1'000);
  REQUIRE(spans);
  return {spans->begin(), spans->end()};
}

// Of a JSON text by itself.
std::string plain(std::string_view json) { return text_of(object_of("{\"v\":" + std::string(json) + "}"), "v"); }

std::string listed(const std::vector<DialectPage::Told>& told) {
  std::string text;
  for (const auto& one : told) text += "  " + one.name + " " + one.json + "\n";
  return text;
}

bool is(const DialectPage::Told& told, const std::string& expected) {
  const auto pair = elements(expected);
  return plain(pair.at(0)) == told.name && json_matches(pair.at(1), told.json);
}

}  // namespace

bool json_matches(std::string_view expected, std::string_view actual) {
  if (expected == "\"*\"") return !actual.empty();
  if (expected.empty() || actual.empty() || expected[0] != actual[0]) return expected == actual;
  if (expected[0] == '{') {
    const JsonObject want = object_of(expected);
    const JsonObject have = object_of(actual);
    const auto same = [&](const JsonObject::Member& member) {
      const JsonObject::Member* other = have.find(member.name);
      return other != nullptr && json_matches(member.json.text, other->json.text);
    };
    return want.members().size() == have.members().size() &&
           std::all_of(want.members().begin(), want.members().end(), same);
  }
  if (expected[0] == '[') {
    const auto want = elements(expected);
    const auto have = elements(actual);
    return std::equal(want.begin(), want.end(), have.begin(), have.end(),
                      [](const std::string& a, const std::string& b) { return json_matches(a, b); });
  }
  return expected == actual;
}

void DialectPage::emit(const hub::EmissionPtr& emission) {
  note(emission->event());
  told.back().offset = emission->offset();
  if (!emission->offset().empty()) offset = emission->offset();
}

void DialectPage::note(const hub::NamedEvent& event) {
  const auto& values = event.arguments.values;
  told.push_back({event.name, values.empty() ? "null" : values.front().text});
}

DialectPlay::DialectPlay(ServerCore& core, hub::Namespace name_space, std::function<void(DurationMs)> pass)
    : core_(core), namespace_(std::move(name_space)), pass_(std::move(pass)) {}

void DialectPlay::play(const JsonObject& transcript) {
  if (const auto* ignore = transcript.find("ignore")) {
    for (const std::string& name : elements(ignore->json.text)) ignored_.push_back(plain(name));
  }
  for (const std::string& step : elements(transcript.find("steps")->json.text)) {
    INFO(step);
    take(object_of(step));
    drop_ended();
  }
}

void DialectPlay::take(const Step& step) {
  const JsonObject::Member& what = step.members().front();
  if (what.name == "publish") return publish(what.json.text);
  if (what.name == "pass") return pass_(std::stoll(what.text));
  if (what.name == "open") return open(what.text, step);
  if (what.name == "send") return send(what.text, step);
  if (what.name == "told") return expect_told(page(what.text), step);
  if (what.name == "latest") return expect_latest(page(what.text), step);
  if (what.name == "leave") return page(what.text).conversation.reset();
  REQUIRE(what.name == "ended");
  REQUIRE(page(what.text).ended.has_value());
  CHECK(std::to_string(static_cast<int>(*page(what.text).ended)) == text_of(step, "code"));
}

void DialectPlay::publish(std::string_view events) {
  std::vector<JobEvent> decoded;
  for (const std::string& event : elements(events)) {
    auto one = decode_event(event);
    REQUIRE(one);
    decoded.push_back(std::move(*one));
  }
  core_.publish(std::move(decoded));
}

void DialectPlay::open(const std::string& name, const Step& step) {
  DialectPage& page = pages_[name];
  hub::Opening opening;
  opening.auth = step.find("auth")->json;
  if (step.find("recovers") != nullptr) {
    opening.recover_id = pages_.at(text_of(step, "recovers")).recover_id;
    opening.recover_offset = pages_.at(text_of(step, "recovers")).offset;
    REQUIRE_FALSE(opening.recover_id.empty());
  }
  hub::Opened opened = namespace_.open(page, opening);
  if (step.find("refused") != nullptr) {
    REQUIRE(std::holds_alternative<hub::Refused>(opened));
    CHECK(text_of(object_of(std::get<hub::Refused>(opened).data.text), "code") == text_of(step, "refused"));
    return;
  }
  REQUIRE(std::holds_alternative<hub::Accepted>(opened));
  auto& accepted = std::get<hub::Accepted>(opened);
  page.id = accepted.id;
  page.recover_id = accepted.recover_id;
  page.conversation = std::move(accepted.conversation);
  if (step.find("recovers") != nullptr) {
    const bool same = page.id == pages_.at(text_of(step, "recovers")).id;
    CHECK(same == (step.find("fails") == nullptr));
  }
  page.begin(core_);
}

void DialectPlay::send(const std::string& name, const Step& step) {
  DialectPage& page = pages_.at(name);
  hub::NamedEvent event{text_of(step, "event"), {}};
  if (step.find("data")->json.text != "null") event.arguments.values.push_back(step.find("data")->json);
  const JsonObject::Member* expected = step.find("ack");
  std::vector<std::string> answers;
  const std::size_t told_before = page.told.size();
  hub::Acknowledge acknowledge;
  if (expected != nullptr) {
    acknowledge = [&](hub::Arguments arguments) {
      CHECK(page.told.size() == told_before);
      REQUIRE(arguments.values.size() == 1);
      answers.push_back(arguments.values.front().text);
    };
  }
  page.conversation->received(std::move(event), std::move(acknowledge));
  core_.run();
  if (expected == nullptr) return;
  REQUIRE(answers.size() == 1);
  INFO("answered " << answers.front());
  CHECK(json_matches(expected->json.text, answers.front()));
}

bool DialectPlay::is_ignored(const std::string& event) const {
  return std::find(ignored_.begin(), ignored_.end(), event) != ignored_.end();
}

void DialectPlay::expect_told(DialectPage& page, const Step& step) {
  auto told = std::exchange(page.told, {});
  std::erase_if(told, [&](const auto& one) { return is_ignored(one.name); });
  auto expected = elements(step.find("events")->json.text);
  INFO("was told\n" << listed(told));
  REQUIRE(told.size() == expected.size());
  const bool in_any_order = step.find("unordered") != nullptr;
  for (const auto& one : told) {
    const auto at = std::find_if(expected.begin(), in_any_order ? expected.end() : expected.begin() + 1,
                                 [&](const std::string& each) { return is(one, each); });
    INFO("for " << expected.front());
    CHECK((at != expected.end() && is(one, *at)));
    expected.erase(at == expected.end() ? expected.begin() : at);
  }
}

void DialectPlay::expect_latest(DialectPage& page, const Step& step) {
  const std::string expected = step.find("event")->json.text;
  const std::string name = plain(elements(expected).at(0));
  const std::string job = text_of(step, "job");
  const auto told = std::exchange(page.told, {});
  const auto fits = [&](const DialectPage::Told& one) {
    return one.name == name && (job.empty() || text_of(object_of(one.json), "jobId") == job);
  };
  const auto last = std::find_if(told.rbegin(), told.rend(), fits);
  INFO("was told\n" << listed(told));
  REQUIRE(last != told.rend());
  CHECK(is(*last, expected));
}

void DialectPlay::drop_ended() {
  for (auto& [name, page] : pages_) {
    if (page.ended) page.conversation.reset();
  }
}

DialectFile read_dialect_file(const std::string& dialect) {
  std::ifstream in(source_folder() + "/tests/vectors/dialects/" + dialect + ".json");
  std::ostringstream text;
  text << in.rdbuf();
  const JsonObject file = object_of(text.str());
  DialectFile read{text_of(file, "namespace"), {}};
  for (const std::string& one : elements(file.find("transcripts")->json.text))
    read.transcripts.push_back(object_of(one));
  return read;
}

}  // namespace jobwire::test
