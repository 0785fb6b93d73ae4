#include <catch2/catch.hpp>

#include "hub/dialects.h"
#include "support/dialect_play.h"

namespace jobwire::test {
namespace {

void play(const std::string& dialect) {
  const DialectFile file = read_dialect_file(dialect);
  for (const JsonObject& transcript : file.transcripts) {
    DYNAMIC_SECTION(dialect << ": " << transcript.text("name").operator*()) {
      ServerCore core;
      int ids = 0;
      hub::Dialects dialects({}, *core.hub, core.clock, [&] { return "id-" + std::to_string(++ids); });
      const auto namespaces = dialects.namespaces();
      const auto at = std::find_if(namespaces.begin(), namespaces.end(),
                                   [&](const hub::Namespace& each) { return each.name == file.name_space; });
      REQUIRE(at != namespaces.end());
      DialectPlay(core, *at, [&](DurationMs time) { core.pass(time); }).play(transcript);
    }
  }
}

}  // namespace

TEST_CASE("the queue dialect tells what its transcripts say") { play("queue"); }
TEST_CASE("the jobs dialect tells what its transcripts say") { play("jobs"); }
TEST_CASE("the analysis dialect tells what its transcripts say") { play("analysis"); }
TEST_CASE("the pdf dialect tells what its transcripts say") { play("pdf"); }
TEST_CASE("the file-processing dialect tells what its transcripts say") { play("file_processing"); }

}  // namespace jobwire::test
