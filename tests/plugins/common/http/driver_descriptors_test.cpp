// SPDX-License-Identifier: MIT
#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include <sys/resource.h>

#include "plugins/common/chat_client.hpp"
#include "plugins/common/http/chunked_answer.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/resources.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// While it lives, this process can't open another descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("without a free descriptor a call fails and says so, and the next one works", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  LoopbackServer server([&](Peer& peer, int) {
    peer.read_request();
    peer.send(kHead + "Connection: close\r\n\r\n" + delta("Hi") + kEnd);
  });
  ChatClient client(driver, server.url());
  REQUIRE(client.chat());
  {
    const NoDescriptors none;
    const auto outcome = client.chat();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::overloaded);
    CHECK(outcome.error().retryable);
    CHECK(outcome.error().message == "can't connect to " + server.url() +
                                         " (this process has no free file descriptor: too many open files)");
  }
  CHECK(client.chat());
}

TEST_CASE("many calls at once leave no descriptor behind", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::size_t before = open_descriptors();
  {
    LoopbackServer server([&](Peer& peer, int number) {
      peer.read_request();
      if (number % 3 == 0) return peer.reset();
      peer.send(number % 3 == 1 ? kAnswer : kHead + "\r\n" + delta("Hi"));
    });
    ChatClient client(driver, server.url());
    std::vector<std::future<void>> calls;
    for (int i = 0; i < 4; ++i)
      calls.push_back(std::async(std::launch::async, [&] {
        for (int n = 0; n < 30; ++n) {
          TestCancellation cancellation;
          RecordingSink sink;
          const auto outcome = chat(client.provider(), driver, {.model = "m"}, sink, {cancellation, "1"});
          static_cast<void>(outcome);
        }
      }));
    for (auto& call : calls) call.get();
  }
  CHECK(open_descriptors() == before);
}
