// SPDX-License-Identifier: MIT
// What a user of the public API pays, beside other clients of the same server, round by round in turn.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "bench/configs.hpp"
#include "bench/report.hpp"
#include "bench/server/replay_server.hpp"

#include <tachikoma/json.hpp>

namespace {

using namespace tachikoma;
using namespace tachikoma::bench;

constexpr char kUsage[] =
    "usage: bench [--rounds N] [--only WORKLOAD]... [--json FILE] [--compare OLD.json] [--npm FOLDER] "
    "[--short]\n"
    "             | --list | --serve | --help\n"
    "  --rounds N          how often each client does each workload; medians are reported (default 5)\n"
    "  --only WORKLOAD     only this one and those whose names go on with '-'; may be repeated\n"
    "  --json FILE         also write the result there\n"
    "  --compare OLD.json  show the ratios of that file beside the new ones\n"
    "  --npm FOLDER        also measure the npm client `openai` that is installed in this folder\n"
    "  --short             a twentieth of the work: shows that everything runs, and measures nothing well\n"
    "  --list              the names of the workloads\n"
    "  --serve             only run the server, until stdin is closed, and print its URL\n";

struct Options {
  std::int64_t rounds = 5;
  std::vector<std::string> only = {};
  std::string json = {}, compare = {}, npm = {};
  bool shortened = false, list = false, serve = false, help = false;
};

class UsageError : public std::runtime_error {
  using runtime_error::runtime_error;
};

// "history" stands for "history-1" and "history-1000" too.
bool is_named(const Workload& workload, const std::string& name) {
  return workload.name == name || workload.name.rfind(name + "-", 0) == 0;
}

void check_name(const std::string& name) {
  const auto named = [&](const Workload& workload) { return is_named(workload, name); };
  if (std::none_of(workloads().begin(), workloads().end(), named))
    throw UsageError("there is no workload '" + name + "'; see --list");
}

Options options_of(int argc, char** argv) {
  Options options;
  const std::map<std::string, bool*> switches = {{"--short", &options.shortened},
                                                 {"--list", &options.list},
                                                 {"--serve", &options.serve},
                                                 {"--help", &options.help}};
  const std::map<std::string, std::string*> texts = {
      {"--json", &options.json}, {"--compare", &options.compare}, {"--npm", &options.npm}};
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (const auto found = switches.find(name); found != switches.end()) {
      *found->second = true;
      continue;
    }
    const auto text = texts.find(name);
    if (text == texts.end() && name != "--rounds" && name != "--only")
      throw UsageError("'" + name + "' is no option");
    if (++i == argc) throw UsageError(name + " needs a value");
    if (text != texts.end()) *text->second = argv[i];
    if (name == "--rounds") options.rounds = std::atoll(argv[i]);
    if (name == "--only") options.only.emplace_back(argv[i]);
  }
  if (options.rounds < 1) throw UsageError("--rounds needs a number above 0");
  std::for_each(options.only.begin(), options.only.end(), check_name);
  return options;
}

std::int64_t units_of(const Workload& workload, Peer peer, bool shortened) {
  const std::int64_t units = peer == Peer::npm ? workload.npm_units : workload.units;
  if (!shortened || workload.program == "hold") return units;
  const std::int64_t width = workload.width();
  return std::max<std::int64_t>(units / 20 / width, 1) * width;
}

bool takes_part(const Workload& workload, Peer peer, const Options& options) {
  if (peer == Peer::curl) return workload.curl;
  if (peer == Peer::raw) return workload.raw;
  if (peer == Peer::npm) return !options.npm.empty() && workload.npm_units > 0;
  return true;
}

std::vector<std::string> command(const Workload& workload, Peer peer, std::int64_t units,
                                 const ReplayServer& server, Configs& configs, const Options& options) {
  const std::string url = server.base_url(workload.scenario);
  const std::string bin = TACHIKOMA_BINARY_DIR "/bin/bench-client-";
  std::vector<std::string> argv;
  switch (peer) {
    case Peer::tachikoma: argv = {bin + "tachikoma"}; break;
    case Peer::curl: argv = {bin + "curl"}; break;
    case Peer::raw: argv = {bin + "raw"}; break;
    case Peer::npm: argv = {"node", options.npm + "/openai.mjs"}; break;
  }
  const bool configured = peer == Peer::tachikoma && !workload.config.empty();
  argv.insert(argv.end(), {workload.program, configured ? configs.file(workload.config, url) : url,
                           std::to_string(units), std::to_string(workload.size)});
  return argv;
}

void run_one(const Workload& workload, Peer peer, const ReplayServer& server, Configs& configs,
             const Options& options, Results& results) {
  const std::int64_t units = units_of(workload, peer, options.shortened);
  Results::Entry& entry = results.entry(workload.name, peer);
  entry.units = units;
  std::vector<std::string> variables;
  if (workload.counts_allocations) variables.emplace_back("LD_PRELOAD=" BENCH_ALLOCATIONS);
  std::vector<Figures> runs;
  for (std::int64_t i = 0; i < (options.shortened ? 1 : workload.repeats); ++i) {
    runs.push_back(run_child(command(workload, peer, units, server, configs, options), variables));
    const Tally wanted = expected(workload, units), got = runs.back().tally;
    if (got == wanted) continue;
    const auto text = [](const Tally& tally) {
      return std::to_string(tally.answers) + " answers, " + std::to_string(tally.chunks) + " chunks, " +
             std::to_string(tally.bytes) + " bytes";
    };
    throw std::runtime_error(std::string(name_of(peer)) + " in '" + workload.name + "' received " +
                             text(got) + " in place of " + text(wanted));
  }
  std::sort(runs.begin(), runs.end(),
            [](const Figures& a, const Figures& b) { return a.process_us < b.process_us; });
  entry.rounds.push_back(runs[runs.size() / 2]);
}

Value read_json(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw UsageError("can't read '" + file + "'");
  std::stringstream text;
  text << in.rdbuf();
  return parse_json(text.str()).value();
}

// What wakes up for each request or token costs more where others use the processors and their caches.
void warn_if_busy() {
  double load = 0;
  if (::getloadavg(&load, 1) == 1 && load > 0.5)
    std::fprintf(stderr, "bench: this machine is busy (load %.1f): don't compare what is not a stream\n",
                 load);
}

void run(const Options& options) {
  if (!options.shortened) warn_if_busy();
  const Value old = options.compare.empty() ? Value() : read_json(options.compare);
  const ReplayServer server;
  Configs configs;
  Results results;
  for (std::int64_t round = 0; round < options.rounds; ++round) {
    for (const Workload& workload : workloads()) {
      const auto names_it = [&](const std::string& name) { return is_named(workload, name); };
      if (!options.only.empty() && std::none_of(options.only.begin(), options.only.end(), names_it)) continue;
      for (const Peer peer : kPeers)
        if (takes_part(workload, peer, options)) run_one(workload, peer, server, configs, options, results);
    }
    std::fprintf(stderr, "bench: round %lld of %lld done\n", static_cast<long long>(round + 1),
                 static_cast<long long>(options.rounds));
  }
  const Report report = report_of(results);
  print(report, old, !options.npm.empty());
  if (!options.json.empty()) std::ofstream(options.json) << to_json(to_value(report), 2) << '\n';
}

void serve() {
  const ReplayServer server;
  std::puts(server.base_url().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = options_of(argc, argv);
    if (options.help)
      std::fputs(kUsage, stdout);
    else if (options.list)
      for (const Workload& workload : workloads()) std::puts(workload.name.c_str());
    else if (options.serve)
      serve();
    else
      run(options);
  } catch (const UsageError& error) {
    std::fprintf(stderr, "bench: %s\n%s", error.what(), kUsage);
    return 2;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench: %s\n", failure.what());
    return 1;
  }
}
