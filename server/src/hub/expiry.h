// A connection outlives its token by a time of grace, in which a fresh one may come. One rule for native sessions and
// for the dialects' conversations; each tells its client in its own words (`auth-error`) and closes with 4401.
#pragma once

#include "jobwire/error.h"
#include "jobwire/time.h"

namespace jobwire::hub {

// As `auth-error` tells it, on every path: {code, message}. It is about the token, so it names no field.
inline Error auth_error(Error error) {
  error.field.clear();
  return error;
}

class Expiry {
 public:
  enum class Due : unsigned char { nothing, tell, close };

  // To be asked every second or so; `tell` comes once for each token. `expires_at` 0: never.
  Due check(UnixMs expires_at, DurationMs grace, UnixMs now) {
    if (expires_at == 0 || now < expires_at) return Due::nothing;
    if (told_at_ == 0) {
      told_at_ = now;
      return Due::tell;
    }
    return now - told_at_ >= grace ? Due::close : Due::nothing;
  }
  void renewed() { told_at_ = 0; }

  static Error error() { return {ErrorCode::unauthenticated, "the token has expired", "", 0}; }

 private:
  UnixMs told_at_ = 0;
};

}  // namespace jobwire::hub
