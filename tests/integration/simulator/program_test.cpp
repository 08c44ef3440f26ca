// SPDX-License-Identifier: MIT
#include <csignal>

#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::vector<std::string> command(std::vector<std::string> options) {
  options.insert(options.begin(), program("lmstudio-sim"));
  return options;
}

}  // namespace

TEST_CASE("The simulator's help has an example and its version is the project's") {
  const Finished help = run({.argv = command({"--help"})});
  CHECK(help.exit_code == 0);
  CHECK_THAT(help.out, ContainsSubstring("Example:"));
  const Finished version = run({.argv = command({"--version"})});
  CHECK(version.exit_code == 0);
  CHECK_THAT(version.out, StartsWith("lmstudio-sim "));
  CHECK(run({.argv = command({"--prot", "1"})}).exit_code == 2);
}

TEST_CASE("The simulator ends at once at a signal, with a stream open") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Simulator simulator("faults: [{kind: stall, after_tokens: 1}]\n");
    RawConnection connection(simulator.port());
    connection.post("/v1/chat/completions", chat_body("mistral-7b", "Hello", R"(,"stream":true)"));
    connection.read_until("\"This\"");
    simulator.process().signal(signal);
    CHECK(simulator.process().wait() == 0);
  }
}

TEST_CASE("The simulator ends when its standard input closes") {
  Simulator simulator;
  CHECK(http(simulator.port(), "GET", "/v1/models").status == 200);
  simulator.process().close_input();
  CHECK(simulator.process().wait() == 0);
}

TEST_CASE("A port that is taken is exit 4, and the message says what to do") {
  const Simulator simulator;
  const std::string port = std::to_string(simulator.port());
  const Finished second = run({.argv = command({"--port", port})});
  CHECK(second.exit_code == 4);
  CHECK(second.out.empty());
  check_golden("simulator/port_taken.txt", replace_all(second.err, port, "PORT"));
}

TEST_CASE("A bad script is exit 3, with the place, the cause and the nearest key of every error") {
  const TempDir folder;
  const std::string file = folder.write("bad.yaml", R"(modells: []
memory: 12 apples
memory: 3GB
models:
  - kye: a
    loaded: yes
  - {key: b, reasoning: thinks}
  - {key: b, context_length: 9999, max_context: 100}
faults:
  - {kind: status, after_tokens: 2}
  - {kind: wrong_model}
  - {kind: stall, status: 200}
  - {kind: status, body: &again [*again]}
  - {kind: wrong_model, served: x, after_tokens: 1, body: {a: 1}}
replies:
  - when: {conttains: a, nth: 0}
  - {text: a, chunks: [b], delay_per_token: soon}
)");
  const Finished finished = run({.argv = command({"--port", "0", "--script", file})});
  CHECK(finished.exit_code == 3);
  CHECK(finished.out.empty());
  check_golden("simulator/bad_script.txt", replace_all(finished.err, folder.path().string(), "FOLDER"));
}

TEST_CASE("Files that are no script are exit 3") {
  const TempDir folder;
  std::string all;
  const std::vector<std::pair<std::string, std::string>> files{{"empty.yaml", ""},
                                                               {"list.yaml", "[1, 2]"},
                                                               {"two.yaml", "jit: true\n---\njit: false\n"},
                                                               {"syntax.yaml", "models: [\n"},
                                                               {"binary.yaml", "a: \xFF\n"}};
  for (const auto& [name, text] : files) {
    const Finished finished = run({.argv = command({"--port", "0", "--script", folder.write(name, text)})});
    CHECK(finished.exit_code == 3);
    all += finished.err;
  }
  const Finished missing = run({.argv = command({"--port", "0", "--script", folder.path() / "none.yaml"})});
  CHECK(missing.exit_code == 3);
  check_golden("simulator/no_script.txt", replace_all(all + missing.err, folder.path().string(), "FOLDER"));
}

TEST_CASE("The example script starts and does what it says") {
  const Simulator simulator({}, {"--script", TACHIKOMA_SOURCE_DIR "/config/simulator.yaml"});
  CHECK_THAT(chat(simulator.port(), "openai/gpt-oss-20b", "What's the weather?").body,
             ContainsSubstring("sunny"));
  CHECK(chat(simulator.port(), "phi-3-mini", "too fast").status == 429);
  CHECK(chat(simulator.port(), "phi-3-mini", "too fast").status == 200);
}
