// SHA-256 and what is built on it. OpenSSL's types stay in digest.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jobwire::auth {

std::string sha256(std::string_view bytes);                        // 32 raw bytes
bool same_digest(std::string_view one, std::string_view another);  // in constant time for equal lengths
std::string random_bytes(std::size_t count);                       // for secrets and ids; from the system

}  // namespace jobwire::auth
