// SPDX-License-Identifier: MIT
#include <set>
#include <string>

#include "real/cli.hpp"
#include "real/llama_server.hpp"
#include "real/recording_proxy.hpp"
#include "real/server_stream.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("models lists every model of a real server, and an unknown one is exit 6 and generates nothing",
          "[real]") {
  const LlamaServer server = LlamaServer::with_models({{"alpha"}, {"beta"}, {"gamma"}});
  const RecordingProxy proxy(server.port());
  const TempDir folder;
  const std::string config = openai_config(folder, proxy.port());

  const Finished listed = run(cli(config, {"models", "--json"}));
  INFO(listed.err);
  REQUIRE(listed.exit_code == 0);
  std::set<std::string> addresses;
  const Value listing = json_lines(listed.out).at(0)["data"];
  for (const Value& model : listing["models"].elements()) addresses.emplace(model["address"].as_string());
  CHECK(addresses == std::set<std::string>{"local::alpha", "local::beta", "local::gamma"});

  const Finished refused = run(cli(config, {"ask", "-m", "local::alhpa", "Hello"}));
  CHECK(refused.exit_code == 6);
  CHECK(refused.out.empty());
  CHECK_THAT(refused.err, ContainsSubstring("alhpa") && ContainsSubstring("alpha"));
  // the server may have more than it lists: it is asked, once, and refuses
  const std::string requests = proxy.requests();
  CHECK(requests.find("POST ") != std::string::npos);
  CHECK(requests.find("POST ") == requests.rfind("POST "));
}

TEST_CASE("/model lets another model of the server go on with the conversation", "[real]") {
  const LlamaServer server =
      LlamaServer::with_models({talkative("alpha"), talkative("beta"), talkative("gamma")});
  const RecordingProxy proxy(server.port());
  const TempDir folder;
  const Finished chat = run(cli(openai_config(folder, proxy.port(), 20), {"chat", "-m", "alpha"},
                                "First question\n/model beta\nSecond question\n/model nobody\n"
                                "/model gamma\nThird question\n"));
  INFO(chat.err);
  CHECK(chat.exit_code == 0);  // a name that is not there is said, and the chat goes on
  CHECK_THAT(chat.err, ContainsSubstring("'nobody' was not found"));
  const std::vector<std::string> models = requested_models(proxy.requests());
  CHECK(models == std::vector<std::string>{"alpha", "beta", "gamma"});
  CHECK(streams_of(proxy.replies()).size() == 3);
  CHECK_THAT(proxy.requests(), ContainsSubstring("First question") && ContainsSubstring("Third question"));
}
