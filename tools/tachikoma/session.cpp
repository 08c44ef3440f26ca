// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <filesystem>
#include <utility>

#include "base/gguf.hpp"
#include "base/lists.hpp"
#include "base/try.hpp"
#include "exit_codes.hpp"

namespace tachikoma::cli {
namespace {

LogCallback make_log(const Options& options) {
  return log_to_stderr(options.verbose ? Severity::debug : Severity::warning);
}

Error nothing_found() {
  const Result<std::string> file = find_config();
  return {ErrorCode::unreachable,
          "no LM Studio answers on this machine" + (file ? std::string() : ", and " + file.error().message),
          "start LM Studio's server with: lms server start\n"
          "or have a configuration written for another server: "
          "tachikoma config init --server http://127.0.0.1:8080",
          Value::object({{"tried", Value::array({"configuration", "lmstudio"})}})};
}

Result<Runtime> open_file(const std::string& file, const Options& options) {
  return Runtime::open({.file = file,
                        .plugin_paths = options.plugin_paths,
                        .log = options.verbose ? log_to_stderr(Severity::debug) : LogCallback(),
                        .preload = false,  // a command needs its own model
                        .status_file = options.verb->uses_models});
}

}  // namespace

Status resolve_plugin_paths(Options& options) {
  for (std::string& path : options.plugin_paths) {
    std::error_code failure;
    const std::filesystem::path folder = std::filesystem::canonical(path, failure);
    if (failure || !std::filesystem::is_directory(folder, failure))
      return Error(ErrorCode::invalid_argument, "--plugin-path: '" + path + "' is not a folder");
    path = folder.native();
  }
  return Done{};
}

PluginRegistry make_registry(const Options& options) {
  return PluginRegistry(options.plugin_paths, make_log(options));
}

Result<std::optional<std::string>> choose_config(const Options& options) {
  if (!options.config.empty()) return std::optional(options.config);
  Result<std::string> found = find_config();
  if (found) return std::optional(*std::move(found));
  if (found.error().detail.find("file")) return found.error();  // there is one, and it can't be used
  return std::optional<std::string>();
}

Result<Runtime> open_unchecked_runtime(const Options& options) {
  TACHIKOMA_TRY(const std::optional<std::string> file, choose_config(options));
  if (file) return open_file(*file, options);
  return Runtime::with({.plugin_paths = options.plugin_paths}, make_log(options));
}

Result<Runtime> open_runtime(const Options& options) {
  TACHIKOMA_TRY(const std::optional<std::string> file, choose_config(options));
  if (file) return open_file(*file, options);
  if (base::names_file(options.model))
    return Runtime::with({.plugin = "llamacpp",
                          .base_url = "",
                          .model = "llamacpp::" + options.model,
                          .plugin_paths = options.plugin_paths,
                          .status_file = options.verb->uses_models},
                         make_log(options));
  TACHIKOMA_TRY(std::optional<Runtime> detected,
                Runtime::auto_detect(make_log(options), options.plugin_paths, options.verb->uses_models));
  if (!detected) return nothing_found();
  return *std::move(detected);
}

int fail(const Error& error, const StopOnInterrupt& stop, const Options& options, Output& output) {
  if (!stop.interrupted() || options.json) return output.fail(error);
  if (error.code == ErrorCode::cancelled && !error.hint.empty()) output.say("tachikoma: " + error.hint);
  return exit_code(ErrorCode::cancelled);
}

Error of_provider(const std::string& provider, Error error) {
  error.message = provider + ": " + error.message;
  return error;
}

std::string nothing_in_memory(const Runtime& runtime, const LoadedListing& listing, std::string_view verb) {
  if (listing.silent.size() < runtime.provider_ids().size())
    return "no model " + std::string(verb) + " in memory on a server that manages models";
  return base::quoted_list(listing.silent) + (listing.silent.size() == 1 ? " does" : " do") +
         " not say which models are in memory";
}

std::string address(const std::string& provider, const std::string& name) { return provider + "::" + name; }

}  // namespace tachikoma::cli
