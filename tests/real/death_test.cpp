// SPDX-License-Identifier: MIT
#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "real/cli.hpp"
#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/wait.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using Clock = std::chrono::steady_clock;

namespace {

// A command whose output goes to files, so that it can be looked at while it runs.
class Background {
 public:
  explicit Background(Command command) : process_(redirected(std::move(command), folder_)) {
    process_.close_input();
  }
  std::string out() const { return read_file(folder_.path() / "out"); }
  std::string err() const { return read_file(folder_.path() / "err"); }
  Process& process() { return process_; }

  template <class F>
  void wait_until_output(F is_enough) const {
    wait_until(
        std::chrono::seconds(20),
        [&] { return std::filesystem::exists(folder_.path() / "out") && is_enough(out()); },
        [&] { return "no such output in time: " + out() + err(); });
  }

 private:
  static Command redirected(Command command, const TempDir& folder) {
    command.folder = folder.path().string();
    command.argv.insert(command.argv.begin(), {"sh", "-c", R"(exec "$@" >out 2>err)", "sh"});
    return command;
  }

  TempDir folder_;
  Process process_;
};

// Kills the server and returns the exit code of the client. How soon that ends is printed, not judged.
int kill_under(Background& client, LlamaServer& server) {
  const auto killed = Clock::now();
  server.kill();
  const int exit_code = client.process().wait();
  const std::chrono::duration<double, std::milli> later = Clock::now() - killed;
  WARN("the client had ended " << later.count() << " ms after the server was killed");
  return exit_code;
}

}  // namespace

TEST_CASE("a server killed in mid-answer is reported, and is exit 4 from then on", "[real]") {
  const std::string port = std::to_string(refused_port());  // once more, when the server is gone
  LlamaServer server = LlamaServer::with_model(tireless("alpha"), {"--port", port});
  const TempDir folder;
  const std::string config = openai_config(folder, server.port(), 30000);

  const std::string address = "127.0.0.1:" + port;
  const std::string message = "the server at http://" + address + " closed the connection in mid-answer";

  SECTION("as text") {
    Background asking(cli(config, {"ask", "-m", "alpha", "Count to a million"}));
    asking.wait_until_output([](const std::string& out) { return out.size() > 20; });
    CHECK(kill_under(asking, server) != 0);
    CHECK_THAT(asking.err(), ContainsSubstring(message));
  }
  SECTION("as JSON lines, of which the last is the error") {
    Background asking(cli(config, {"ask", "--stream-json", "-m", "alpha", "Count to a million"}));
    asking.wait_until_output(
        [](const std::string& out) { return out.find("\"text\"") != std::string::npos; });
    CHECK(kill_under(asking, server) != 0);
    const std::vector<Value> lines = json_lines(asking.out());
    CHECK(lines.back()["type"].as_string() == "error");
    CHECK(std::string(lines.back()["error"]["message"].as_string()) == message);
  }

  for (int again = 0; again < 2; ++again) {
    const Finished asked = run(cli(config, {"ask", "-m", "alpha", "Are you there?"}));
    CHECK(asked.exit_code == 4);
    CHECK(asked.out.empty());
    CHECK_THAT(asked.err, ContainsSubstring(address));
  }
}
