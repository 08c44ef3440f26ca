// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>

#include "tachikoma/version.hpp"

namespace lmstudio_sim {
namespace {

constexpr const char* kFooter = R"(Example:
  lmstudio-sim --port 0 --script config/simulator.yaml
  {"port":40123,"base_url":"http://127.0.0.1:40123"}

  curl http://127.0.0.1:40123/v1/chat/completions -H 'Content-Type: application/json' \
    -d '{"model":"openai/gpt-oss-20b","messages":[{"role":"user","content":"What is 2+2?"}]}'

See what it received: curl http://127.0.0.1:40123/__sim/state
Exit codes: 0 stopped by a signal or stdin, 2 usage, 3 bad script, 4 can't listen.)";

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv, int& exit_code) {
  Options options;
  CLI::App app("lmstudio-sim: a stand-in for LM Studio that needs no GPU, no model and no network.");
  app.name("lmstudio-sim");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("lmstudio-sim ") + tachikoma::kVersion);
  app.add_option("--port", options.port, "Port to listen on; 0 picks a free one")
      ->check(CLI::Range(0, 65535))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->capture_default_str();
  app.add_option("--sdk-port", options.sdk_port,
                 "A second port, for discovery and the WebSocket only; 0 picks a free one")
      ->check(CLI::Range(0, 65535));
  app.add_flag("--http-off", options.http_off, "Serve nothing on --port until a WebSocket client starts it")
      ->needs("--sdk-port");
  app.add_option("--host", options.host, "Address to listen on")->capture_default_str();
  app.add_option("--script", options.script,
                 "YAML file with models, replies and faults; see docs/simulator.md")
      ->type_name("FILE");
  app.add_option("--speed", options.speed, "Tokens per second; 0 means as fast as possible")
      ->check(CLI::Range(0.0, 1e6))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->capture_default_str();
  app.add_flag("--exit-with-stdin", options.exit_with_stdin, "Exit when standard input closes");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : 2;
    return std::nullopt;
  }
  return options;
}

}  // namespace lmstudio_sim
