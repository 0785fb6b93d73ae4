// What says who asks, from outside bytes: the first byte picks a reader, the rest is its input. Tokens as they come,
// and claims behind a signature that is right; published keys and PEM files; auth payloads, cookies, forwarded
// addresses.
#include "support/tokens.h"

#include "auth/client_address.h"
#include "auth/credentials.h"
#include "auth/jwks.h"
#include "auth/jwt.h"
#include "auth/rate_limit.h"
#include "fuzz.h"
#include "jobwire/ids.h"

namespace jobwire::fuzz {
namespace {

using namespace auth;

constexpr UnixMs kNow = 1'764'000'000'000;
const std::string kSecret(64, 's');

// A secret beside one published key of each kind, whose private halves nobody has.
const KeySet& keys() {
  static const KeySet set = [] {
    const auto published = read_jwks(
        R"({"keys":[{"kid":"ed","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},)"
        R"({"kid":"es","kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})",
        false);
    std::vector<NamedKey> all = published->keys;
    all.push_back({{}, VerificationKey::secret(kSecret)});
    return KeySet(std::move(all));
  }();
  return set;
}

void check(const Result<Principal>& who) {
  if (!who) return promise(who.error().code == ErrorCode::unauthenticated, "a refused token is unauthenticated");
  promise(who->user.empty() || check_id(who->user, "user"), "a user is a valid id");
  promise(who->role != Role::user || !who->user.empty() || who->only_named_jobs, "a user has a name, or jobs");
  promise(!who->only_named_jobs || who->role == Role::user, "a token that names jobs is a viewer's");
  promise(who->expires_at == 0 || who->expires_at > kNow, "a token that is taken has not expired");
}

void read_set(std::string_view text) {
  for (const bool secrets : {false, true}) {
    const auto read = read_jwks(text, secrets);
    if (!read) continue;
    promise(!read->keys.empty() && read->keys.size() <= kMostJwksKeys, "a key set has keys, and not too many");
    for (const NamedKey& key : read->keys) {
      promise(secrets || !key.key.is_of_kind(Algorithm::hs256), "no secret comes from a URL");
      promise(!key.only || key.key.is_of_kind(*key.only), "a key's algorithm is of its kind");
      for (const auto& [algorithm, name] : kAlgorithms) {
        promise(!key.key.verifies(algorithm, "input", std::string(64, 'x')), "a made-up signature does not verify");
      }
    }
  }
}

void read_pem(std::string_view text) {
  const auto read = VerificationKey::from_pem(text);
  if (!read) return;
  for (const VerificationKey& key : *read) promise(!key.is_of_kind(Algorithm::hs256), "a PEM key is public");
}

void read_places(std::string_view text) {
  const auto token = token_of_auth_payload(text);
  promise(token || !token.error().message.empty(), "an error says what is wrong");
  const auto value = cookie_value(text, "jobwire");
  promise(value.empty() || text.find("jobwire") != std::string_view::npos, "a cookie's value is in the header");
  const auto range = AddressRange::parse("10.0.0.0/8");
  for (const std::string& client :
       {client_address("10.0.0.1", {text, {}}, {*range}), client_address("10.0.0.1", {{}, text}, {*range})}) {
    promise(client.empty() || client.size() <= 45 + 3, "a client is an address");
  }
  RateRules rules;
  const Status read = read_rates(text, Act::command, rules);
  promise(read || !read.error().message.empty(), "an error says what is wrong");
}

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jobwire::fuzz;
  Bytes bytes(data, size);
  switch (bytes.byte() % 5) {
    case 0:
      check(read_jwt({}, keys(), bytes.take(size), kNow));
      break;
    case 1: {
      const std::string_view header = bytes.line();
      check(read_jwt({}, keys(), jobwire::test::signed_header(header, kSecret, bytes.take(size)), kNow));
      break;
    }
    case 2:
      read_set(bytes.take(size));
      break;
    case 3:
      read_pem(bytes.take(size));
      break;
    case 4:
      read_places(bytes.take(size));
      break;
  }
  return 0;
}
