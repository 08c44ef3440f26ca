// SPDX-License-Identifier: MIT
#include "queue/queue_address.hpp"

#include "support/catch.hpp"

using namespace tachikoma;
using queue::parse_queue_url;

TEST_CASE("the address of a queue is read with and without its optional parts", "[queue]") {
  const auto plain = parse_queue_url("redis://broker/night").value();
  CHECK(plain.host == "broker");
  CHECK(plain.port == 6379);
  CHECK(plain.name == "night");
  CHECK(plain.user.empty());
  const auto full = parse_queue_url("redis://ada:s%40cr%2Ft:x@[::1]:7000/a.b-c_1").value();
  CHECK(full.user == "ada");
  CHECK(full.password == "s@cr/t:x");
  CHECK(full.host == "::1");
  CHECK(full.port == 7000);
  CHECK(full.shown() == "redis://[::1]:7000/a.b-c_1");
  CHECK(parse_queue_url("redis://:secret@h/n").value().user.empty());
}

TEST_CASE("an address of a queue that can't be is refused in its own words, without its password",
          "[queue]") {
  const auto refused = [](const char* url) {
    const auto address = parse_queue_url(url);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == ErrorCode::invalid_argument);
    const std::string said = address.error().message + " · " + address.error().hint;
    CHECK_THAT(said, !ContainsSubstring("hunter2"));
    return said;
  };
  CHECK_THAT(refused("rediss://u:hunter2@h/n"), ContainsSubstring("through a tunnel"));
  CHECK_THAT(refused("http://u:hunter2@h/n"), ContainsSubstring("does not begin with 'redis://'"));
  CHECK_THAT(refused("redis://u:hunter2@h"), ContainsSubstring("'redis://h:6379' names no batch"));
  CHECK_THAT(refused("redis://u:hunter2@h/"), ContainsSubstring("names no batch"));
  CHECK_THAT(refused("redis://u:hunter2@h/a b"), ContainsSubstring("'a b' can't be the name of a batch"));
  CHECK_THAT(refused("redis://u:hunter2@/n"), ContainsSubstring("names no host"));
  CHECK_THAT(refused("redis://hunter2@h/n"), ContainsSubstring("a user without a password"));
  CHECK_THAT(refused("redis://u:hunter2%zz@h/n"), ContainsSubstring("'%' that escapes nothing"));
  CHECK_THAT(refused("redis://u:hunter2@h:0/n"), ContainsSubstring("'0' in the address"));
  CHECK_THAT(refused("redis://u:hunter2@h:99999/n"), ContainsSubstring("is not a port"));
}
