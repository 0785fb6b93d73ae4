// TLS 1.2 and later over a non-blocking socket: all of OpenSSL's session handling is here.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "jobwire/result.h"

namespace jobwire::transport {

struct IoResult {
  enum class Status : std::uint8_t {
    done,            // `bytes` of them, at least one
    awaits_reading,  // try again when the socket can be read
    awaits_writing,
    ended,  // orderly, by the peer
    failed,
  };
  Status status = Status::failed;
  std::size_t bytes = 0;
  bool blocked() const { return status == Status::awaits_reading || status == Status::awaits_writing; }
};

// The certificate and key of a server, shared by its connections.
class TlsContext {
 public:
  // PEM files; the certificate's may hold its chain. The error names the file.
  static Result<std::shared_ptr<TlsContext>> load(const std::string& certificate_file, const std::string& key_file);
  ~TlsContext();

 private:
  friend class TlsSession;
  struct Native;
  std::unique_ptr<Native> native_;
};

class TlsSession {
 public:
  TlsSession(const TlsContext& context, int socket);
  ~TlsSession();

  IoResult handshake();  // done: `bytes` is 0
  IoResult read(std::span<char> into);
  // One TLS record of at most 16 KiB; shorter than asked is usual.
  IoResult write(std::span<const iovec> from);
  void close_notify();  // best effort

 private:
  IoResult outcome(int returned);
  struct Native;
  std::unique_ptr<Native> native_;
};

}  // namespace jobwire::transport
