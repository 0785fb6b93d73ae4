// What a route sees of HTTP: a request value in, a response value (or a stream) out. No Beast type crosses this line.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jobwire::transport {

struct Request {
  std::string method;                                        // upper case
  std::string path;                                          // percent-decoded, without query; always begins with '/'
  std::string raw_path;                                      // as sent, without query
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string peer;       // address without port
  std::string client;     // whose requests are counted together: auth/client_address.h; empty: nobody's
  bool secure = false;    // came over TLS
  bool loopback = false;  // the peer is on this machine

  std::string_view header(std::string_view lower_case_name) const;  // empty: absent
  std::optional<std::string_view> query_value(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // Content-Length and Connection are the transport's
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // instead of `body`, where many send the same
};

// The body of a streamed response (chunked). Lives as long as somebody holds it; ends with end() or when the peer goes.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  virtual void write(std::shared_ptr<const std::string> bytes) = 0;
  virtual void end() = 0;
  virtual std::size_t unsent_bytes() const = 0;
  virtual void on_drained(std::function<void()> drained) = 0;  // unsent fell to nothing
};

// One request and its answer. Exactly one of respond() and stream() is called, once, at any later time on the loop.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const Request& request() const = 0;
  virtual void respond(Response response) = 0;
  virtual std::shared_ptr<BodyStream> stream(Response head) = 0;
  // The peer went away before the answer was complete, or the server drains. Not called after respond().
  virtual void on_abort(std::function<void()> aborted) = 0;
};

using Handler = std::function<void(std::shared_ptr<Exchange>)>;

}  // namespace jobwire::transport
