// SPDX-License-Identifier: MIT
// One client and one workload in a process of its own: prints what it received and what that took, as JSON.
//   usage: bench-client-NAME WORKLOAD TARGET UNITS [SIZE]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include <sys/resource.h>

#include "bench/clients/client.hpp"

namespace tachikoma::bench {
namespace {

struct Sample {
  long threads = 0;
  long kilobytes = 0;
};
Sample sampled;

// The number behind `name` in /proc/self/status. The kernel's own peak, VmHWM, is that of this program;
// getrusage's is at least that of the process that started it.
long from_status(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(name + ":", 0) == 0) return std::atol(line.c_str() + name.size() + 1);
  return 0;
}

double cpu_microseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto microseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
}

// Those since the start, if the counter is preloaded.
long long allocations() {
  static const auto count =
      reinterpret_cast<long long (*)()>(::dlsym(RTLD_DEFAULT, "tachikoma_bench_allocations"));
  return count ? count() : 0;
}

struct Workload {
  std::function<Tally(Client&, std::int64_t units, std::int64_t size)> run;
  std::int64_t warm_up = 0;  ///< units, before the measurement
};

const std::map<std::string, Workload>& workloads() {
  static const std::map<std::string, Workload> all = {
      {"stream", {[](Client& c, auto units, auto) { return c.stream(units); }, 2000}},
      {"paced", {[](Client& c, auto units, auto) { return c.stream(units); }, 10}},
      {"range", {[](Client& c, auto units, auto) { return c.range(units); }, 2000}},
      {"streams", {[](Client& c, auto units, auto width) { return c.streams(width, units / width); }, 3200}},
      {"paced-streams",
       {[](Client& c, auto units, auto width) { return c.streams(width, units / width); }, 640}},
      {"requests", {[](Client& c, auto units, auto) { return c.requests(units); }, 100}},
      {"json", {[](Client& c, auto units, auto) { return c.json_requests(units); }, 100}},
      {"concurrent", {[](Client& c, auto units, auto width) { return c.concurrent(units, width); }, 640}},
      {"hold", {[](Client& c, auto units, auto) { return c.hold(units); }}},
      {"tools", {[](Client& c, auto units, auto) { return c.tools(units); }, 20}},
      {"embed", {[](Client& c, auto units, auto) { return c.embed(units); }, 10}},
      {"prompt", {[](Client& c, auto units, auto) { return c.requests(units); }, 10}},
      {"history", {[](Client& c, auto units, auto) { return c.requests(units); }, 10}},
      {"cold", {[](Client& c, auto units, auto) { return c.requests(units); }}},
      {"open", {[](Client&, auto, auto) { return Tally{}; }}},
  };
  return all;
}

std::vector<std::string> messages_of(const std::string& workload, std::int64_t size) {
  if (workload != "prompt" && workload != "history") return {"go"};
  constexpr char kText[] =
      "The quick brown fox jumps over the lazy dog, and \"nobody\" knows why it does so. ";
  std::string text;
  while (std::ssize(text) < (workload == "prompt" ? size : 100)) text += kText;
  return std::vector<std::string>(workload == "history" ? static_cast<std::size_t>(size) : 1, text);
}

void raise_file_limit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

int measure(const std::string& name, const std::string& target, std::int64_t units, std::int64_t size) {
  const Workload& workload = workloads().at(name);
  const auto client = make_client(target, messages_of(name, size));
  if (name == "hold") raise_file_limit();
  if (workload.warm_up > 0) workload.run(*client, std::min(workload.warm_up, units), size);
  const auto start = std::chrono::steady_clock::now();
  const long long allocations_before = allocations();
  const double cpu_before = cpu_microseconds();
  const Tally tally = workload.run(*client, units, size);
  const double cpu = cpu_microseconds() - cpu_before;
  const long long allocated = allocations() - allocations_before;
  const std::chrono::duration<double, std::micro> wall = std::chrono::steady_clock::now() - start;
  if (sampled.threads == 0) sample_process();
  std::printf(
      R"({"answers":%lld,"chunks":%lld,"bytes":%lld,"cpu_us":%.1f,"wall_us":%.1f,"peak_kb":%ld,"allocations":%lld,)"
      R"("threads":%ld,"rss_kb":%ld})"
      "\n",
      static_cast<long long>(tally.answers), static_cast<long long>(tally.chunks),
      static_cast<long long>(tally.bytes), cpu, wall.count(), from_status("VmHWM"), allocated,
      sampled.threads, sampled.kilobytes);
  return 0;
}

}  // namespace

void sample_process() { sampled = {from_status("Threads"), from_status("VmRSS")}; }

}  // namespace tachikoma::bench

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5 || !tachikoma::bench::workloads().contains(argv[1])) {
    std::fputs("usage: bench-client-NAME WORKLOAD TARGET UNITS [SIZE]\n", stderr);
    return 2;
  }
  try {
    return tachikoma::bench::measure(argv[1], argv[2], std::atoll(argv[3]),
                                     argc > 4 ? std::atoll(argv[4]) : 0);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s %s: %s\n", argv[0], argv[1], failure.what());
    return 1;
  }
}
