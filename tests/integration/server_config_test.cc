// What an operator can set, how it is checked, and what the commands beside `serve` print.
#include <fstream>

#include "server_fixture.h"
#include "support/temp_folder.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

const Environment kKnowsSecret = {{"JOBWIRE_SECRET", kSecret}};

// What check-config says about these arguments.
Finished check(std::vector<std::string> arguments, Environment environment = kKnowsSecret) {
  arguments.insert(arguments.begin(), "check-config");
  return run_server(std::move(arguments), std::move(environment));
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

TEST_CASE("server: check-config says OK, or names every key and its rule") {
  const Finished good = check({"--port", "8080", "--allow-origin", "https://app.example", "--heartbeat", "10s"});
  CHECK(good.code == 0);
  CHECK(good.output == "OK\n");
  const Finished bad = check({"--tls-cert", "/nowhere.pem", "--allow-origin", "app.example", "--api-key", "short:key",
                              "--remove-after", "10ms", "--listen", "localhost"});
  CHECK(bad.code == 1);
  CHECK(check({"--stage-plan", "pdf: open=5 Opening, and looking; done=100"}).output == "OK\n");
  CHECK(contains(check({"--stage-plan", "pdf: done=100; open=5"}).errors,
                 "stage-plan: the percentages of pdf must rise"));
  CHECK(bad.output.empty());
  for (const char* part : {"tls-cert and tls-key", "tls-cert: there is no file /nowhere.pem",
                           "allow-origin: 'app.example'", "api-key: the key of 'short'",
                           "remove-after: must be at least 1s", "listen: 'localhost' must be an IP address"}) {
    INFO(part << " in " << bad.errors);
    CHECK(contains(bad.errors, part));
  }
}

TEST_CASE("server: a value of the wrong kind names its key and rule") {
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases = {
      {{"--port", "65536"}, "--port: '65536' must be an integer from 0 to 65535"},
      {{"--port", "http"}, "--port: 'http' must be an integer"},
      {{"--store", "redis"}, "--store: 'redis' must be memory or sqlite"},
      {{"--heartbeat", "25"}, "--heartbeat: '25' must be a duration"},
      {{"--heartbeat", "-1s"}, "--heartbeat: '-1s' must be a duration"},
      {{"--max-body", "8 MB"}, "--max-body: '8 MB' must be a size"},
      {{"--log-level", "loud"}, "--log-level: 'loud' must be debug"},
      {{"--log-format", "xml"}, "--log-format: 'xml' must be logfmt or json"},
      {{"--drain-seconds", "1.5"}, "--drain-seconds: '1.5' must be an integer"},
      {{"--history", "0"}, "--history: '0' must be an integer from 1"},
      {{"--bogus"}, "--bogus"},
      {{"extra"}, "extra"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished = check(arguments);
    INFO(message << " in " << finished.errors);
    CHECK(finished.code == 1);
    CHECK(contains(finished.errors, message));
  }
}

TEST_CASE("server: every page together with credentials is refused") {
  const Finished finished = check({"--allow-origin", "*", "--allow-credentials"});
  CHECK(finished.code == 1);
  CHECK(contains(finished.errors, "allow-origin"));
  CHECK(check({"--allow-origin", "*"}).code == 0);
}

TEST_CASE("server: an API key is never printed, not even a malformed one") {
  const Finished finished = check({"--api-key", "this-is-a-key-without-a-name"});
  CHECK(finished.code == 1);
  CHECK_FALSE(contains(finished.errors, "without-a-name"));
}

TEST_CASE(
    "server: flags win over the environment, the environment over the file, and unknown keys of the file are errors") {
  const TempFolder folder;
  const std::string file = folder.file("jobwire.toml");
  const auto port_error = [&](std::vector<std::string> flags, Environment environment) {
    flags.insert(flags.begin(), {"--config", file});
    return check(std::move(flags), std::move(environment)).errors;
  };
  write(file, "secret = \"from the file, and long enough for HS256\"\nport = 70001\n");
  CHECK(contains(port_error({}, {}), "'70001'"));
  CHECK(contains(port_error({}, {{"JOBWIRE_PORT", "70002"}}), "'70002'"));
  CHECK(contains(port_error({"--port", "70003"}, {{"JOBWIRE_PORT", "70002"}}), "'70003'"));
  CHECK(port_error({"--port", "1"}, {}).empty());
  write(file, "dev = true\nallow-origin = [\"https://a.example\", \"https://b.example\"]\n");
  CHECK(port_error({}, {}).empty());
  write(file, "dev = true\nprot = 7070\n");
  CHECK(contains(port_error({}, {}), "unknown key 'prot'"));
  write(file, "dev = true\n[server]\nport = 7070\n");
  CHECK(contains(port_error({}, {}), "unknown key 'server.port'"));
  CHECK(contains(check({"--config", folder.file("none.toml")}).errors, "cannot read"));
}

TEST_CASE("server: in the file a # in quotes is no comment: neither a secret nor a link ends there") {
  const TempFolder folder;
  const std::string file = folder.file("jobwire.toml");
  write(file,
        "# the port\nport = 70001 # too high\nsecret = \"#long enough only # with what follows the hash\" # one\n");
  CHECK(contains(check({"--config", file}, {}).errors, "'70001'"));
  write(file, "secret = '#long enough only # with what follows \"#\"'\n");
  CHECK(check({"--config", file}, {}).errors.empty());
  write(file, "secret = 'too short' # long enough only with what follows the hash\n");
  CHECK(contains(check({"--config", file}, {}).errors, "secret"));
}

TEST_CASE("server: the file's rules of notifications are checked by section and key") {
  const TempFolder folder;
  const std::string file = folder.file("jobwire.toml");
  const auto error = [&](const std::string& line) {
    write(file, "dev = true\n[notify.pdf]\n" + line + "\n");
    return check({"--config", file}, {}).errors;
  };
  for (const char* good : {"preset = \"analysis\"", "failed = \"off\"", "started = \"{type} {ref} has begun\"",
                           "cancelled-type = \"alert\"", "completed-action = \"See -> https://a.example/{jobId}\"",
                           "completed-action = \"off\"", "completed = \"Done, at last: {metadata.file name}\""}) {
    INFO(good);
    CHECK(error(good).empty());
  }
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"completed-action = \"See -> javascript:alert(1)\"", "the URL must be an http or https URL, or a path"},
      {"completed-action = \"See -> //a.example/{jobId}\"", "the URL must be an http or https URL, or a path"},
      {"completed-action = \"See -> /{secret}\"", "the URL may name {jobId}"},
      {"completed-action = \"/jobs\"", "must be \"label -> URL\", or off"},
      {"completed = \"{nothing}\"", "may name {jobId}"},
      {"completed-type = \"good\"", "must be success, error, alert or info"},
      {"progress = \"Half\"", "is no key here"},
      {"preset = \"mail\"", "must be analysis"},
  };
  for (const auto& [line, message] : cases) {
    const std::string told = error(line);
    INFO(line << " told " << told);
    CHECK(contains(told, message));
    CHECK(contains(told, "notify.pdf."));
  }
  CHECK(contains(check({"--alerts", "maybe"}).errors, "--alerts: 'maybe' must be on or off"));
  CHECK(contains(check({"--keep-notifications", "1ms"}).errors, "keep-notifications: must be at least 1s"));
}

TEST_CASE("server: `token` prints a token and nothing else, and the server takes it") {
  TestServer server;
  const Finished minted = run_server({"token", "--user", "alice", "--job", "1", "--expires", "1h"}, kKnowsSecret);
  REQUIRE(minted.code == 0);
  CHECK(minted.errors.empty());
  CHECK(minted.output.find('\n') == minted.output.size() - 1);
  server.create("1", "bob");
  server.create("2", "alice");
  HttpClient client = server.as(minted.output.substr(0, minted.output.size() - 1));
  CHECK(client.get("/api/v1/jobs/1").status == 200);
  CHECK(client.get("/api/v1/jobs/2").status == 404);
}

TEST_CASE("server: a token that nobody could use is not minted") {
  CHECK(run_server({"token"}, kKnowsSecret).code == 1);
  CHECK(contains(run_server({"token", "--user", "a", "--role", "root"}, kKnowsSecret).errors, "--role"));
  CHECK(contains(run_server({"token", "--user", "a", "--expires", "soon"}, kKnowsSecret).errors, "--expires"));
  CHECK(run_server({"token", "--user", "a", "--dev"}).code == 1);
}

TEST_CASE("server: help and version are told to whom asks") {
  CHECK(contains(run_server({"--help"}).output, "check-config"));
  CHECK(contains(run_server({"--version"}).output, "."));
  CHECK(run_server({"--help"}).code == 0);
}
