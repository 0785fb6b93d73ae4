#include "transport/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace jobwire::transport {
namespace {

using Status = IoResult::Status;
constexpr std::size_t kRecordBytes = 16 << 10;  // RFC 8446 section 5.1

std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL.
int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int bio_write(BIO* bio, const char* bytes, int count) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(socket_of(bio), bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* into, int count) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(socket_of(bio), into, static_cast<std::size_t>(count), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

using MethodPointer = std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)>;
MethodPointer make_bio_method() {
  MethodPointer method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals"),
                       &BIO_meth_free);
  BIO_meth_set_write(method.get(), bio_write);
  BIO_meth_set_read(method.get(), bio_read);
  BIO_meth_set_ctrl(method.get(), bio_control);
  BIO_meth_set_create(method.get(), bio_create);
  return method;
}

}  // namespace

struct TlsContext::Native {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  MethodPointer bio_method = make_bio_method();
};

struct TlsSession::Native {
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
};

TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& certificate_file, const std::string& key_file) {
  auto made = std::make_shared<TlsContext>();
  made->native_ = std::make_unique<Native>();
  SSL_CTX* context = made->native_->context.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return Error{ErrorCode::bad_request, "cannot use the certificate " + certificate_file + ": " + openssl_reason(),
                 "tls-cert"};
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Error{ErrorCode::bad_request, "cannot use the key " + key_file + ": " + openssl_reason(), "tls-key"};
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return Error{ErrorCode::bad_request, key_file + " is not the key of " + certificate_file, "tls-key"};
  }
  return made;
}

TlsSession::TlsSession(const TlsContext& context, int socket) : native_(std::make_unique<Native>()) {
  native_->ssl.reset(SSL_new(context.native_->context.get()));
  BIO* bio = BIO_new(context.native_->bio_method.get());
  // BIO's own data is a pointer; a descriptor is kept in it.
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));  // NOLINT(performance-no-int-to-ptr)
  SSL_set_bio(native_->ssl.get(), bio, bio);
  SSL_set_accept_state(native_->ssl.get());
}

TlsSession::~TlsSession() = default;

IoResult TlsSession::outcome(int returned) {
  if (returned > 0) return {Status::done, static_cast<std::size_t>(returned)};
  switch (SSL_get_error(native_->ssl.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return {Status::awaits_reading};
    case SSL_ERROR_WANT_WRITE:
      return {Status::awaits_writing};
    case SSL_ERROR_ZERO_RETURN:
      return {Status::ended};
    default:
      return {Status::failed};
  }
}

IoResult TlsSession::handshake() {
  ERR_clear_error();
  auto result = outcome(SSL_do_handshake(native_->ssl.get()));
  result.bytes = 0;
  return result;
}

IoResult TlsSession::read(std::span<char> into) {
  ERR_clear_error();
  return outcome(SSL_read(native_->ssl.get(), into.data(), static_cast<int>(into.size())));
}

IoResult TlsSession::write(std::span<const iovec> from) {
  ERR_clear_error();
  std::array<char, kRecordBytes> flat;
  std::size_t filled = 0;
  for (const auto& entry : from) {
    const std::size_t taken = std::min(entry.iov_len, flat.size() - filled);
    std::memcpy(flat.data() + filled, entry.iov_base, taken);
    filled += taken;
    if (filled == flat.size()) break;
  }
  return outcome(SSL_write(native_->ssl.get(), flat.data(), static_cast<int>(filled)));
}

void TlsSession::close_notify() {
  ERR_clear_error();
  SSL_shutdown(native_->ssl.get());
  ERR_clear_error();
}

}  // namespace jobwire::transport
