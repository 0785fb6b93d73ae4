#include "auth/key_fetch.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url.hpp>
#include <fstream>
#include <optional>

#include "auth/jwks.h"
#include "auth/origin.h"

namespace jobwire::auth {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

struct Place {
  bool secure = true;
  std::string host;       // without brackets
  std::string authority;  // for Host
  std::string port;
  std::string target;
  bool is_address = false;
};

Error bad_url(std::string rule) { return {ErrorCode::bad_request, "jwks: " + std::move(rule), "jwks", 0}; }

Result<Place> place_of(const std::string& text) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return bad_url("'" + text + "' is not a URL");
  const boost::urls::url_view& url = *parsed;
  if (url.has_userinfo()) return bad_url("a URL of keys carries no user and no password");
  if (url.has_fragment()) return bad_url("a URL of keys has no fragment");
  Place place;
  place.secure = url.scheme_id() == boost::urls::scheme::https;
  place.host = url.host_address();
  place.authority = url.encoded_host_and_port();
  place.port = url.has_port() ? std::string(url.port()) : place.secure ? "443" : "80";
  place.target = url.encoded_resource().empty() ? "/" : std::string(url.encoded_resource());
  place.is_address = url.host_type() != boost::urls::host_type::name;
  if (place.host.empty()) return bad_url("'" + text + "' names no host");
  if (!place.secure && !is_loopback_host(place.authority)) {
    return bad_url("keys come over https; http is for loopback only");
  }
  if (place.target.front() != '/') place.target.insert(0, "/");
  return place;
}

// One GET, from the look-up of the name to the last byte; answers once, and is gone.
class Fetching : public std::enable_shared_from_this<Fetching> {
 public:
  Fetching(asio::io_context& io, asio::ssl::context& tls, Place place, DurationMs timeout, KeyCache::Fetched done)
      : resolver_(io), stream_(io, tls), timer_(io), place_(std::move(place)), done_(std::move(done)) {
    timer_.expires_after(std::chrono::milliseconds(timeout));
    parser_.body_limit(kMostJwksBytes);
  }

  void begin() {
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->fail("it took too long");
    });
    resolver_.async_resolve(place_.host, place_.port,
                            [self = shared_from_this()](error_code error, const tcp::resolver::results_type& found) {
                              error ? self->fail(error.message()) : self->connect(found);
                            });
  }

 private:
  void connect(const tcp::resolver::results_type& found) {
    if (!done_) return;
    const bool elsewhere = std::any_of(found.begin(), found.end(),
                                       [](const auto& entry) { return !entry.endpoint().address().is_loopback(); });
    if (!place_.secure && elsewhere) return fail("its name does not stand for loopback");
    beast::get_lowest_layer(stream_).async_connect(
        found, [self = shared_from_this()](error_code error, const tcp::endpoint&) {
          if (error) return self->fail(error.message());
          self->place_.secure ? self->shake_hands() : self->ask(self->stream_.next_layer());
        });
  }

  void shake_hands() {
    stream_.set_verify_mode(asio::ssl::verify_peer);
    stream_.set_verify_callback(asio::ssl::host_name_verification(place_.host));
    if (!place_.is_address) SSL_set_tlsext_host_name(stream_.native_handle(), place_.host.c_str());
    stream_.async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](error_code error) {
      error ? self->fail(error.message()) : self->ask(self->stream_);
    });
  }

  template <class Stream>
  void ask(Stream& stream) {
    if (!done_) return;
    request_ = {http::verb::get, place_.target, 11};
    request_.set(http::field::host, place_.authority);
    request_.set(http::field::accept, "application/jwk-set+json, application/json");
    request_.set(http::field::user_agent, "jobwire-server");
    request_.set(http::field::connection, "close");
    http::async_write(stream, request_, [this, &stream, self = shared_from_this()](error_code error, std::size_t) {
      if (error) return fail(error.message());
      http::async_read(stream, buffer_, parser_, [self](error_code failed, std::size_t) {
        failed ? self->fail(failed.message()) : self->answer();
      });
    });
  }

  void answer() {
    const auto status = parser_.get().result_int();
    if (status / 100 == 3) return fail("it answers with a redirect, which is not followed");
    if (status != 200) return fail("it answers with status " + std::to_string(status));
    end(std::move(parser_.get().body()));
  }
  void fail(const std::string& why) {
    end(Error{ErrorCode::unavailable, "keys from " + place_.authority + ": " + why, "jwks", 0});
  }
  void end(Result<std::string> outcome) {
    if (!done_) return;
    const auto self = shared_from_this();
    timer_.cancel();
    resolver_.cancel();
    beast::get_lowest_layer(stream_).close();
    std::exchange(done_, nullptr)(std::move(outcome));
  }

  tcp::resolver resolver_;
  beast::ssl_stream<beast::tcp_stream> stream_;  // plain over its next layer
  asio::steady_timer timer_;
  Place place_;
  KeyCache::Fetched done_;
  http::request<http::empty_body> request_;
  beast::flat_buffer buffer_{kMostJwksBytes + (16 << 10)};
  http::response_parser<http::string_body> parser_;
};

Result<std::string> read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostJwksBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.gcount() <= 0) return Error{ErrorCode::unavailable, "jwks: cannot read " + path, "jwks", 0};
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::shared_ptr<asio::ssl::context> tls_client() {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code ignored;  // without the system's certificates every verification fails, and says so
  tls->set_default_verify_paths(ignored);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  return tls;
}

}  // namespace

bool is_key_url(const std::string& source) { return source.find("://") != std::string::npos; }

Status check_key_url(const std::string& url) {
  const auto place = place_of(url);
  if (!place) return place.error();
  return Done{};
}

KeyCache::Fetch key_fetch(asio::io_context& io, const std::string& source, DurationMs timeout) {
  if (!is_key_url(source)) {
    return [source](const KeyCache::Fetched& done) { done(read_whole(source)); };
  }
  auto place = place_of(source);
  if (!place) return [error = place.error()](const KeyCache::Fetched& done) { done(error); };
  return [&io, tls = tls_client(), place = *place, timeout](KeyCache::Fetched done) {
    std::make_shared<Fetching>(io, *tls, place, timeout, std::move(done))->begin();
  };
}

}  // namespace jobwire::auth
