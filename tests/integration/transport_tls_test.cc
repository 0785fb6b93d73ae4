#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstdlib>
#include <filesystem>

#include "integration/transport_fixture.h"
#include "support/places.h"
#include "support/raw_websocket.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

// A certificate of one day for localhost, made once by the openssl command.
struct Certificate {
  Certificate() {
    std::string folder = build_folder() + "/tls-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = folder;
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 "
        "-subj /CN=localhost -keyout " +
        key() + " -out " + file() + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl req");
  }
  ~Certificate() { std::filesystem::remove_all(path); }
  std::string key() const { return path + "/key.pem"; }
  std::string file() const { return path + "/cert.pem"; }
  std::string path;
};

transport::TransportOptions tls_options(const Certificate& certificate) {
  auto options = test_options();
  options.tls_certificate = certificate.file();
  options.tls_key = certificate.key();
  return options;
}

// A blocking TLS client over a RawSocket.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int highest_version = 0) : socket_(port) {
    SSL_CTX_set_max_proto_version(context_.get(), highest_version);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_.native());
    connected_ = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
  }
  bool connected() const { return connected_; }
  const char* version() const { return SSL_get_version(ssl_.get()); }
  void send(std::string_view bytes) { SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  std::string read(std::size_t bytes) {
    while (buffer_.size() < bytes && read_some()) {
    }
    auto taken = buffer_.substr(0, bytes);
    buffer_.erase(0, taken.size());
    return taken;
  }
  std::string read_until(std::string_view end) {
    while (buffer_.find(end) == std::string::npos && read_some()) {
    }
    return read(buffer_.find(end) + end.size());
  }

 private:
  bool read_some() {
    char part[16384];
    const int got = SSL_read(ssl_.get(), part, sizeof part);
    if (got > 0) buffer_.append(part, static_cast<std::size_t>(got));
    return got > 0;
  }
  RawSocket socket_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
  std::string buffer_;
  bool connected_ = false;
};

}  // namespace

TEST_CASE("HTTP over TLS, in both versions that are spoken, and none older") {
  const Certificate certificate;
  RunningTransport server(tls_options(certificate), [](std::shared_ptr<transport::Exchange> exchange) {
    transport::Response response;
    response.body = exchange->request().secure ? "secure" : "plain";
    exchange->respond(std::move(response));
  });
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(), version);
    REQUIRE(client.connected());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(client.read_until("secure").find("HTTP/1.1 200 OK") == 0);
  }
  CHECK_FALSE(TlsClient(server.port(), TLS1_1_VERSION).connected());
}

TEST_CASE("large answers and large bodies go through TLS whole") {
  const Certificate certificate;
  RunningTransport server(tls_options(certificate), [](std::shared_ptr<transport::Exchange> exchange) {
    transport::Response response;
    response.body = exchange->request().body;
    exchange->respond(std::move(response));
  });
  TlsClient client(server.port());
  std::string body(3 << 20, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  client.send(body);
  client.read_until("\r\n\r\n");
  CHECK(client.read(body.size()) == body);
}

TEST_CASE("a WebSocket over TLS") {
  const Certificate certificate;
  RunningTransport server(tls_options(certificate));
  TlsClient client(server.port());
  client.send(upgrade_request() + client_frame(1, "early"));
  CHECK(client.read_until("\r\n\r\n").find("101") != std::string::npos);
  CHECK(client.read(7) ==
        "\x81\x05"
        "early");
  client.send(client_frame(1, std::string(70'000, 'y')));
  CHECK(client.read(10 + 70'000).substr(10) == std::string(70'000, 'y'));
  client.send(client_frame(8, "\x03\xe8"));
  CHECK(client.read(4) == "\x88\x02\x03\xe8");
  CHECK(client.read(1).empty());
}

TEST_CASE("a plain request to a TLS port is told so") {
  const Certificate certificate;
  RunningTransport server(tls_options(certificate));
  auto client = server.connect();
  const auto answer = client.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(answer.status == 400);
  CHECK(answer.body.find("this port speaks TLS") != std::string::npos);
  CHECK(client.ends());
}

TEST_CASE("a TLS handshake that does not end, or is none, is closed") {
  const Certificate certificate;
  auto options = tls_options(certificate);
  options.timeouts.head = 50ms;
  RunningTransport server(options);
  auto silent = server.connect();
  CHECK(silent.ends());
  auto half = server.connect();
  half.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  half.read_to_end();
  auto nonsense = server.connect();
  nonsense.send(std::string("\x16nonsense", 9));
  nonsense.read_to_end();
  server.await_stats([](const auto& stats) { return stats.connections == 0; });
}

TEST_CASE("a certificate or key that cannot be used is an error that names the file") {
  const Certificate certificate;
  boost::asio::io_context io;
  auto options = tls_options(certificate);
  options.tls_certificate = certificate.path + "/absent.pem";
  auto started = transport::Transport(io, options, echo, {}).start();
  REQUIRE_FALSE(started);
  CHECK(started.error().message.find("/absent.pem") != std::string::npos);
  CHECK(started.error().field == "tls-cert");
  options = tls_options(certificate);
  options.tls_key.clear();
  CHECK_FALSE(transport::Transport(io, options, echo, {}).start());
  const Certificate other;
  options.tls_key = other.key();
  started = transport::Transport(io, options, echo, {}).start();
  REQUIRE_FALSE(started);
  CHECK(started.error().field == "tls-key");
}
