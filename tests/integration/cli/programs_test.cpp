// SPDX-License-Identifier: MIT
// What ps tells of other programs that run.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <unistd.h>
#include <vector>

#include <sys/stat.h>

#include "base/running_programs.hpp"
#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/wait.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

constexpr char kHeldAnswer[] = R"(models: [{key: a, size: 4GB}]
replies: [{text: one two three}]
hold: {answers: [a]}
)";

/// A user who is logged in, with programs that run beside each other.
class Desk {
 public:
  explicit Desk(const Simulator& simulator)
      : shell_("providers: {lm: {plugin: lmstudio, base_url: '" + simulator.base_url() +
               "'}}\nmodels: {chat: {provider: lm, key: a, owner: managed}}\n") {
    std::filesystem::create_directory(session());
  }

  Command command(const std::vector<std::string>& words) const {
    Command command = shell_.command(words);
    command.env.emplace_back("XDG_RUNTIME_DIR", session().string());
    return command;
  }
  Finished ps(const std::vector<std::string>& options = {}) const {
    std::vector<std::string> words{"ps"};
    words.insert(words.end(), options.begin(), options.end());
    return run(command(words));
  }
  Value programs() const { return json_of(ps({"--json"}).out)["data"]["programs"]; }
  /// What the first program says of its model, once `done` accepts it.
  Value model_when(const std::function<bool(const Value&)>& done) const {
    Value model;
    wait_until(
        20s,
        [&] {
          const Value all = programs();
          if (all.elements().empty() || all.elements()[0]["models"].elements().empty()) return false;
          model = all.elements()[0]["models"].elements()[0];
          return done(model);
        },
        [&] { return "the program says: " + to_json(model); });
    return model;
  }
  std::string write_status(const std::string& name, const std::string& text) const {
    return shell_.folder().write("session/tachikoma/" + name, text);
  }
  /// A status file of this very process, which runs.
  std::string write_status(const std::string& name, std::string_view program, Value models) const {
    return write_status(name, to_json(Value::object({{"schema_version", 1},
                                                     {"kind", "program"},
                                                     {"pid", static_cast<std::int64_t>(::getpid())},
                                                     {"start_time", *base::start_of_process(::getpid())},
                                                     {"name", program},
                                                     {"config", nullptr},
                                                     {"written_at", 0},
                                                     {"models", std::move(models)},
                                                     {"switches", Value::array()}})));
  }
  std::filesystem::path session() const { return shell_.folder().path() / "session"; }
  bool has_status_files() const {
    const std::filesystem::directory_iterator all(session() / "tachikoma");
    return std::any_of(begin(all), end(all), [](const auto& each) { return each.is_regular_file(); });
  }

 private:
  Shell shell_;
};

bool is_used(const Value& model) { return model["leases"].as_integer() == 1; }

void wait_for_first_token(const Simulator& simulator) {
  simulator.wait_for([](const Value& state) { return state["counters"]["tokens"].as_integer() == 1; });
}

}  // namespace

TEST_CASE("ps shows what a running program keeps in memory, until that ends", "[cli][ps]") {
  const Simulator simulator(kHeldAnswer);
  const Desk desk(simulator);
  Process asking(desk.command({"ask", "-m", "chat", "Hi"}));
  asking.close_input();
  wait_for_first_token(simulator);
  const Value model = desk.model_when(is_used);
  CHECK(model["provider"].as_string() == "lm");
  CHECK(model["key"].as_string() == "a");
  CHECK(model["residence"].as_string() == "loaded");
  CHECK(model["waiting"].as_integer(-1) == 0);
  CHECK(model["in_memory_for"]["source"].as_string() == "measured");
  CHECK(model["unused_for"]["value"].as_real(-1) == 0);
  const Value program = desk.programs().elements().at(0);
  CHECK(program["pid"].as_integer() == asking.pid());
  CHECK(program["name"].as_string() == "tachikoma");
  CHECK_THAT(std::string(program["config"].as_string()), ContainsSubstring("/tachikoma.yaml"));
  CHECK(program["switches"].elements().at(0)["loaded"].as_bool());

  const std::string shown = desk.ps().out;
  CHECK_THAT(shown, StartsWith("ADDRESS") &&
                        ContainsSubstring("\n\ntachikoma (pid " + std::to_string(asking.pid()) + ", /") &&
                        ContainsSubstring("\nlm::a    loaded         1        0") &&
                        ContainsSubstring(" ago: asked for"));

  simulator.play("hold: {}");
  CHECK(asking.wait() == 0);
  CHECK_FALSE(desk.has_status_files());
  CHECK(desk.programs() == Value::array());
  CHECK_THAT(desk.ps().out, !ContainsSubstring("pid"));
}

TEST_CASE("ps leaves out a program that was killed, and removes its file", "[cli][ps]") {
  const Simulator simulator(kHeldAnswer);
  const Desk desk(simulator);
  Process asking(desk.command({"ask", "-m", "chat", "Hi"}));
  asking.close_input();
  wait_for_first_token(simulator);
  desk.model_when(is_used);
  asking.signal(SIGKILL);
  asking.wait();
  REQUIRE(desk.has_status_files());
  CHECK(desk.programs() == Value::array());
  CHECK_FALSE(desk.has_status_files());
}

TEST_CASE("a file of another process with the same number is removed", "[cli][ps]") {
  const Simulator simulator;
  const Desk desk(simulator);
  desk.write_status("1.json", "one", Value::array());
  std::string text = read_file(desk.session() / "tachikoma/1.json");
  const std::string start = std::to_string(*base::start_of_process(::getpid()));
  desk.write_status("2.json", text.replace(text.find(start), start.size(), "1" + start));
  CHECK(desk.programs().elements().size() == 1);
  CHECK(std::filesystem::exists(desk.session() / "tachikoma/1.json"));
  CHECK_FALSE(std::filesystem::exists(desk.session() / "tachikoma/2.json"));
}

TEST_CASE("ps warns of a status file that says nothing, and shows the others", "[cli][ps]") {
  const Simulator simulator;
  const Desk desk(simulator);
  desk.write_status("1.json", "one", Value::array());
  const std::string cut = desk.write_status("2.json", R"({"schema_version": 1, "ki)");
  const std::string other = desk.write_status("3.json", R"({"schema_version": 1, "kind": "models"})");
  desk.write_status("new-abcdef", "{");
  const std::string later = desk.write_status("4.json", R"({"schema_version": 2, "kind": "program"})");
  const std::string partial = desk.write_status("6.json", R"({"schema_version": 1, "kind": "program"})");
  REQUIRE(::mkfifo((desk.session() / "tachikoma/5.json").c_str(), 0600) == 0);
  const Finished shown = desk.ps();
  CHECK(shown.exit_code == 0);
  CHECK_THAT(shown.out, ContainsSubstring("\none (pid " + std::to_string(::getpid()) + "): no models\n"));
  for (const std::string& file : {cut, other, later, partial})
    CHECK_THAT(shown.err,
               ContainsSubstring("tachikoma: warning: '" + file + "' does not say what a program "));
  CHECK_THAT(shown.err, ContainsSubstring("schema_version is not 1") && ContainsSubstring("5.json") &&
                            !ContainsSubstring("new-abcdef"));
}

TEST_CASE("names in a status file can't act on a terminal", "[cli][ps]") {
  const Simulator simulator;
  const Desk desk(simulator);
  const Value model = Value::object({{"provider", "p\x1b[31m"},
                                     {"key", "k\nfake (pid 1)"},
                                     {"residence", "loaded\u202e"},
                                     {"leases", "many"},
                                     {"in_memory_for", Value::object({{"value", 1e300}})}});
  desk.write_status("1.json", "one\nfake\x1b[2J", Value::array({model, 7}));
  const Finished shown = desk.ps();
  CHECK(shown.exit_code == 0);
  CHECK_THAT(shown.out, ContainsSubstring("\none fake [2J (pid ") &&
                            ContainsSubstring("\np [31m::k fake (pid 1)  loaded") &&
                            !ContainsSubstring("\x1b") && !ContainsSubstring("\u202e") &&
                            !ContainsSubstring("\nfake"));
}

TEST_CASE("ps shows running programs where no server answers", "[cli][ps]") {
  const Simulator simulator;
  const Desk desk(simulator);
  desk.write_status("1.json", "one", Value::array());
  std::filesystem::remove(desk.session().parent_path() / "tachikoma.yaml");
  const Finished shown = desk.ps();
  CHECK(shown.exit_code == 4);
  CHECK_THAT(shown.out, StartsWith("one (pid "));
  const Finished listed = desk.ps({"--json"});
  CHECK(listed.exit_code == 4);
  CHECK(json_of(listed.out)["data"]["programs"].elements().size() == 1);
}
