// The server's half of HTTP/1.1 without I/O: bytes in, requests out, in order. Beast parses; http_rules decides.
//
//   feed(bytes) -> while (next() ...): head (a body follows) -> complete -> take() -> the next request of the same
//   bytes
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "transport/http_rules.h"

namespace jobwire::transport {

struct ReaderLimits {
  HeadLimits head;
  std::uint64_t body_bytes = 8 << 20;  // more is 413
};

class RequestReader {
 public:
  explicit RequestReader(const ReaderLimits& limits);
  ~RequestReader();

  void feed(std::string_view bytes) { buffer_.append(bytes); }

  enum class Step : std::uint8_t {
    need_more,
    head,      // once per request: the head is there, the body not yet
    complete,  // take() it
    refused,   // answer refusal() and close; nothing more comes
  };
  Step next();

  struct Parsed {
    Request request;  // but for peer, secure and loopback
    Framing framing;
    int minor_version = 1;
  };
  Parsed take();
  const Parsed& parsed() const { return parsed_; }
  const Refusal& refusal() const { return refusal_; }

  bool in_head() const { return phase_ == Phase::head && scanner_.started(); }
  bool in_body() const { return phase_ == Phase::body; }
  std::size_t buffered() const { return buffer_.size(); }
  // What came after an upgrade's head belongs to the next protocol.
  std::string take_leftover() { return std::move(buffer_); }

 private:
  enum class Phase : std::uint8_t { head, body, complete, refused };
  Step read_head();
  Step read_body();
  Step refuse(Refusal refusal);

  struct Parser;  // Beast's
  ReaderLimits limits_;
  std::string buffer_;  // from the present request's first byte that is not consumed yet
  HeadScanner scanner_;
  std::unique_ptr<Parser> parser_;
  Phase phase_ = Phase::head;
  Parsed parsed_;
  Refusal refusal_;
};

}  // namespace jobwire::transport
