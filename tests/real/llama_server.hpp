// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {

/// A model file to make: its name without ".gguf", and options of `make-model`.
struct TinyModel {
  std::string name;
  std::vector<std::string> options = {};
};

/// A model whose answers are letters, as many as the request allows.
inline TinyModel talkative(std::string name) { return {std::move(name), {"--letters"}}; }

/// The same, which goes on for some thirty seconds when `max_tokens` is 30,000.
inline TinyModel tireless(std::string name) {
  return {std::move(name), {"--letters", "--layers", "8", "--width", "256", "--context", "32768"}};
}

/// A real llama.cpp server (environment LLAMA_SERVER) on a free port, with tiny random models of its own. It
/// and what it started end with this object.
class LlamaServer {
 public:
  /// Router mode: every model is listed, and loaded when it is first asked for, `loaded_at_once` together.
  /// `options` are the server's own, which it also starts each model with.
  static LlamaServer with_models(const std::vector<TinyModel>& models, int loaded_at_once = 1,
                                 const std::vector<std::string>& options = {});
  /// One model, loaded when this returns; `options` are the server's own.
  static LlamaServer with_model(const TinyModel& model, const std::vector<std::string>& options = {});

  int port() const { return port_; }
  /// "http://127.0.0.1:<port>"
  std::string url() const;
  /// "http://127.0.0.1:<port>/v1", as a config names it.
  std::string base_url() const;
  /// Kills the server and its children with SIGKILL, at once.
  void kill();
  /// True while some slot of the server's one model generates.
  bool busy() const;
  /// How a router's own list has the model: "loaded", "unloaded", "loading".
  std::string state_of(const std::string& model) const;
  /// The file of one of its models.
  std::filesystem::path model_file(const std::string& name) const;
  /// What it wrote so far.
  std::string log() const;

  LlamaServer(LlamaServer&&) = default;
  ~LlamaServer();

 private:
  LlamaServer(std::unique_ptr<TempDir> folder, std::vector<std::string> arguments);
  void wait_until_it_listens();

  std::unique_ptr<TempDir> folder_;
  std::unique_ptr<Process> process_;
  int port_ = 0;
};

/// A config file whose provider `engine` is the `llamacpp` plugin with these settings, such as `base_url: …`.
std::string attached_config(const TempDir& folder, const std::string& settings);

/// A config file whose provider `local` is the `openai` plugin at the /v1 of that port, and `max_tokens` the
/// length of an answer.
std::string openai_config(const TempDir& folder, int port, int max_tokens = 60);

}  // namespace tachikoma::testing
