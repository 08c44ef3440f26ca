// SPDX-License-Identifier: MIT
// Many users, several hosts: a real HAProxy with our example, before two llama-servers and an LM Studio.
#include "real/load_balancer.hpp"

#include <chrono>
#include <string>

#include "real/http.hpp"
#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/wait.hpp"
#include "tachikoma/tachikoma.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

std::string local(int port) { return "127.0.0.1:" + std::to_string(port); }

std::string balanced_config(const TempDir& folder, int port) {
  return folder.write("balanced.yaml",
                      "providers:\n"
                      "  hosts: {plugin: openai, base_url: 'http://" +
                          local(port) +
                          "', model_header: X-Model}\n"
                          "models:\n"
                          "  gemma: {provider: hosts, key: gemma, max_tokens: 8}\n"
                          "  mistral: {provider: hosts, key: mistral-7b, max_tokens: 8}\n"
                          "policy: {retry: {attempts: 1}}\n");
}

}  // namespace

TEST_CASE("A load balancer gives each request to a host that has its model, and to none that is down",
          "[real][balancer]") {
  if (!LoadBalancer::is_installed()) return;
  LlamaServer one = LlamaServer::with_model(talkative("gemma"), {"--metrics"});
  LlamaServer two = LlamaServer::with_model(talkative("gemma"), {"--metrics"});
  Simulator three;
  const LoadBalancer balancer({{"10.0.0.11:8080", local(one.port())},
                               {"10.0.0.12:8080", local(two.port())},
                               {"10.0.0.13:1234", local(three.port())}});
  const TempDir folder;
  Runtime runtime = Runtime::open(balanced_config(folder, balancer.port())).value();
  const auto ask = [&](const char* model) {
    return runtime.generate_text({.model = model, .messages = {user("Hello")}});
  };
  const auto has_answered = [](const LlamaServer& server) {
    return http_get(server.port(), "/metrics").body.find("\nllamacpp:prompt_tokens_total 0\n") ==
           std::string::npos;
  };

  for (int i = 0; i < 4; ++i) {
    CHECK(ask("gemma").value().model == "gemma");
    CHECK(ask("mistral").value().model == "mistral-7b");
  }
  CHECK(has_answered(one));
  CHECK(has_answered(two));

  one.kill();
  for (int i = 0; i < 4; ++i) CHECK(ask("gemma").value().model == "gemma");

  three.process().signal(SIGKILL);
  three.process().wait();
  Result<Reply> refused = ask("mistral");
  wait_until(
      20s,
      [&] {  // its status is asked for once a second
        refused = ask("mistral");
        return !refused && refused.error().code == ErrorCode::overloaded;
      },
      [&] { return balancer.log(); });
  CHECK(refused.error().message == "the server at http://" + local(balancer.port()) +
                                       " is not ready for more work: \"503 Service Unavailable\"");
  CHECK(ask("gemma").value().model == "gemma");
}
