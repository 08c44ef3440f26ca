// SPDX-License-Identifier: MIT
// Tools that run by themselves against a real server. The model's words are noise, its calls are not: the
// grammar that the server makes of our schemas forces them into form, several in one reply.
#include <algorithm>
#include <atomic>
#include <map>
#include <string>

#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "tachikoma/tachikoma.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

enum class Color { red, green };
TACHIKOMA_ENUM(Color, red, green);

/// Two tools that count how often they ran.
struct Lamp {
  std::atomic<int> levels = 0, colors = 0;

  std::string set_level(int level) {
    ++levels;
    return "the level is " + std::to_string(level);
  }
  Color set_color(Color color) {
    ++colors;
    return color;
  }
  ToolKit kit() {
    ToolKit kit;
    kit.add("set_level", "Sets the level", {param("level", "In lumen")}, this, &Lamp::set_level)
        .add("set_color", "Sets the color", {param("color")}, this, &Lamp::set_color);
    return kit;
  }
};

// One step that has to call, and the last one, without tools: a model of noise never stops calling by itself.
TextRequest request(Lamp& lamp) {
  return {.model = "caller",
          .messages = {user("Set the level and the color")},
          .tools = lamp.kit(),
          .tool_rules = {.max_steps = 2},
          .tool_choice = ToolChoice{ToolChoice::Mode::required},
          .parallel_tool_calls = true,
          .settings = {.seed = 1}};
}

}  // namespace

TEST_CASE("a real server's streamed and parallel calls are run until the steps are used up", "[real]") {
  const LlamaServer server = LlamaServer::with_models({{"caller", {"--calls-tools", "--seed", "2"}}});
  const TempDir folder;
  Runtime runtime = Runtime::open(openai_config(folder, server.port(), 600)).value();
  Lamp lamp;
  std::map<std::string, int> calls, results;  // by id
  int in_this_step = 0, most_in_a_step = 0;
  const Reply reply = runtime
                          .stream_text(request(lamp),
                                       [&](const Delta& delta) {
                                         if (delta.kind == Delta::Kind::tool_call) {
                                           ++calls[delta.call->id];
                                           most_in_a_step = std::max(most_in_a_step, ++in_this_step);
                                         }
                                         if (delta.kind == Delta::Kind::tool_result) {
                                           ++results[delta.call->id];
                                           in_this_step = 0;
                                         }
                                         return Flow::proceed;
                                       })
                          .value();
  CHECK(reply.steps == 2);
  CHECK(reply.tool_calls.empty());
  CHECK(most_in_a_step > 1);
  CHECK(results == calls);
  CHECK(lamp.levels + lamp.colors > 1);
  CHECK(reply.messages.back().role == Role::assistant);
}

TEST_CASE("a reply that is not streamed has run its calls as well", "[real]") {
  const LlamaServer server = LlamaServer::with_models({{"caller", {"--calls-tools", "--seed", "2"}}});
  const TempDir folder;
  Runtime runtime = Runtime::open(openai_config(folder, server.port(), 600)).value();
  Lamp lamp;
  const Reply reply = runtime.generate_text(request(lamp)).value();
  CHECK(reply.steps == 2);
  CHECK(lamp.levels + lamp.colors > 1);
  CHECK(reply.tool_calls.empty());
}
