// Tokens that others sign: public keys from files, and key sets that are published elsewhere and change there.
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "integration/transport_fixture.h"
#include "server_fixture.h"
#include "support/temp_folder.h"
#include "support/tokens.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

const std::string kClaims = R"({"sub":"alice"})";
const SigningKey& first_key() {
  static const SigningKey key = SigningKey::p256();
  return key;
}
const SigningKey& second_key() {
  static const SigningKey key = SigningKey::ed25519();
  return key;
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

transport::TransportOptions on_port(std::uint16_t port) {
  auto options = test_options();
  options.port = port;
  return options;
}

// A real HTTP server that publishes keys, until it publishes others.
class KeyServer {
 public:
  explicit KeyServer(transport::TransportOptions options = test_options())
      : transport_(std::move(options), [this](auto exchange) { answer(*exchange); }) {}

  void publish(const std::string& path, transport::Response response) {
    std::lock_guard lock(mutex_);
    documents_[path] = std::move(response);
  }
  void publish(const std::string& keys) {
    transport::Response response;
    response.headers = {{"content-type", "application/jwk-set+json"}};
    response.body = jwks_of(keys);
    publish("/jwks.json", std::move(response));
  }
  int asked() const {
    std::lock_guard lock(mutex_);
    return asked_;
  }
  std::uint16_t port() const { return transport_.port(); }
  std::string url(const std::string& path = "/jwks.json", const std::string& scheme = "http") const {
    return scheme + "://localhost:" + std::to_string(port()) + path;
  }

 private:
  void answer(transport::Exchange& exchange) {
    std::lock_guard lock(mutex_);
    ++asked_;
    const auto found = documents_.find(exchange.request().path);
    if (found != documents_.end()) return exchange.respond(found->second);
    transport::Response nothing;
    nothing.status = 404;
    exchange.respond(std::move(nothing));
  }

  mutable std::mutex mutex_;
  std::map<std::string, transport::Response> documents_;
  int asked_ = 0;
  RunningTransport transport_;
};

struct KeyedServer : ServerProcess {
  explicit KeyedServer(std::vector<std::string> arguments, Environment environment = {})
      : ServerProcess(std::move(arguments), std::move(environment)) {}
  HttpResponse jobs(const std::string& token) { return HttpClient(port(), token).get("/api/v1/jobs"); }
  HttpResponse ready() { return HttpClient(port()).get("/readyz"); }
};

// Asks again until `met`; fails the test after 20 s.
template <class Ask>
HttpResponse await_answer(Ask ask, const std::function<bool(const HttpResponse&)>& met) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (HttpResponse response = ask();; response = ask()) {
    if (met(response)) return response;
    if (std::chrono::steady_clock::now() > deadline) FAIL("it stayed at " << response.status << ": " << response.body);
    std::this_thread::yield();
  }
}
HttpResponse await_ready(KeyedServer& server) {
  return await_answer([&] { return server.ready(); }, [](const auto& response) { return response.status == 200; });
}
std::string await_reason(KeyedServer& server) {
  const auto fetched = [](const auto& response) { return !contains(response.body, "not been fetched yet"); };
  return await_answer([&] { return server.ready(); }, fetched).body;
}

}  // namespace

TEST_CASE("keys: what is published is accepted, and a new key as soon as a token names it") {
  KeyServer published;
  published.publish(first_key().jwk("a"));
  KeyedServer server({"--jwks", published.url()});
  await_ready(server);
  CHECK(server.jobs(signed_by(first_key(), "a", kClaims)).status == 200);
  published.publish(second_key().jwk("b"));
  const auto early = server.jobs(signed_by(second_key(), "b", kClaims));
  CHECK(early.status == 503);
  CHECK(early.header("retry-after") == "1");
  const auto known = [](const auto& response) { return response.status != 503; };
  CHECK(await_answer([&] { return server.jobs(signed_by(second_key(), "b", kClaims)); }, known).status == 200);
  CHECK(server.jobs(signed_by(first_key(), "a", kClaims)).status == 401);
  const int asked = published.asked();
  for (int i = 0; i < 20; ++i) CHECK(server.jobs(signed_by(second_key(), "made-up", kClaims)).status == 401);
  CHECK(published.asked() == asked);
}

TEST_CASE("keys: a WebSocket whose token's key is being fetched is told to come again, not to go") {
  KeyServer published;
  published.publish(first_key().jwk("a"));
  KeyedServer server({"--jwks", published.url()});
  await_ready(server);
  published.publish(second_key().jwk("b"));
  const std::string greeting = R"({"event":"hello","data":{"token":")" + signed_by(second_key(), "b", kClaims) + "\"}}";
  RawWebSocket early(server.port());
  early.text(greeting);
  CHECK(contains(early.read_frame().payload, R"("event":"goodbye","data":{"reason":"the keys)"));
  CHECK(early.read_close().close_code() == 4503);
  const auto known = [](const auto& response) { return response.status != 503; };
  await_answer([&] { return server.jobs(signed_by(second_key(), "b", kClaims)); }, known);
  RawWebSocket later(server.port());
  later.text(greeting);
  CHECK(contains(later.read_frame().payload, R"("event":"welcome")"));
}

TEST_CASE("keys: a server whose keys cannot be had says so, tries again, and is ready when they come") {
  std::optional<KeyServer> published(std::in_place);
  const std::uint16_t port = published->port();
  const std::string url = published->url();
  published.reset();
  KeyedServer server({"--jwks", url});
  CHECK(contains(await_reason(server), "Connection refused"));
  CHECK(server.ready().status == 503);
  CHECK(server.jobs(signed_by(first_key(), "a", kClaims)).status == 503);
  CHECK(server.jobs("garbage").status == 401);
  CHECK(contains(server.process().errors(), "keys-not-fetched"));
  published.emplace(on_port(port));
  published->publish(first_key().jwk("a"));
  await_ready(server);
  CHECK(server.jobs(signed_by(first_key(), "a", kClaims)).status == 200);
}

TEST_CASE("keys: a refresh that fails keeps the keys that are here") {
  KeyServer published;
  published.publish(first_key().jwk("a"));
  KeyedServer server({"--jwks", published.url(), "--jwks-refresh", "1s"});
  await_ready(server);
  transport::Response broken;
  broken.status = 500;
  published.publish("/jwks.json", broken);
  const int asked = published.asked();
  await_answer([&] { return server.ready(); }, [&](const auto&) { return published.asked() > asked + 1; });
  CHECK(contains(server.process().errors(), "status 500"));
  CHECK(server.ready().status == 200);
  CHECK(server.jobs(signed_by(first_key(), "a", kClaims)).status == 200);
}

TEST_CASE("keys: redirects, huge documents, and what is no key set are refused, and the reason is told") {
  KeyServer published;
  published.publish(first_key().jwk("a"));
  transport::Response moved;
  moved.status = 302;
  moved.headers = {{"location", "/jwks.json"}};
  published.publish("/moved", moved);
  transport::Response huge;
  huge.body = jwks_of(first_key().jwk("a")) + std::string(1 << 20, ' ');
  published.publish("/huge", huge);
  transport::Response page;
  page.body = "<html>";
  published.publish("/page", page);
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"/moved", "redirect"}, {"/huge", "body limit"}, {"/page", "not JSON"}, {"/none", "status 404"}};
  for (const auto& [path, reason] : cases) {
    KeyedServer server({"--jwks", published.url(path)});
    INFO(path << ": " << await_reason(server));
    CHECK(contains(await_reason(server), reason));
    CHECK(server.jobs(signed_by(first_key(), "a", kClaims)).status == 503);
  }
}

TEST_CASE("keys: over https the certificate and its name are verified") {
  const TempFolder folder;
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost "
      "-addext subjectAltName=DNS:localhost -keyout " +
      folder.file("key.pem") + " -out " + folder.file("cert.pem") + " 2>/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);
  auto options = test_options();
  options.tls_certificate = folder.file("cert.pem");
  options.tls_key = folder.file("key.pem");
  KeyServer published(options);
  published.publish(first_key().jwk("a"));
  const std::string url = published.url("/jwks.json", "https");
  const Environment trusts = {{"SSL_CERT_FILE", folder.file("cert.pem")}};
  KeyedServer server({"--jwks", url}, trusts);
  await_ready(server);
  CHECK(server.jobs(signed_by(first_key(), "a", kClaims)).status == 200);
  KeyedServer distrusting({"--jwks", url});
  CHECK(contains(await_reason(distrusting), "certificate verify failed"));
  KeyedServer misled({"--jwks", "https://127.0.0.1:" + std::to_string(published.port()) + "/jwks.json"}, trusts);
  CHECK(contains(await_reason(misled), "certificate verify failed"));
}

TEST_CASE("keys: a key set in a file is read again when a token names a new key") {
  const TempFolder folder;
  write(folder.file("jwks.json"), jwks_of(first_key().jwk("a")));
  KeyedServer server({"--jwks", folder.file("jwks.json")});
  CHECK(server.ready().status == 200);
  CHECK(server.jobs(signed_by(first_key(), "a", kClaims)).status == 200);
  write(folder.file("jwks.json"), jwks_of(second_key().jwk("b")));
  const auto known = [](const auto& response) { return response.status != 503; };
  CHECK(await_answer([&] { return server.jobs(signed_by(second_key(), "b", kClaims)); }, known).status == 200);
}

TEST_CASE("keys: public keys from PEM files, an audience, an issuer and a list of algorithms") {
  const TempFolder folder;
  write(folder.file("keys.pem"), first_key().public_pem() + second_key().public_pem());
  KeyedServer server({"--jwt-public-key", folder.file("keys.pem"), "--jwt-audience", "jobwire", "--jwt-issuer",
                      "https://id.example", "--jwt-algorithms", "ES256"});
  const std::string meant = R"({"sub":"alice","aud":"jobwire","iss":"https://id.example"})";
  CHECK(server.jobs(signed_by(first_key(), "", meant)).status == 200);
  CHECK(server.jobs(signed_by(first_key(), "", kClaims)).status == 401);
  CHECK(server.jobs(signed_by(first_key(), "", R"({"sub":"a","aud":"jobwire","iss":"https://evil.example"})")).status ==
        401);
  CHECK(server.jobs(signed_by(second_key(), "", meant)).status == 401);
  CHECK(server.jobs(signed_with("HS256", first_key().public_pem(), meant)).status == 401);
  CHECK(server.jobs(unsigned_token(meant)).status == 401);
  CHECK(run_server({"token", "--user", "a", "--jwt-public-key", folder.file("keys.pem")}).code == 1);
}

TEST_CASE("keys: check-config tells what is wrong with a file or a URL") {
  const TempFolder folder;
  write(folder.file("private.pem"), first_key().private_pem());
  write(folder.file("text.pem"), "no key");
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases = {
      {{"--jwt-public-key", folder.file("private.pem")}, "private key"},
      {{"--jwt-public-key", folder.file("text.pem")}, "no PEM public key"},
      {{"--jwt-public-key", folder.file("none.pem")}, "jwt-public-key: cannot read"},
      {{"--jwks", folder.file("none.json")}, "jwks: there is no file"},
      {{"--jwks", "http://id.example/jwks.json"}, "http is for loopback only"},
      {{"--jwks", "https://user:pw@id.example/"}, "no password"},
      {{"--jwks", "ftp://id.example/"}, "https"},
      {{"--jwks", "https://"}, "names no host"},
      {{"--jwks", "https://id.example/", "--jwks-refresh", "10ms"}, "jwks-refresh: must be at least 1s"},
      {{"--jwks", "https://id.example/", "--jwt-algorithms", "none"}, "jwt-algorithms: 'none'"},
      {{"--jwks", "https://id.example/", "--jwt-leeway", "1h"}, "--jwt-leeway: '1h'"},
      {{"--secret", "short"}, "secret: must have at least 32 characters"},
      {{"--dev", "--cookie-name", "a b"}, "cookie-name"},
      {{"--dev", "--cookie-name", "a", "--allow-origin", "*"}, "cookie-name"}};
  for (const auto& [arguments, message] : cases) {
    std::vector<std::string> all = arguments;
    all.insert(all.begin(), "check-config");
    const Finished finished = run_server(all);
    INFO(message << " in " << finished.errors);
    CHECK(finished.code == 1);
    CHECK(contains(finished.errors, message));
    CHECK_FALSE(contains(finished.errors, "BEGIN PRIVATE"));
  }
  CHECK(run_server({"check-config", "--jwks", "https://id.example/.well-known/jwks.json"}).code == 0);
  CHECK(run_server({"check-config", "--dev", "--secret", "short"}).code == 0);
}

TEST_CASE("keys: the names that other systems give to secret and origins are understood, and it is told which") {
  const Environment legacy = {{"ACCESS_TOKEN_SECRET", "their-short-secret"},
                              {"CORS_ORIGIN", "https://a.example, https://b.example"},
                              {"ALLOWED_ORIGINS", "https://b.example,https://c.example"},
                              {"WEBSOCKET_CORS_ORIGIN", "https://d.example"}};
  KeyedServer server({}, legacy);
  const std::string token = signed_with("HS256", "their-short-secret", kClaims);
  for (const char* origin : {"https://a.example", "https://b.example", "https://c.example", "https://d.example"}) {
    const auto answer = HttpClient(server.port(), token).request("GET", "/api/v1/jobs", {{"origin", origin}});
    CHECK(answer.status == 200);
    CHECK(answer.header("access-control-allow-credentials") == "true");  // as those systems had it
  }
  CHECK(HttpClient(server.port(), token).request("GET", "/api/v1/jobs", {{"origin", "https://e.example"}}).status ==
        403);
  const std::string journal = server.process().errors();
  for (const auto& [name, value] : legacy) CHECK(contains(journal, "variable=" + name));
  CHECK(contains(journal, "short-secret"));
  CHECK_FALSE(contains(journal, "their-short-secret"));
}

TEST_CASE("keys: our own names win over those of other systems") {
  KeyedServer server({}, {{"JOBWIRE_SECRET", kSecret},
                          {"JOBWIRE_ALLOW_ORIGIN", "https://ours.example"},
                          {"ACCESS_TOKEN_SECRET", "their secret of thirty-two bytes or so"},
                          {"CORS_ORIGIN", "https://theirs.example"}});
  CHECK(server.jobs(token("alice")).status == 200);
  CHECK(server.jobs(signed_with("HS256", "their secret of thirty-two bytes or so", kClaims)).status == 401);
  const auto from = [&](const char* origin) {
    return HttpClient(server.port(), token("alice")).request("GET", "/api/v1/jobs", {{"origin", origin}}).status;
  };
  CHECK(from("https://ours.example") == 200);
  CHECK(from("https://theirs.example") == 403);
  CHECK_FALSE(contains(server.process().errors(), "variable="));
  const Finished bad = run_server({"check-config"}, {{"JOBWIRE_SECRET", kSecret}, {"CORS_ORIGIN", "a.example/"}});
  CHECK(bad.code == 1);
  CHECK(contains(bad.errors, "from CORS_ORIGIN"));
}
