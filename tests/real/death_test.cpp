// SPDX-License-Identifier: MIT
#include <chrono>
#include <string>

#include "real/cli.hpp"
#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a server killed in mid-answer is reported within a second, and is exit 4 from then on", "[real]") {
  LlamaServer server = LlamaServer::with_model(tireless("alpha"));
  const TempDir folder;
  const std::string config = openai_config(folder, server.port(), 30000);
  const std::string errors = (folder.path() / "errors").string();
  Command ask = cli(config, {"ask", "--stream-json", "-m", "alpha", "Count to a million"});
  ask.argv.insert(ask.argv.begin(), {"sh", "-c", R"(errors=$1; shift; exec "$@" 2>"$errors")", "sh", errors});
  Process asking(ask);
  asking.close_input();
  while (parse_json(asking.read_line()).value()["type"].as_string() != "text") {
  }

  const auto killed = std::chrono::steady_clock::now();
  server.kill();
  const int exit_code = asking.wait();
  CHECK(std::chrono::steady_clock::now() - killed < std::chrono::seconds(1));
  INFO(read_file(errors));
  CHECK((exit_code == 1 || exit_code == 4));
  CHECK_THAT(read_file(errors), ContainsSubstring("local") && ContainsSubstring("closed the connection"));

  for (int again = 0; again < 2; ++again) {
    const Finished asked = run(cli(config, {"ask", "-m", "alpha", "Are you there?"}));
    CHECK(asked.exit_code == 4);
    CHECK(asked.out.empty());
    CHECK_THAT(asked.err, ContainsSubstring("127.0.0.1:" + std::to_string(server.port())));
  }
}
