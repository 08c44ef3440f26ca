// SPDX-License-Identifier: MIT
#include "bench/workloads.hpp"

namespace tachikoma::bench {
namespace {

double cpu(const Figures& figures, std::int64_t units) { return figures.cpu_us / static_cast<double>(units); }
double rate(const Figures& figures, std::int64_t units) {
  return static_cast<double>(units) / figures.wall_us * 1e6;
}
double process_ms(const Figures& figures, std::int64_t) { return figures.process_us / 1000; }
double peak(const Figures& figures, std::int64_t) { return figures.peak_kb / 1024; }
double resident(const Figures& figures, std::int64_t) { return figures.rss_kb / 1024; }
double threads(const Figures& figures, std::int64_t) { return figures.threads; }
double allocations(const Figures& figures, std::int64_t units) {
  return figures.allocations / static_cast<double>(units);
}

using Rows = std::vector<Row>;

Rows per(const char* label, const char* unit) { return {{label, unit, cpu}}; }

// the unit of cost is a chunk of a stream
std::vector<Workload> streaming() {
  return {
      {.name = "stream",
       .program = "stream",
       .units = 500'000,
       .npm_units = 20'000,
       .rows = per("one stream", "µs/chunk")},
      {.name = "changing",
       .program = "stream",
       .scenario = "changing",
       .units = 500'000,
       .npm_units = 20'000,
       .rows = per("one stream, nothing repeats", "µs/chunk")},
      {.name = "range",
       .program = "range",
       .units = 500'000,
       .npm_units = 20'000,
       .rows = per("one stream, as a range", "µs/chunk")},
      {.name = "streams",
       .program = "streams",
       .units = 512'000,
       .size = 64,
       .npm_units = 19'200,
       .rows = per("64 streams", "µs/chunk")},
      {.name = "changing-streams",
       .program = "streams",
       .scenario = "changing",
       .units = 512'000,
       .size = 64,
       .npm_units = 19'200,
       .rows = per("64 streams, nothing repeats", "µs/chunk")},
      {.name = "paced",
       .program = "paced",
       .scenario = "paced-2000",
       .units = 400,
       .npm_units = 400,
       .rows = {{"a chunk per 2 ms (ratio to raw)", "µs/chunk", cpu, Peer::raw}}},
      {.name = "paced-streams",
       .program = "paced-streams",
       .scenario = "paced-5000",
       .units = 9'600,
       .size = 64,
       .npm_units = 9'600,
       .rows = per("64 streams, a chunk per 5 ms each", "µs/chunk")},
  };
}

// the unit of cost is a request
std::vector<Workload> requesting() {
  return {
      {.name = "json",
       .program = "json",
       .scenario = "json",
       .units = 10'000,
       .npm_units = 300,
       .rows = per("requests in turn, JSON", "µs/request")},
      {.name = "requests",
       .program = "requests",
       .units = 10'000,
       .npm_units = 300,
       .rows = per("requests in turn, one chunk", "µs/request")},
      {.name = "concurrent",
       .program = "concurrent",
       .units = 20'000,
       .size = 64,
       .npm_units = 640,
       .rows = {{"64 requests at a time, CPU", "µs/request", cpu},
                {"64 requests at a time, rate", "1/s", rate}}},
      {.name = "prompt",
       .program = "prompt",
       .units = 1'000,
       .size = 100'000,
       .npm_units = 100,
       .rows = per("prompt of 100 kB", "µs/request")},
      {.name = "tools",
       .program = "tools",
       .scenario = "tools",
       .units = 2'000,
       .npm_units = 100,
       .raw = false,
       .rows = per("tool loop", "µs/question")},
      {.name = "embed",
       .program = "embed",
       .units = 200,
       .npm_units = 20,
       .raw = false,
       .rows = per("16 embeddings of 768", "µs/request")},
  };
}

std::vector<Workload> whole_processes() {
  return {
      {.name = "cold",
       .program = "cold",
       .units = 1,
       .npm_units = 1,
       .repeats = 10,
       .config = "plain",
       .rows = {{"cold start to answer", "ms", process_ms}}},
      {.name = "memory",
       .program = "stream",
       .units = 20'000,
       .npm_units = 20'000,
       .rows = {{"peak memory, one stream", "MB", peak}}},
      {.name = "memory-64",
       .program = "streams",
       .units = 128'000,
       .size = 64,
       .npm_units = 19'200,
       .rows = {{"peak memory, 64 streams", "MB", peak}}},
      {.name = "hold",
       .program = "hold",
       .scenario = "hold-1000",
       .units = 1'000,
       .npm_units = 1'000,
       .rows = {{"1,000 open streams, memory", "MB", resident},
                {"1,000 open streams, threads", "", threads}}},
      {.name = "allocations",
       .program = "requests",
       .units = 2'000,
       .counts_allocations = true,
       .rows = {{"allocations per request", "", allocations}}},
      {.name = "allocations-stream",
       .program = "stream",
       .units = 200'000,
       .counts_allocations = true,
       .rows = {{"allocations per chunk", "", allocations}}},
  };
}

// the same with little and with much of what may be many; the rows are in growths()
std::vector<Workload> growing() {
  std::vector<Workload> all;
  for (const char* models : {"models-1", "models-1000"})
    all.push_back({.name = models,
                   .program = "requests",
                   .scenario = models,
                   .units = 3'000,
                   .curl = false,
                   .raw = false});
  for (const std::int64_t messages : {1, 1'000})
    all.push_back({.name = "history-" + std::to_string(messages),
                   .program = "history",
                   .units = messages == 1 ? 5'000 : 500,
                   .size = messages,
                   .npm_units = messages == 1 ? 200 : 100});
  for (const char* config : {"aliases-1", "aliases-1000", "plugins-1", "plugins-100"})
    all.push_back({.name = config,
                   .program = "open",
                   .units = 1,
                   .curl = false,
                   .raw = false,
                   .repeats = 5,
                   .config = config});
  return all;
}

std::vector<Workload> all_workloads() {
  std::vector<Workload> all = streaming();
  for (const auto& more : {requesting(), whole_processes(), growing()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

const char* name_of(Peer peer) {
  switch (peer) {
    case Peer::tachikoma: return "tachikoma";
    case Peer::curl: return "libcurl + simdjson";
    case Peer::raw: return "raw sockets";
    case Peer::npm: return "openai (npm)";
  }
  return "";
}

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all = all_workloads();
  return all;
}

const std::vector<Growth>& growths() {
  static const std::vector<Growth> all = {
      {"models on the server's list, 1 to 1,000", "models-1", "models-1000", "µs/request", cpu},
      {"messages in the history, 1 to 1,000", "history-1", "history-1000", "µs/request", cpu},
      {"models in the configuration, 1 to 1,000", "aliases-1", "aliases-1000", "ms to open", process_ms},
      {"more plugins to search, 1 to 100", "plugins-1", "plugins-100", "ms to open", process_ms},
  };
  return all;
}

Tally expected(const Workload& workload, std::int64_t units) {
  const std::string& program = workload.program;
  if (program == "stream" || program == "range" || program == "paced") return stream_tally(units);
  if (program == "open") return {};
  if (program == "json") return {units, 0, units * completion_bytes()};
  if (program == "embed") return {units, units * kEmbeddedTexts * kEmbeddingSize, 0};
  const Tally one = stream_tally(1);
  if (program == "hold") return {units, units, units * one.bytes};
  if (workload.width() == 1) return {units, 0, units * one.bytes};
  const Tally all = stream_tally(units / workload.width());
  return {workload.width(), workload.width() * all.chunks, workload.width() * all.bytes};
}

}  // namespace tachikoma::bench
