#include "auth/key_set.h"

#include <algorithm>

namespace jobwire::auth {
namespace {

constexpr int kMostTries = 16;  // keys that one token is held against, where it does not name one

}  // namespace

bool KeySet::may_do(const NamedKey& key, Algorithm algorithm) const {
  if (key.only && *key.only != algorithm) return false;
  if (allowed_.empty()) return key.key.can(algorithm);
  return key.key.is_of_kind(algorithm) && std::find(allowed_.begin(), allowed_.end(), algorithm) != allowed_.end();
}

// A key without id may be meant by every token; one with an id by those that name it and by those that name none.
KeySet::Verdict KeySet::verify(const Signing& signing, std::string_view input, std::string_view signature) const {
  bool named = false;
  bool any_ids = false;
  int tries = 0;
  for (const NamedKey& key : keys_) {
    any_ids = any_ids || !key.id.empty();
    if (!key.id.empty() && !signing.key_id.empty() && key.id != signing.key_id) continue;
    named = named || !key.id.empty();
    if (!may_do(key, signing.algorithm)) continue;
    if (++tries > kMostTries) break;
    if (key.key.verifies(signing.algorithm, input, signature)) return Verdict::verified;
  }
  if (any_ids && !named) return Verdict::unknown_key;
  return tries > 0 ? Verdict::wrong_signature : Verdict::wrong_algorithm;
}

}  // namespace jobwire::auth
