// SPDX-License-Identifier: MIT
#include "llamacpp/engine_diagnosis.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/excerpt.hpp"
#include "common/errors/findings.hpp"
#include "common/net/connection.hpp"

namespace tachikoma::llamacpp {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kProbeTimeout{2};
constexpr std::size_t kNamed = 5;
constexpr std::size_t kLinesShown = 600;  // bytes of them

// "a; b; and 3 more"
std::string listed(const std::vector<std::string>& all) {
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), kNamed); ++i) text += (i == 0 ? "" : "; ") + all[i];
  if (all.size() > kNamed) text += "; and " + std::to_string(all.size() - kNamed) + " more";
  return text;
}

bool is_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && (word[1] == '-' || (word[1] >= 'a' && word[1] <= 'z'));
}

class EngineExamination : private kit::Findings {
 public:
  EngineExamination(Engine& engine, Host& host, Cancellation& cancellation)
      : engine_(engine), options_(engine.options()), host_(host), cancellation_(cancellation) {}

  std::vector<Finding> run() {
    if (examine_program()) {
      examine_arguments();
      examine_rpc();
    }
    examine_models();
    report_lost();
    return std::move(findings_);
  }

 private:
  // False if the program can't be run.
  bool examine_program() {
    const Result<std::string> path = find_server(options_.server);
    if (!path) return report_no_program(path.error());
    const Result<ServerBinary> binary = engine_.binary(cancellation_);
    if (binary) {
      binary_ = *binary;
      return true;
    }
    const Error& error = binary.error();
    if (error.message.find("loading shared libraries") != std::string::npos)
      report("server-broken", error.code, "'" + *path + "' lacks a library", error.message,
             "install the library, or set 'server' to another build");
    else
      report("not-llama-server", error.code, "'" + *path + "' can't be used as llama-server", error.message,
             error.hint);
    return false;
  }

  bool report_no_program(const Error& error) {
    const fs::path named = options_.server;
    std::error_code ignored;
    if (options_.server == "auto")
      report("server-not-found", error.code, "there is no llama-server on this machine", error.message,
             "install llama.cpp, or set 'server' to the path of its llama-server");
    else if (!fs::exists(named, ignored))
      report("server-missing", error.code, "the configured llama-server does not exist",
             "there is no file '" + options_.server + "'",
             "correct 'server', or set it to auto to search for it");
    else
      report("server-not-executable", error.code, "the configured llama-server can't be run",
             "'" + options_.server + "' is " +
                 (fs::is_regular_file(named, ignored) ? "not executable for this user" : "not a file"),
             "set 'server' to the program itself, and make it executable (chmod +x)");
    return false;
  }

  void examine_arguments() {
    for (const std::string& word : options_.launch.arguments)
      if (is_option(word) && !binary_.has(word))
        report("unknown-argument", ErrorCode::unsupported, "llama-server has no option " + word,
               "'args' has it, and the help of " + binary_.path + " (" + binary_.build + ") does not",
               "correct 'args', or update llama.cpp");
  }

  void examine_rpc() {
    if (options_.launch.rpc.empty()) return;
    if (!binary_.has("--rpc")) {
      report("rpc-unsupported", ErrorCode::unsupported, "this llama-server can't use RPC servers",
             "'rpc' is set, and the help of " + binary_.path + " (" + binary_.build + ") has no --rpc",
             "use a build with the RPC backend (GGML_RPC=ON)");
      return;
    }
    for (const std::string& server : options_.launch.rpc) examine_rpc_server(server);
  }

  void examine_rpc_server(const std::string& address) {
    const Result<kit::ServerUrl> url = kit::parse_server_url("http://" + address);
    if (!url || address.find(':') == std::string::npos) {
      report("rpc-address", ErrorCode::config_invalid, "'" + address + "' in 'rpc' is not an address",
             "it is not of the form host:port", "write it as host:port");
      return;
    }
    kit::Resolver resolver(host_);
    kit::TlsClient no_tls{kit::TlsSettings{}};
    const kit::CallScope scope{cancellation_, kit::CallScope::Clock::now() + kProbeTimeout};
    const auto connection = kit::Connection::open(*url, resolver, no_tls, scope);
    if (connection || cancellation_.requested()) return;
    report("rpc-unreachable", ErrorCode::unreachable, "the RPC server " + address + " does not answer",
           connection.error().message,
           "start it there: ggml-rpc-server -H ADDRESS -p " + std::to_string(url->port) +
               ", or remove it from 'rpc'");
  }

  // Without a folder, models are named by their paths only.
  void examine_models() {
    const fs::path& folder = options_.models_folder;
    if (folder.empty()) return;
    std::error_code failed;
    const fs::file_status status = fs::status(folder, failed);
    if (!fs::exists(status))
      return report("models-dir-missing", ErrorCode::model_not_found, "the models folder does not exist",
                    "there is no '" + folder.string() + "'", "correct 'models_dir', or create the folder");
    if (!fs::is_directory(status))
      return report("models-dir-no-folder", ErrorCode::model_not_found, "'models_dir' is not a folder",
                    "'" + folder.string() + "' is a file",
                    "set 'models_dir' to the folder that the file is in");
    if (fs::directory_iterator(folder, failed); failed)
      return report("models-dir-unreadable", ErrorCode::model_not_found, "the models folder can't be read",
                    "'" + folder.string() + "': " + failed.message(), "give this user read permission");
    examine_files(engine_.models().contents());
  }

  void examine_files(const ModelFolder::Contents& contents) {
    std::vector<std::string> unusable, others, projectors;
    std::string hint;
    for (const ModelInfo& model : contents.models) {
      if (model.state != ModelState::failed) continue;
      const std::string_view kind = model.extra["file"].as_string();
      (kind.empty()          ? unusable
       : kind == "projector" ? projectors
                             : others)
          .emplace_back(model.extra["error"].as_string());
    }
    const std::size_t models = contents.models.size() - others.size() - projectors.size();
    report_unusable(models, unusable, contents);
    if (!projectors.empty())
      report("projector-unused", ErrorCode::invalid_argument, "a projector fits no model", listed(projectors),
             "put it beside its model, or remove it", Severity::warning);
    if (!others.empty())
      report(
          "not-models", ErrorCode::invalid_argument,
          std::to_string(others.size()) + (others.size() == 1 ? " file is no model" : " files are no models"),
          listed(others), others.size() == 1 ? hint : "`tachikoma models` says what to do with each",
          Severity::info);
    std::vector<std::string> unread;
    for (const FolderScan::Unread& each : contents.unread)
      unread.push_back("'" + each.path.string() + "': " + each.why);
    if (!unread.empty())
      report("models-unread", ErrorCode::model_not_found, "a part of the models folder was not searched",
             listed(unread), "make it readable, or move what is not needed out of models_dir",
             Severity::warning);
  }

  void report_unusable(std::size_t models, const std::vector<std::string>& unusable,
                       const ModelFolder::Contents& contents) {
    if (models == 0)
      report_models("no-models", ErrorCode::model_not_found, "the models folder has no models",
                    contents.models.empty()
                        ? "there is no .gguf file below '" + options_.models_folder.string() + "'"
                        : "no .gguf file below '" + options_.models_folder.string() + "' is a model",
                    "put a model there, or set 'models_dir' to the folder that has them");
    else if (unusable.size() == models)
      report_models("no-models", ErrorCode::model_not_found, "none of the models in the folder can be used",
                    listed(unusable), "download them again");
    else if (!unusable.empty())
      report("unusable-models", ErrorCode::invalid_argument,
             std::to_string(unusable.size()) + " of " + std::to_string(models) + " models can't be used",
             listed(unusable), "download them again, or remove them", Severity::warning);
  }

  void report_lost() {
    for (const Engine::Lost& lost : engine_.lost())
      report("server-lost", ErrorCode::model_lost,
             "'" + lost.id + "' is no longer in memory: its llama-server ended on its own",
             "it ended with " + lost.end +
                 (lost.last_lines.empty()
                      ? std::string()
                      : "; its last lines: " + base::excerpt(tail(lost.last_lines), kLinesShown)),
             "ask again, which loads it again; if it ends once more, set verbose: true and look at its log",
             Severity::warning);
  }

  static std::string_view tail(std::string_view text) {
    return text.substr(text.size() - std::min(text.size(), kLinesShown));
  }

  Engine& engine_;
  const Engine::Options& options_;
  Host& host_;
  Cancellation& cancellation_;
  ServerBinary binary_;
};

}  // namespace

Result<std::vector<Finding>> examine_engine(Engine& engine, Host& host, Cancellation& cancellation) {
  std::vector<Finding> findings = EngineExamination(engine, host, cancellation).run();
  if (cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
  return findings;
}

}  // namespace tachikoma::llamacpp
