// The keys of tokens, as the operator has given them.
#pragma once

#include <string>
#include <vector>

#include "auth/verification_key.h"
#include "config.h"
#include "jobwire/result.h"

namespace jobwire {

struct Keys {
  std::string secret;  // signs and verifies HS256 tokens; empty: only others sign
  std::vector<auth::VerificationKey> public_keys;
};

// What is wrong with which file is the error. A secret of fewer than 32 bytes is refused, but under --dev and where it
// came by the name that another system gave it.
Result<Keys> load_keys(const Config& config);

// Under --dev without a secret: a random one that is kept in the data folder (readable by its owner only), so that
// tokens survive a restart; without a data folder it lives as long as the process.
Result<std::string> dev_secret(const std::string& folder);

}  // namespace jobwire
