// The signatures of tokens that this server knows (RFC 7518 section 3.1, RFC 8037 section 3.1). "none" is not among
// them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace jobwire::auth {

enum class Algorithm : std::uint8_t { hs256, hs384, hs512, rs256, es256, eddsa };

inline constexpr std::array<std::pair<Algorithm, std::string_view>, 6> kAlgorithms = {{{Algorithm::hs256, "HS256"},
                                                                                       {Algorithm::hs384, "HS384"},
                                                                                       {Algorithm::hs512, "HS512"},
                                                                                       {Algorithm::rs256, "RS256"},
                                                                                       {Algorithm::es256, "ES256"},
                                                                                       {Algorithm::eddsa, "EdDSA"}}};

constexpr std::string_view algorithm_name(Algorithm algorithm) {
  return kAlgorithms[static_cast<std::size_t>(algorithm)].second;
}
// Names are case-sensitive (RFC 7515 section 4.1.1).
constexpr std::optional<Algorithm> algorithm_from_name(std::string_view name) {
  for (const auto& [algorithm, known] : kAlgorithms) {
    if (known == name) return algorithm;
  }
  return std::nullopt;
}
constexpr bool is_symmetric(Algorithm algorithm) { return algorithm <= Algorithm::hs512; }

}  // namespace jobwire::auth
