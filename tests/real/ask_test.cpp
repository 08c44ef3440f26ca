// SPDX-License-Identifier: MIT
// What the command line says of an answer, beside what a real server's own bytes say.
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.hpp"
#include "real/cli.hpp"
#include "real/llama_server.hpp"
#include "real/recording_proxy.hpp"
#include "real/server_stream.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// The one stream that went through the proxy.
ServerStream only_stream(const RecordingProxy& proxy) {
  const std::vector<ServerStream> streams = streams_of(proxy.replies());
  REQUIRE(streams.size() == 1);
  CHECK(streams[0].done);
  return streams[0];
}

void check_usage(const Value& usage, const Value& server) {
  REQUIRE(server["prompt_tokens"].is_integer());
  CHECK(usage["prompt_tokens"] == server["prompt_tokens"]);
  CHECK(usage["completion_tokens"] == server["completion_tokens"]);
  CHECK(usage["total_tokens"] == server["total_tokens"]);
}

}  // namespace

TEST_CASE("ask answers through a real server, and the text and the usage are the server's", "[real]") {
  const LlamaServer server = LlamaServer::with_models({{"alpha"}});
  const RecordingProxy proxy(server.port());
  const TempDir folder;
  const Finished asked =
      run(cli(openai_config(folder, proxy.port()), {"ask", "--json", "-m", "alpha", "Hello, how are you?"}));
  INFO(asked.err);
  REQUIRE(asked.exit_code == 0);
  const ServerStream sent = only_stream(proxy);
  const Value reply = json_lines(asked.out).at(0)["data"];
  CHECK(std::string(reply["text"].as_string()) == sent.text());
  CHECK(reply["model"].as_string() == "alpha");
  CHECK(reply["finish"].as_string() == sent.finish);
  check_usage(reply["usage"], sent.usage);
}

TEST_CASE("--stream-json has the deltas that the server sent, each of them, as they were sent", "[real]") {
  // letters: of noise, what may begin a mark of reasoning is told with what follows it
  const LlamaServer server = LlamaServer::with_models({talkative("alpha")});
  const RecordingProxy proxy(server.port());
  const TempDir folder;
  const Finished asked =
      run(cli(openai_config(folder, proxy.port(), 500), {"ask", "--stream-json", "-m", "alpha", "Hello"}));
  INFO(asked.err);
  REQUIRE(asked.exit_code == 0);
  const ServerStream sent = only_stream(proxy);
  const std::vector<Value> lines = json_lines(asked.out);
  CHECK(sent.deltas.size() > 100);
  CHECK(deltas_of(lines) == sent.deltas);
  check_usage(first_of_type(lines, "usage")["usage"], sent.usage);
  CHECK(first_of_type(lines, "end")["finish"].as_string() == sent.finish);
}

TEST_CASE("bytes that are no UTF-8 become U+FFFD and harm nothing that follows", "[real]") {
  const LlamaServer server = LlamaServer::with_models({{"alpha", {"--endless", "--seed", "7"}}});
  const TempDir folder;
  const auto check = [&](const RecordingProxy& proxy) {
    const Finished asked = run(cli(openai_config(folder, proxy.port(), 400),
                                   {"ask", "--stream-json", "-m", "alpha", "Grüße 🙂"}));
    INFO(asked.err);
    REQUIRE(asked.exit_code == 0);
    CHECK(base::is_utf8(asked.out));
    std::string text;
    for (const std::string& delta : deltas_of(json_lines(asked.out))) text += delta;
    const std::string sent = only_stream(proxy).text();
    CHECK(sent.find(base::kReplacementCharacter) != std::string::npos);
    CHECK(text == sent);
  };

  SECTION("repaired by the server") { check(RecordingProxy(server.port())); }
  SECTION("sent raw, as some servers do: the start of a character that never ends") {
    check(RecordingProxy(server.port(), [](std::string bytes) {
      return replace_all(std::move(bytes), base::kReplacementCharacter, "\xF0\x9F\x99");
    }));
  }
}
