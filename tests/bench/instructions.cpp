// SPDX-License-Identifier: MIT
// How many instructions the hot paths cost in the client's process, as callgrind counts them: each path runs
// twice, with few and with many units, and the difference is divided by that of the units. The counts are
// compared with those in tests/golden, which a change for the better must update too.
//   usage: bench-instructions      TACHIKOMA_ACCEPT=1 in the environment writes the file instead
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/child.hpp"
#include "bench/configs.hpp"
#include "bench/server/replay_server.hpp"

#include <tachikoma/json.hpp>

namespace {

using namespace tachikoma;
using namespace tachikoma::bench;

constexpr double kTolerance = 0.05;
constexpr double kDelay = 0.02;  // what a monitor that does what it must not may cost whoever generates

// Requests are answered late: whether an answer is there when the client looks for it would make 3 %.
struct Path {
  const char* label;
  const char* workload;
  const char* scenario;
  std::int64_t few, many;  ///< units; `few` is at least the client's warm-up
  const char* monitor = "";
};

constexpr Path kPaths[] = {
    {"a chunk of a stream", "stream", "", 10'000, 60'000},
    {"a chunk when nothing repeats", "stream", "changing", 10'000, 40'000},
    {"a chunk of a range", "range", "", 10'000, 60'000},
    {"a request, answered with JSON", "json", "late-json", 200, 2'200},
    {"a request, answered with a stream of one chunk", "requests", "late", 200, 2'200},
    {"the same with a monitor", "requests", "late", 200, 2'200, "idle"},
};

constexpr const char* kBadMonitors[] = {"sleeping", "throwing", "leaving"};

struct Count {
  double all = 0;
  double caller = 0;  ///< of the thread that asks for the generations
};

std::string contents(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

double number_after(std::string_view words, const std::string& file) {
  const std::string said = contents(file);
  const std::size_t at = said.find(words);
  if (at == std::string::npos) throw std::runtime_error("callgrind did not say what it counted:\n" + said);
  return std::strtod(said.c_str() + at + words.size(), nullptr);
}

class Counter {
 public:
  Count per_unit(const Path& path) {
    const Count few = count(path, path.few), many = count(path, path.many);
    const auto units = static_cast<double>(path.many - path.few);
    return {(many.all - few.all) / units, (many.caller - few.caller) / units};
  }

 private:
  // What a client costs that does so many units.
  Count count(const Path& path, std::int64_t units) {
    const std::string log = configs_.path("valgrind.log"), threads = configs_.path("threads");
    const std::string url = server_.base_url(path.scenario);
    run_child({"valgrind", "--tool=callgrind", "--separate-threads=yes", "--callgrind-out-file=" + threads,
               "--log-file=" + log, TACHIKOMA_BINARY_DIR "/bin/bench-client-tachikoma", path.workload,
               *path.monitor ? configs_.file(std::string("monitor-") + path.monitor, url) : url,
               std::to_string(units)},
              {"SIMDJSON_FORCE_IMPLEMENTATION=haswell"});  // valgrind knows no AVX-512
    return {number_after("Collected : ", log), number_after("\ntotals: ", threads + "-01")};
  }

  ReplayServer server_;
  Configs configs_;
};

// True if it is within the tolerance of what the golden file says.
bool is_expected(const char* label, double count, const Value& golden) {
  const double before = golden[label].as_real();
  const double change = before > 0 ? count / before - 1 : 0;
  const bool good = before > 0 && std::abs(change) <= kTolerance;
  std::printf("%-48s %9.0f instructions, expected %9.0f (%+.1f %%)%s\n", label, count, before, change * 100,
              good ? "" : "  NOT as expected");
  std::fflush(stdout);
  return good;
}

// True if no monitor that does what it must not costs the caller more than one that does nothing, as the last
// of the paths has it.
bool delays_nothing(Counter& counter, const Count& idle) {
  bool good = true;
  for (const char* monitor : kBadMonitors) {
    Path path = std::end(kPaths)[-1];
    path.monitor = monitor;
    const double change = counter.per_unit(path).caller / idle.caller - 1;
    const bool few = change <= kDelay;
    std::printf("  the caller beside one that is %-17s %+9.1f %% of that%s\n", monitor, change * 100,
                few ? "" : "  TOO MUCH");
    std::fflush(stdout);
    good = good && few;
  }
  return good;
}

void accept(const Value& counts) {
  const std::filesystem::path file = GOLDEN_FILE;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << to_json(counts, 2) << '\n';
}

int run() {
  const Result<Value> read = parse_json(contents(GOLDEN_FILE));
  const Value golden = read ? *read : Value();
  const bool accepts = std::getenv("TACHIKOMA_ACCEPT");
  if (!accepts && golden["compiler"].as_string() != COMPILER) {
    std::printf("SKIPPED: instructions: they were counted with %s, and this is built with " COMPILER "\n",
                std::string(golden["compiler"].as_string()).c_str());
    return 77;
  }
  Counter counter;
  Value counts = Value::object({{"compiler", COMPILER}});
  bool good = true;
  Count request;
  for (const Path& path : kPaths) {
    const Count count = counter.per_unit(path);
    counts.add(path.label, static_cast<std::int64_t>(std::llround(count.all)));
    if (!is_expected(path.label, count.all, golden)) good = false;
    if (*path.monitor)
      std::printf("%-48s %+9.1f %% of a request\n", "  which is", (count.all / request.all - 1) * 100);
    request = count;
  }
  if (!delays_nothing(counter, request)) good = false;
  if (accepts) accept(counts);
  if (good || accepts) return 0;
  std::puts(
      "if the change is meant, write the new numbers with: TACHIKOMA_ACCEPT=1 "
      "build/release/bin/bench-instructions");
  return 1;
}

}  // namespace

int main(int argc, char**) {
  if (argc > 1) {
    std::fputs("usage: bench-instructions\n", stderr);
    return 2;
  }
  if (std::string_view(BUILD_TYPE) != "Release") {
    std::puts("SKIPPED: instructions: only a release build is counted");
    return 77;
  }
  if (std::system("command -v valgrind >/dev/null") != 0) {
    std::puts("SKIPPED: instructions: there is no valgrind on this machine");
    return 77;
  }
  try {
    return run();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench-instructions: %s\n", failure.what());
    return 1;
  }
}
