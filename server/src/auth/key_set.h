// The keys that tokens are verified with, and which of them a token may be held against.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/algorithm.h"
#include "auth/verification_key.h"

namespace jobwire::auth {

struct NamedKey {
  std::string id;  // `kid`; empty: it has none
  VerificationKey key;
  std::optional<Algorithm> only = {};  // its `alg`; absent: all that it can do
};

// What the header of a token says about its signature.
struct Signing {
  Algorithm algorithm = Algorithm::hs256;
  std::string key_id;  // empty: it does not say
};

class KeySet {
 public:
  // `allowed`: the algorithms that the operator has named; empty: what each key can do.
  explicit KeySet(std::vector<NamedKey> keys = {}, std::vector<Algorithm> allowed = {})
      : keys_(std::move(keys)), allowed_(std::move(allowed)) {}

  enum class Verdict : std::uint8_t {
    verified,
    wrong_signature,
    wrong_algorithm,  // no key here does it, or not that key
    unknown_key,      // no key has this id
  };
  Verdict verify(const Signing& signing, std::string_view input, std::string_view signature) const;

  bool empty() const { return keys_.empty(); }
  std::size_t size() const { return keys_.size(); }

 private:
  bool may_do(const NamedKey& key, Algorithm algorithm) const;

  std::vector<NamedKey> keys_;
  std::vector<Algorithm> allowed_;
};

}  // namespace jobwire::auth
