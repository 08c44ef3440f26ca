// SPDX-License-Identifier: MIT
#include "readme/workshop.hpp"

#include <algorithm>
#include <exception>
#include <sstream>

#include "base/json.hpp"
#include "readme/installation.hpp"
#include "readme/wildcard.hpp"
#include "support/golden.hpp"

namespace tachikoma::testing {
namespace {

// The lines without their indentation.
std::string unindented(const std::string& text) {
  std::istringstream in(text);
  std::string lines = "\n";
  for (std::string line; std::getline(in, line);)
    lines += line.substr(std::min(line.find_first_not_of(' '), line.size())) + "\n";
  return lines;
}

std::string report(const Finished& finished) {
  return "exit code " + std::to_string(finished.exit_code) + "\n" + finished.out + finished.err;
}

}  // namespace

std::string Workshop::try_block(const FencedBlock& block) {
  const std::string language = block.language();
  if (language == "text") return {};
  if (!block.source().empty()) return check_excerpt(block);
  if (!block.file().empty()) return write(block, block.file());
  if (block.info == "sh server") return run_server(block.text);
  if (language == "sh") return block.has("source") ? run_in_source(block.text) : run_script(block.text);
  if (language == "console") return run_console(block.text);
  if (language == "json") return check_json(block.text);
  if (language == "yaml" && block.has("config")) return check_config(block);
  if (language == "yaml" && block.has("simulator")) return check_simulator_script(block);
  if (language == "cpp" && block.has("fragment")) return compile_fragment(block);
  return "no test knows blocks of the kind '" + block.info + "'; CONTRIBUTING.md lists the kinds";
}

// The reader's LM Studio is our simulator.
std::string Workshop::with_addresses(const std::string& text) const {
  std::string changed = replace_all(text, "base_url: auto", "base_url: " + simulator_.base_url());
  for (const char* usual : {"http://localhost:1234", "http://127.0.0.1:1234"})
    changed = replace_all(changed, usual, simulator_.base_url());
  return changed;
}

Command Workshop::in_folder(std::vector<std::string> argv) const {
  Command command = installed(std::move(argv), folder_);
  command.env.emplace_back("TACHIKOMA_BASE_URL", simulator_.base_url());
  // where programs that are made without a file look for it
  command.env.emplace_back("TACHIKOMA_LMSTUDIO_PORTS", std::to_string(simulator_.port()));
  return command;
}

std::string Workshop::write(const FencedBlock& block, const std::string& name) {
  folder_.write(name, with_addresses(block.text));
  return name == "tachikoma.yaml" ? run_script("tachikoma config check tachikoma.yaml") : "";
}

std::string Workshop::run_script(const std::string& script) {
  const Finished finished = run(in_folder({"bash", "-euo", "pipefail", "-c", with_addresses(script)}));
  return finished.exit_code == 0 ? "" : report(finished);
}

// In the fresh clone, with the test's prefix in the place of /usr/local.
std::string Workshop::run_in_source(const std::string& script) {
  Command command = in_folder({"bash", "-euo", "pipefail", "-c",
                               replace_all(script, "sudo cmake --install build/release",
                                           "cmake --install build/release --prefix \"$CMAKE_PREFIX_PATH\"")});
  command.env.emplace_back("TACHIKOMA_BASE_URL", "");
  command.folder = fresh_clone();
  const Finished finished = run(command);
  return finished.exit_code == 0 ? "" : report(finished);
}

std::string Workshop::run_server(const std::string& command) {
  Command server = in_folder({"bash", "-c", "exec " + command});
  server.folder = TACHIKOMA_SOURCE_DIR;
  try {
    Process(server).read_line();
    return "";
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

// "$ command" lines, each with what it prints below it.
std::string Workshop::run_console(const std::string& session) {
  constexpr std::string_view kPrompt = "$ ";
  std::istringstream in(session);
  std::string command, expected, wrong;
  const auto finish = [&] {
    if (command.empty()) return;
    const Finished finished = run(in_folder({"bash", "-c", with_addresses("exec 2>&1; " + command)}));
    const std::string printed = replace_all(finished.out, simulator_.base_url(), "http://127.0.0.1:1234");
    if (!matches(printed, expected))
      wrong += "$ " + command + " printed\n" + printed + "instead of\n" + expected;
  };
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(kPrompt, 0) == 0) {
      finish();
      command = line.substr(kPrompt.size());
      expected.clear();
    } else {
      expected += line + "\n";
    }
  }
  finish();
  return command.empty() ? "the block has no line that starts with '$ '" : wrong;
}

std::string Workshop::check_config(const FencedBlock& block) {
  const std::string file = folder_.write("block.yaml", with_addresses(block.text));
  const Finished finished = run(in_folder({"tachikoma", "config", "check", file}));
  return finished.exit_code == 0 ? "" : report(finished);
}

std::string Workshop::check_simulator_script(const FencedBlock& block) {
  try {
    Simulator scripted(block.text);
    return "";
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

// Lines of a file of the repository, which is built and run elsewhere.
std::string Workshop::check_excerpt(const FencedBlock& block) {
  const std::string whole = unindented(read_file(TACHIKOMA_SOURCE_DIR "/" + block.source()));
  return whole.find(unindented(block.text)) == std::string::npos ? "these lines are not in " + block.source()
                                                                 : "";
}

// Statements of an application that has `runtime`.
std::string Workshop::compile_fragment(const FencedBlock& block) {
  const std::string source =
      folder_.write("fragment.cpp",
                    "#include <iostream>\n#include <tachikoma/tachikoma.hpp>\nusing namespace tachikoma;\n"
                    "void fragment([[maybe_unused]] Runtime& runtime) {\n" +
                        block.text + "}\n");
  const Finished finished = run(in_folder(
      {TACHIKOMA_CXX, "-std=c++20", "-fsyntax-only", "-I" + installed_prefix() + "/include", source}));
  return finished.exit_code == 0 ? "" : report(finished);
}

// One value, or one a line.
std::string Workshop::check_json(const std::string& text) {
  if (base::parse_json(text)) return {};
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    if (const auto value = base::parse_json(line); !value) return value.error().message + ": " + line;
  return {};
}

}  // namespace tachikoma::testing
