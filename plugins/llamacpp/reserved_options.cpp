// SPDX-License-Identifier: MIT
#include "llamacpp/reserved_options.hpp"

#include <algorithm>

namespace tachikoma::llamacpp {
namespace {

struct Reserved {
  std::string_view option, short_option;
  std::string_view variable;  // the same in the environment; a command line overrides it
  std::string_view reason;
  std::string_view instead;
};

constexpr std::string_view kWhyAddress =
    "the server listens on a free port of this machine, for this program alone";
constexpr std::string_view kWhyLog = "the server's log tells when it listens, and what it took";
constexpr std::string_view kWhyModel = "the model is the one that the request names";
constexpr std::string_view kInsteadRunIt =
    "to use a server with an address of your own, start it and set base_url";

// From `llama-server --help` and common/arg.cpp of llama.cpp, builds b4000 to b7000.
constexpr Reserved kReserved[] = {
    {"--host", "", "LLAMA_ARG_HOST", kWhyAddress, kInsteadRunIt},
    {"--port", "", "LLAMA_ARG_PORT", kWhyAddress, kInsteadRunIt},
    {"--api-prefix", "", "LLAMA_ARG_API_PREFIX", kWhyAddress, kInsteadRunIt},
    {"--ssl-key-file", "", "LLAMA_ARG_SSL_KEY_FILE", kWhyAddress, kInsteadRunIt},
    {"--ssl-cert-file", "", "LLAMA_ARG_SSL_CERT_FILE", kWhyAddress, kInsteadRunIt},
    {"--api-key", "", "LLAMA_API_KEY", "each server gets a random key of its own", kInsteadRunIt},
    {"--api-key-file", "", "LLAMA_ARG_API_KEY_FILE", "each server gets a random key of its own",
     kInsteadRunIt},
    {"--log-disable", "", "", kWhyLog, "it is shown with verbose: true only"},
    {"--log-verbosity", "-lv", "LLAMA_LOG_VERBOSITY", kWhyLog, "it is shown with verbose: true only"},
    {"--verbosity", "", "LLAMA_ARG_LOG_VERBOSITY", kWhyLog, "it is shown with verbose: true only"},
    {"--model", "-m", "LLAMA_ARG_MODEL", kWhyModel, "name its file, or put it below models_dir"},
    {"--model-url", "-mu", "LLAMA_ARG_MODEL_URL", kWhyModel,
     "download the file, and put it below models_dir"},
    {"--hf-repo", "-hf", "LLAMA_ARG_HF_REPO", kWhyModel, "download the file, and put it below models_dir"},
    {"--hf-file", "-hff", "LLAMA_ARG_HF_FILE", kWhyModel, "download the file, and put it below models_dir"},
    {"--hfr", "-hfr", "", kWhyModel, "download the file, and put it below models_dir"},
    {"--docker-repo", "-dr", "LLAMA_ARG_DOCKER_REPO", kWhyModel,
     "download the file, and put it below models_dir"},
    {"--models-dir", "", "LLAMA_ARG_MODELS_DIR", kWhyModel, "set models_dir of the provider"},
    {"--models-preset", "", "LLAMA_ARG_MODELS_PRESET", kWhyModel,
     "give each model its settings under models"},
    {"--alias", "-a", "LLAMA_ARG_ALIAS", "the server names the model as the request does",
     "give it an alias under models"},
    {"--help", "-h", "", "the server would exit", "run it by hand"},
    {"--usage", "", "", "the server would exit", "run it by hand"},
    {"--version", "", "", "the server would exit", "run it by hand"},
    {"--license", "", "", "the server would exit", "run it by hand"},
    {"--list-devices", "", "", "the server would exit", "run it by hand"},
    {"--cache-list", "-cl", "", "the server would exit", "run it by hand"},
    {"--completion-bash", "", "", "the server would exit", "run it by hand"},
};

Status refuse_reserved(std::string_view where, std::string_view what, const Reserved& reserved) {
  return Error(ErrorCode::config_invalid,
               std::string(where) + " has '" + std::string(what) +
                   "', which can't be set here: " + std::string(reserved.reason),
               "remove it; " + std::string(reserved.instead));
}

// As llama-server reads it: "--api_prefix" is the same option, and "=" begins a value for some forks.
std::string option_name(std::string_view word) {
  std::string name(word.substr(0, word.find('=')));
  if (name.starts_with("--")) std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

}  // namespace

Status check_argument(std::string_view where, std::string_view word) {
  const std::string name = option_name(word);
  if (name.size() < 2 || name.front() != '-') return Done{};
  for (const Reserved& each : kReserved)
    if (name == each.option || name == each.short_option) return refuse_reserved(where, word, each);
  return Done{};
}

Status check_variable(std::string_view where, std::string_view name) {
  for (const Reserved& each : kReserved)
    if (!each.variable.empty() && name == each.variable) return refuse_reserved(where, name, each);
  return Done{};
}

std::vector<std::string> reserved_variables() {
  std::vector<std::string> all;
  for (const Reserved& each : kReserved)
    if (!each.variable.empty()) all.emplace_back(each.variable);
  return all;
}

}  // namespace tachikoma::llamacpp
