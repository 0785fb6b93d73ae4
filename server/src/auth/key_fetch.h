// Where published keys come from: a file, or a URL by one GET over HTTPS. Asio's, Beast's and Boost.URL's types stay in
// key_fetch.cc.
#pragma once

#include <string>

#include "auth/key_cache.h"
#include "jobwire/result.h"

namespace boost::asio {
class io_context;
}

namespace jobwire::auth {

bool is_key_url(const std::string& source);  // else it is a file's name
// For check-config. A URL is https, or http where its host is a loopback literal or localhost; without user and
// fragment.
Status check_key_url(const std::string& url);

// Each call fetches once. A URL: certificate and name are verified, a redirect is refused, the body is at most
// kMostJwksBytes, and all of it takes at most `timeout`. `io` outlives what is returned.
KeyCache::Fetch key_fetch(boost::asio::io_context& io, const std::string& source, DurationMs timeout = 10'000);

}  // namespace jobwire::auth
