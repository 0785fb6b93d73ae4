#include "keys.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "auth/digest.h"
#include "auth/text_encoding.h"

namespace jobwire {
namespace {

Error broken(const std::string& message) { return {ErrorCode::unavailable, message, "secret", 0}; }

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(std::istreambuf_iterator<char>(file), {});
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

// Never overwrites: of two processes that start at once, both use what the first one wrote.
Result<std::string> create(const std::string& path) {
  const std::string secret = auth::base32(auth::random_bytes(32));
  const std::string draft = path + "." + auth::base32(auth::random_bytes(5));
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return broken("cannot write " + draft + ": " + std::strerror(errno));
  const bool written = ::write(file, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size());
  ::close(file);
  const bool linked = written && ::link(draft.c_str(), path.c_str()) == 0;
  const int error = errno;
  ::unlink(draft.c_str());
  if (linked) return secret;
  if (written && error == EEXIST) return read_text(path).value_or("");
  return broken("cannot write " + path + ": " + std::strerror(error));
}

constexpr std::size_t kLeastSecretBytes = 32;  // as long as HS256's digest (RFC 7518 section 3.2)

Result<std::string> given_secret(const AccessConfig& access) {
  if (access.secret_file.empty()) return access.secret;
  auto text = read_text(access.secret_file);
  if (!text) return broken("secret-file: cannot read " + access.secret_file);
  if (text->empty()) return broken("secret-file: " + access.secret_file + " is empty");
  return *text;
}

}  // namespace

Result<std::string> dev_secret(const std::string& folder) {
  if (folder.empty()) return auth::base32(auth::random_bytes(32));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return broken("cannot make the folder " + folder + ": " + error.message());
  const std::string path = folder + "/dev-secret";
  if (auto kept = read_text(path)) {
    if (kept->size() < 32) return broken(path + " holds no secret: delete it to get a new one");
    return *kept;
  }
  return create(path);
}

Result<Keys> load_keys(const Config& config) {
  const AccessConfig& access = config.access;
  Keys keys;
  auto secret = given_secret(access);
  if (!secret) return secret.error();
  const bool lenient = access.dev || is_aliased(config, "secret");
  if (!secret->empty() && secret->size() < kLeastSecretBytes && !lenient) {
    return broken(std::string(access.secret_file.empty() ? "secret" : "secret-file") +
                  ": must have at least 32 characters, for example from `openssl rand -base64 32`");
  }
  keys.secret = std::move(*secret);
  for (const std::string& path : access.public_keys) {
    const auto text = read_text(path);
    if (!text) return broken("jwt-public-key: cannot read " + path);
    const auto read = auth::VerificationKey::from_pem(*text);
    if (!read) return broken("jwt-public-key: " + path + ": " + read.error().message);
    keys.public_keys.insert(keys.public_keys.end(), read->begin(), read->end());
  }
  return keys;
}

}  // namespace jobwire
