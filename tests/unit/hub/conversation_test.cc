// How conversations are refused.
#include "hub/conversation.h"

#include <catch2/catch.hpp>

using namespace jobwire;

TEST_CASE("a refusal that passes with time is no word about the token") {
  const auto code = [](ErrorCode error) { return hub::refusal_code({error, "", {}, 0}); };
  CHECK(code(ErrorCode::rate_limited) == CloseCode::rate_limited);
  CHECK(code(ErrorCode::unavailable) == CloseCode::draining);
  CHECK(code(ErrorCode::unauthenticated) == CloseCode::unauthenticated);
  CHECK(code(ErrorCode::bad_request) == CloseCode::unauthenticated);
}
