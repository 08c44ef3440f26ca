// SPDX-License-Identifier: MIT
// Name look-ups that the kit leaves to the host.
#include <future>
#include <memory>

#include "plugins/common/chat_client.hpp"
#include "plugins/common/net/stuck_look_up.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

using Names = TestHost::Names;

}  // namespace

TEST_CASE("cancelling ends the wait for a name at once, and so does destroying the provider", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  StuckLookUp look_up;
  {
    ChatClient client(driver, "http://somewhere:1", Value::object(), look_up.function());
    auto call = std::async(std::launch::async, [&] { return client.chat(); });
    look_up.wait_until_begun();
    client.cancellation.request();
    CHECK(call.get().error().code == ErrorCode::cancelled);
    client.destroy_provider();
  }
  look_up.end();  // the host is gone too: what was found is dropped
}

TEST_CASE("a name that is known is connected to", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  ChatClient client(driver, "http://somewhere:1", Value::object(),
                    [](const std::string& host, std::uint16_t port) -> Result<Names::Addresses> {
                      CHECK(host == "somewhere");
                      return Names::look_up_by_system("127.0.0.1", port);
                    });
  const auto outcome = client.chat();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().message == "no server answers at http://somewhere:1 (connection refused)");
}

TEST_CASE("a host program without name look-ups is named as the cause", "[driver]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  class BareHost final : public Host {
   public:
    void log(Severity, std::string_view) override {}
    void* capability(std::string_view) override { return nullptr; }
  } host;
  const Value settings = Value::object({{"base_url", "http://somewhere:1"}});
  const auto provider = kit::make_server_provider<kit::OpenAiCompatibleProvider>(settings, host).value();
  TestCancellation cancellation;
  RecordingSink sink;
  const auto outcome = chat(*provider, driver, {.model = "m"}, sink, {cancellation, "1"});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::unsupported);
  CHECK_THAT(outcome.error().message, ContainsSubstring("'somewhere' can't be looked up"));
}
