// SPDX-License-Identifier: MIT
// What a real server said, recorded and replayed.
#include <optional>
#include <string>

#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/tachikoma.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string config(const std::string& base_url, const std::string& cassette) {
  return "providers: {local: {plugin: openai, base_url: '" + base_url + "', " + cassette +
         "}}\ndefaults: {inference: {max_tokens: 40}}\n";
}

// The deltas of an answer, and of one that was asked for asynchronously.
std::string told(Runtime runtime) {
  std::string text;
  const auto ask = [](const char* what) { return TextRequest{.model = "alpha", .messages = {user(what)}}; };
  const Reply reply = runtime
                          .stream_text(ask("Tell me something"),
                                       [&](const Delta& delta) {
                                         text += std::string(delta.text()) + "|";
                                         return Flow::proceed;
                                       })
                          .value();
  const Reply later = runtime.generate_text_future(ask("And more")).get().value();
  for (const Reply* each : {&reply, &later}) {
    Value value = to_value(*each);
    value.erase("metrics");  // measured here
    text += "\n" + to_json(value);
  }
  return text;
}

}  // namespace

TEST_CASE("the recording of a real server says what the server said, delta by delta", "[real][cassette]") {
  const TempDir folder;
  std::optional<LlamaServer> server(LlamaServer::with_model(talkative("alpha")));
  const std::string file = folder.write("tachikoma.yaml", config(server->base_url(), "record: c.jsonl"));
  const std::string live = told(Runtime::open(file).value());
  const std::string gone = server->base_url();
  server.reset();
  folder.write("tachikoma.yaml", config(gone, "replay: c.jsonl"));
  CHECK(told(Runtime::open(file).value()) == live);
  CHECK(live.find("\"completion_tokens\":40") != std::string::npos);
}
