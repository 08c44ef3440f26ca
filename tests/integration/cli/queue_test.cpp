// SPDX-License-Identifier: MIT
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/redis_server.hpp"
#include "support/simulator.hpp"
#include "support/wait.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

constexpr int kLines = 500, kParts = 10;

std::string on_simulator(const Simulator& simulator) {
  return "providers: {local: {plugin: lmstudio, base_url: '" + simulator.base_url() +
         "'}}\npolicy: {retry: {attempts: 1}}\n";
}

/// A user who feeds a batch and runs workers, over a Redis that forgets nothing.
struct QueueShell : Shell {
  explicit QueueShell(const std::string& config,
                      std::vector<std::string> options = {"--appendonly", "yes", "--appendfsync", "always"})
      : Shell(config), redis(std::move(options)) {}

  std::vector<std::string> feed(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"batch", "in.jsonl", "-o", "out.jsonl", "--queue", redis.url()});
    return more;
  }
  std::unique_ptr<Process> start(const std::vector<std::string>& words) const {
    auto process = std::make_unique<Process>(command(words));
    process->close_input();
    return process;
  }
  std::unique_ptr<Process> start_worker(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"worker", "--queue", redis.url(), "-j", "4", "--dead-after", "2"});
    return start(more);
  }
  Value status() const { return json_of(tachikoma({"queue", "status", "--json", redis.url()}).out)["data"]; }
  std::string read(const std::string& name) const { return read_file(folder().path() / name); }
  bool has(const std::string& name) const { return std::filesystem::exists(folder().path() / name); }
  std::vector<Value> lines(const std::string& name) const { return json_lines_of(read(name)); }

  RedisServer redis;
};

std::string three_models(int count) {
  static const std::vector<std::string> kModels{"a", "b", "c"};
  std::string lines;
  for (int i = 0; i < count; ++i)
    lines += R"({"custom_id":"id-)" + std::to_string(i) + R"(","model":")" +
             kModels[static_cast<std::size_t>(i) % 3] + R"(","prompt":"number )" + std::to_string(i) +
             ". part " + std::to_string(i * kParts / kLines) + ".\"}\n";
  return lines;
}

// Lines of these parts are not answered until their client has gone.
std::string stall_parts_from(int part) {
  std::string faults = "faults:\n";
  for (int i = part; i < kParts; ++i)
    faults += "  - {when: {contains: 'part " + std::to_string(i) + ".'}, kind: stall}\n";
  return faults;
}

std::string without_creation(std::string text) {
  for (std::size_t at = 0; (at = text.find("\"created\":", at)) != std::string::npos;) {
    const std::size_t end = text.find(',', at);
    text.erase(at, end - at);
  }
  return text;
}

}  // namespace

TEST_CASE(
    "workers, feeder and broker are killed again and again, and each line has its result once, in order",
    "[cli][queue]") {
  const Simulator a("models: [{key: a, size: 1GB}]\n"), b("models: [{key: b, size: 1GB}]\n"),
      c("models: [{key: c, size: 1GB}]\n");
  QueueShell shell(kEchoes);
  std::vector<std::string> configs;
  for (const Simulator* each : {&a, &b, &c})
    configs.push_back(shell.folder().write(std::to_string(each->port()) + ".yaml", on_simulator(*each)));
  const auto play = [&](const std::string& script) {
    for (const Simulator* each : {&a, &b, &c}) each->play(script);
  };
  const auto start_workers = [&] {
    std::vector<std::unique_ptr<Process>> workers;
    for (const std::string& config : configs) workers.push_back(shell.start_worker({"--config", config}));
    return workers;
  };
  shell.folder().write("in.jsonl", three_models(kLines));
  std::unique_ptr<Process> feeder;
  const auto ended = [](std::unique_ptr<Process>& process) {
    process->signal(SIGKILL);
    CHECK(process->wait() == 128 + SIGKILL);
    process.reset();
  };
  std::int64_t killed = 0;  // lines that wait for others to notice
  for (const int part : {1, 3, 5, 7, 9}) {
    play(stall_parts_from(part));
    if (!feeder) feeder = shell.start(shell.feed({"--resume"}));
    auto workers = start_workers();
    const auto stuck = [&] {  // what can be answered is, and each worker has as many lines as it takes
      std::int64_t lines = 0;
      const Value status = shell.status();
      for (const Value& each : status["in_work"].elements())
        for (const auto& worker : workers)
          lines +=
              each["worker"].as_string().find("-" + std::to_string(worker->pid()) + "-") != std::string::npos;
      return lines == 12 && status["done"].as_integer() >= kLines * part / kParts - killed;
    };
    REQUIRE(comes_true(60s, stuck));
    for (auto& worker : workers) ended(worker);
    killed += 12;
    if (part == 1 || part == 7) ended(feeder);
    if (part == 5 || part == 7) {
      shell.redis.kill();
      shell.redis.start();
    }
    CHECK_FALSE(shell.has("out.jsonl"));
  }
  play("faults: []");
  const auto workers = start_workers();
  CHECK(feeder->wait(60s) == 0);
  std::vector<std::string> ids, expected;
  for (const Value& line : shell.lines("out.jsonl")) {
    ids.emplace_back(line["custom_id"].as_string());
    CHECK(line["error"].is_null());
  }
  for (int i = 0; i < kLines; ++i) expected.push_back("id-" + std::to_string(i));
  CHECK(ids == expected);
  CHECK_FALSE(shell.has("out.jsonl.journal"));
  CHECK(shell.redis.cli({"KEYS", "*"}) == "\n");
  for (const auto& worker : workers) {
    worker->signal(SIGINT);
    CHECK(worker->wait() == 0);
  }
}

TEST_CASE("workers answer every kind of line as a local batch does", "[cli][queue]") {
  const Simulator simulator;
  QueueShell shell(on_simulator(simulator), {});
  shell.folder().write(
      "in.jsonl",
      "{\"model\":\"mistral-7b\",\"prompt\":\"one\"}\n"
      R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"mistral-7b","messages":[)"
      R"({"role":"user","content":"Ada is 36"}],"response_format":{"type":"json_schema","json_schema":{"name":"p",)"
      R"("schema":{"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]}}}}})"
      "\n"
      R"({"custom_id":"b","method":"POST","url":"/v1/embeddings","body":{"input":["x","y"],)"
      R"("model":"text-embedding-nomic-embed-text-v1.5"}})"
      "\n");
  REQUIRE(shell.tachikoma({"batch", "in.jsonl", "-o", "local.jsonl"}).exit_code == 0);
  const auto worker = shell.start_worker();
  const Finished done = shell.tachikoma(shell.feed({"--json"}));
  INFO(done.err);
  CHECK(done.exit_code == 0);
  CHECK(json_of(done.out)["data"]["succeeded"] == Value(3));
  CHECK(without_creation(shell.read("out.jsonl")) == without_creation(shell.read("local.jsonl")));
}

TEST_CASE("a batch is shown, paused, resumed and cancelled by its address", "[cli][queue]") {
  QueueShell shell(kEchoes, {});
  shell.folder().write(
      "in.jsonl", "{\"model\":\"alpha\",\"prompt\":\"one\"}\n{\"model\":\"nowhere\",\"prompt\":\"two\"}\n");
  const auto feeder = shell.start(shell.feed());
  REQUIRE(comes_true(20s, [&] { return shell.status()["waiting"].elements().size() == 2; }));
  CHECK(shell.tachikoma({"queue", "pause", shell.redis.url()}).exit_code == 0);
  CHECK(shell.status()["state"].as_string() == "paused");
  const auto worker = shell.start_worker();
  CHECK(shell.tachikoma({"queue", "resume", shell.redis.url()}).exit_code == 0);
  REQUIRE(comes_true(20s, [&] { return shell.status()["done"] == Value(1); }));  // the other is nobody's
  const Finished shown = shell.tachikoma({"queue", "status", shell.redis.url()});
  CHECK_THAT(shown.out, ContainsSubstring("test: running · 1 of 2 lines done · 0 in work"));
  CHECK_THAT(shown.out, ContainsSubstring("nowhere"));
  CHECK_THAT(shown.out, ContainsSubstring("-" + std::to_string(worker->pid()) + "-"));
  CHECK(shell.tachikoma({"queue", "cancel", shell.redis.url()}).exit_code == 0);
  CHECK(feeder->wait() == 130);
  CHECK(shell.redis.cli({"KEYS", "*"}) == "\n");
  CHECK(shell.has("out.jsonl.journal"));
  const Finished none = shell.tachikoma({"queue", "pause", shell.redis.url()});
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.err, ContainsSubstring("has no batch 'test'"));
  CHECK_THAT(shell.tachikoma({"queue", "status", shell.redis.url()}).err,
             ContainsSubstring("there is no batch at"));
}

TEST_CASE("the password of a queue is in no list of processes, and in no error", "[cli][queue]") {
  QueueShell shell(kEchoes, {"--requirepass", "hunter2"});
  const std::string port = std::to_string(shell.redis.port());
  const auto worker = shell.start({"worker", "--queue", "redis://:hunter2@127.0.0.1:" + port + "/n"});
  REQUIRE(comes_true(20s, [&] {
    const std::string arguments = read_file("/proc/" + std::to_string(worker->pid()) + "/cmdline");
    return arguments.find("redis://:xxxxxxx@") != std::string::npos;
  }));
  shell.folder().write("in.jsonl", "{\"model\":\"alpha\",\"prompt\":\"one\"}\n");
  Command feeder = shell.command({"batch", "in.jsonl", "-o", "out.jsonl", "--queue"});
  feeder.env.emplace_back("TACHIKOMA_QUEUE", "redis://:hunter2@127.0.0.1:" + port + "/n");
  CHECK(run(feeder).exit_code == 0);
  const Finished refused = shell.tachikoma({"queue", "status", "redis://:hunter3@127.0.0.1:" + port + "/n"});
  CHECK(refused.exit_code == 5);
  CHECK_THAT(refused.err,
             ContainsSubstring("refuses the user or the password") && !ContainsSubstring("hunter"));
  CHECK(shell.tachikoma({"worker"}).exit_code == 2);
  CHECK(shell.tachikoma({"batch", "in.jsonl", "-o", "x", "-j", "2", "--queue", "redis://h/n"}).exit_code ==
        2);
}
