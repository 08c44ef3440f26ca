// SPDX-License-Identifier: MIT
// A batch over four machines and a real Redis, on three real models: whoever takes part is killed, one
// machine is cut off, and a clock jumps.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "real/cli.hpp"
#include "real/machines.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

constexpr int kWorkers = 3, kFeeder = kWorkers;  // the numbers of the machines
constexpr char kFakeTime[] = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
const std::vector<std::string> kModels{"alpha", "beta", "gamma"};

// TACHIKOMA_QUEUE_LINES asks for more, by hand.
int wanted_lines() {
  const char* const given = std::getenv("TACHIKOMA_QUEUE_LINES");
  return given ? std::atoi(given) : 500;
}

std::string redis_bind(const Machines& machines) {
  std::string all;
  for (const std::string& each : machines.addresses()) all += (all.empty() ? "" : " ") + each;
  return all;
}

/// The machines, with Redis on this one, three llama-servers with all models, three workers and a feeder.
class Cluster {
 public:
  explicit Cluster(int lines)
      : machines_(kWorkers + 1),
        redis_({"--appendonly", "yes", "--appendfsync", "always", "--protected-mode", "no", "--bind",
                redis_bind(machines_)}) {
    machines_.offer(redis_.port());
    std::string text;
    for (int i = 0; i < lines; ++i)
      text += R"({"custom_id":"id-)" + std::to_string(i) + R"(","model":")" +
              kModels[static_cast<std::size_t>(i) % kModels.size()] + R"(","prompt":"number )" +
              std::to_string(i) + "\"}\n";
    folder_.write("in.jsonl", text);
    folder_.write("clock", "+0");
    std::filesystem::create_directory(folder_.path() / "models");
    for (const std::string& model : kModels)
      CHECK(run({.argv = {program("make-model"), (folder_.path() / "models" / (model + ".gguf")).string(),
                          "--letters"}})
                .exit_code == 0);
    for (int machine = 0; machine < kWorkers; ++machine) start_engine(machine);
  }

  Machines& machines() { return machines_; }
  RedisServer& redis() { return redis_; }
  const TempDir& folder() const { return folder_; }

  void start_feeder() {
    feeder_ =
        start(kFeeder, {"batch", in("in.jsonl"), "-o", in("out.jsonl"), "--resume", "--queue", url(kFeeder)});
  }
  void start_worker(int machine) {
    workers_[machine] = start(machine, {"worker", "--queue", url(machine), "-j", "4", "--dead-after", "2"});
  }
  void kill_feeder() { end(feeder_); }
  void kill_worker(int machine) { end(workers_[machine]); }
  Process& feeder() { return *feeder_; }
  void jump_an_hour() { folder_.write("clock", "+1h"); }

  Value status() const {
    const Finished shown = run(cli("", {"queue", "status", "--json", redis_.url()}));
    return shown.exit_code == 0 ? parse_json(shown.out).value()["data"] : Value();
  }
  std::size_t lines_of(int machine, const Value& status) const {
    const std::string name = "-" + std::to_string(workers_[machine]->pid()) + "-";
    const Value::Array& all = status["in_work"].elements();
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [&](const Value& each) { return each["worker"].as_string().find(name) != std::string::npos; }));
  }
  std::int64_t memory() const {
    const std::string info = redis_.cli({"INFO", "memory"});
    return std::atoll(info.c_str() + info.find("used_memory:") + 12);
  }

 private:
  std::string in(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string url(int machine) const { return "redis://" + machines_.address_for(machine) + "/test"; }

  void start_engine(int machine) {
    const int port = refused_port();
    const std::string base = "http://127.0.0.1:" + std::to_string(port);
    folder_.write("worker" + std::to_string(machine) + ".yaml",
                  "providers: {engine: {plugin: openai, base_url: '" + base +
                      "', timeouts: {first_token: 60s}}}\n"
                      "defaults: {inference: {max_tokens: 100}}\npolicy: {retry: {attempts: 1}}\n");
    engines_.push_back(std::make_unique<Process>(machines_.on(
        machine, {.argv = {"sh", "-c", "exec \"$0\" \"$@\" >/dev/null 2>&1", std::getenv("LLAMA_SERVER"),
                           "--host", "127.0.0.1", "--port", std::to_string(port), "--models-dir",
                           in("models"), "--parallel", "4"}})));
    wait_until(
        60s,
        [&] {
          return run(machines_.on(machine, {.argv = {"curl", "-sf", "-o", "/dev/null", base + "/health"}}))
                     .exit_code == 0;
        },
        [] { return "a llama-server did not start"; });
  }

  std::unique_ptr<Process> start(int machine, const std::vector<std::string>& words) const {
    Command command = cli(machine == kFeeder ? "" : in("worker" + std::to_string(machine) + ".yaml"), words);
    command.argv.insert(
        command.argv.begin(),
        {"sh", "-c", "exec \"$0\" \"$@\" >/dev/null 2>>" + in("errors" + std::to_string(machine))});
    if (machine == kWorkers - 1)
      command.env.insert(command.env.end(), {{"LD_PRELOAD", kFakeTime},
                                             {"FAKETIME_TIMESTAMP_FILE", in("clock")},
                                             {"FAKETIME_NO_CACHE", "1"},
                                             {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}});
    auto process = std::make_unique<Process>(machines_.on(machine, std::move(command)));
    process->close_input();
    return process;
  }
  static void end(std::unique_ptr<Process>& process) {
    process->signal(SIGKILL);
    process->wait();
    process.reset();
  }

  TempDir folder_;
  Machines machines_;
  RedisServer redis_;
  std::vector<std::unique_ptr<Process>> engines_;
  std::unique_ptr<Process> feeder_;
  std::unique_ptr<Process> workers_[kWorkers];
};

}  // namespace

TEST_CASE("A batch over four machines loses and doubles nothing, whoever is killed or cut off",
          "[real][queue]") {
  const int lines = wanted_lines();
  Cluster cluster(lines);
  std::vector<std::int64_t> memory;
  double longest = 0;  // seconds that a line was in one worker's work
  const auto reach = [&](int percent) {
    const auto reached = [&] {
      const Value status = cluster.status();
      if (status.is_object()) memory.push_back(cluster.memory());
      for (const Value& each : status["in_work"].elements())
        longest = std::max(longest, each["seconds"].as_real());
      return status["done"].as_integer() >= static_cast<std::int64_t>(lines) * percent / 100;
    };
    REQUIRE(comes_true(600s, reached));
  };
  const auto restart_workers = [&] {
    for (int machine = 0; machine < kWorkers; ++machine) cluster.kill_worker(machine);
    for (int machine = 0; machine < kWorkers; ++machine) cluster.start_worker(machine);
  };

  cluster.start_feeder();
  for (int machine = 0; machine < kWorkers; ++machine) cluster.start_worker(machine);
  reach(10);
  restart_workers();
  cluster.kill_feeder();
  cluster.start_feeder();

  reach(20);
  cluster.jump_an_hour();

  reach(30);
  cluster.redis().kill();
  cluster.redis().start();

  reach(40);
  const auto cut = std::chrono::steady_clock::now();
  cluster.machines().cut(0);
  CHECK(comes_true(60s, [&] { return cluster.lines_of(0, cluster.status()) == 0; }));  // others have them
  reach(49);
  const std::chrono::duration<double> apart = std::chrono::steady_clock::now() - cut;
  cluster.machines().mend(0);

  for (const int percent : {50, 70, 90}) {
    reach(percent);
    restart_workers();
    if (percent == 50) continue;
    cluster.redis().kill();
    cluster.kill_feeder();
    cluster.redis().start();
    cluster.start_feeder();
  }

  CHECK(cluster.feeder().wait(600s) == 0);
  std::vector<std::string> ids, expected;
  for (const Value& line : json_lines(read_file(cluster.folder().path() / "out.jsonl"))) {
    ids.emplace_back(line["custom_id"].as_string());
    CHECK(line["error"].is_null());
  }
  for (int i = 0; i < lines; ++i) expected.push_back("id-" + std::to_string(i));
  CHECK(ids == expected);
  CHECK(cluster.redis().cli({"KEYS", "*"}) == "\n");

  const auto third = static_cast<std::ptrdiff_t>(memory.size() / 3);
  const std::int64_t first = *std::max_element(memory.begin(), memory.begin() + third);
  const std::int64_t last = *std::max_element(memory.end() - third, memory.end());
  WARN(lines << " lines; Redis had " << first << " bytes in the first third, " << last
             << " in the last; the longest that a line was in one worker's work: " << longest
             << " s; one machine was cut off for " << apart.count() << " s");
  CHECK(last <= first + first / 20);
}
