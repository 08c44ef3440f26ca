// SPDX-License-Identifier: MIT
#include "real/llama_server.hpp"

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "real/http.hpp"
#include "support/wait.hpp"
#include "tachikoma/json.hpp"

namespace tachikoma::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

void make(const TempDir& folder, const TinyModel& model) {
  Command command{
      .argv = {program("make-model"), (folder.path() / "models" / (model.name + ".gguf")).string()}};
  command.argv.insert(command.argv.end(), model.options.begin(), model.options.end());
  const Finished made = run(command);
  if (made.exit_code != 0) throw std::runtime_error("make-model failed: " + made.err);
}

std::unique_ptr<TempDir> folder_with(const std::vector<TinyModel>& models) {
  auto folder = std::make_unique<TempDir>();
  std::filesystem::create_directory(folder->path() / "models");
  for (const TinyModel& model : models) make(*folder, model);
  return folder;
}

}  // namespace

LlamaServer LlamaServer::with_models(const std::vector<TinyModel>& models, int loaded_at_once,
                                     const std::vector<std::string>& options) {
  auto folder = folder_with(models);
  std::vector<std::string> arguments = {"--models-dir", (folder->path() / "models").string(), "--models-max",
                                        std::to_string(loaded_at_once)};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return {std::move(folder), std::move(arguments)};
}

LlamaServer LlamaServer::with_model(const TinyModel& model, const std::vector<std::string>& options) {
  auto folder = folder_with({model});
  const std::string file = (folder->path() / "models" / (model.name + ".gguf")).string();
  std::vector<std::string> arguments = {"--model", file, "--alias", model.name, "--slots"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  LlamaServer server(std::move(folder), std::move(arguments));
  wait_until(
      60s, [&] { return http_get(server.port(), "/health").status == 200; },
      [&] { return "the model was not loaded in time:\n" + server.log(); });
  return server;
}

LlamaServer::LlamaServer(std::unique_ptr<TempDir> folder, std::vector<std::string> arguments)
    : folder_(std::move(folder)) {
  const char* server = std::getenv("LLAMA_SERVER");
  if (!server)
    throw std::runtime_error("LLAMA_SERVER is not set; run this through tests/real/with-llama-server");
  // a process group of its own, so that the children of a killed router can be ended too
  Command command{.argv = {"sh", "-c", R"(log=$1; shift; exec setsid "$@" >"$log" 2>&1)", "sh",
                           (folder_->path() / "log").string(), server, "--host", "127.0.0.1", "--port", "0"}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Process>(command);
  wait_until_it_listens();
}

LlamaServer::~LlamaServer() {
  if (!process_) return;
  process_->signal(SIGTERM);
  try {
    process_->wait(10s);
  } catch (const std::runtime_error&) {
    // it did not end when asked: kill below
  }
  ::kill(-process_->pid(), SIGKILL);
}

void LlamaServer::wait_until_it_listens() {
  const std::string_view before = "listening on http://127.0.0.1:";
  const auto read_port = [&] {
    const std::string text = log();
    const std::size_t at = text.find(before);
    if (at == std::string::npos || text.find('\n', at) == std::string::npos) return false;
    std::from_chars(text.data() + at + before.size(), text.data() + text.size(), port_);
    return true;
  };
  wait_until(60s, read_port, [&] { return "llama-server did not start:\n" + log(); });
}

std::string LlamaServer::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::string LlamaServer::base_url() const { return url() + "/v1"; }

void LlamaServer::kill() {
  ::kill(-process_->pid(), SIGKILL);
  process_->wait();
}

bool LlamaServer::busy() const {
  const HttpReply reply = http_get(port_, "/slots");
  if (reply.status != 200) throw std::runtime_error("GET /slots failed:\n" + reply.body);
  const Value slots = parse_json(reply.body).value();
  for (const Value& slot : slots.elements())
    if (slot["is_processing"].as_bool()) return true;
  return false;
}

std::string LlamaServer::state_of(const std::string& model) const {
  const Value list = parse_json(http_get(port_, "/v1/models").body).value();
  for (const Value& each : list["data"].elements())
    if (each["id"].as_string() == model) return std::string(each["status"]["value"].as_string());
  return "";
}

std::filesystem::path LlamaServer::model_file(const std::string& name) const {
  return folder_->path() / "models" / (name + ".gguf");
}

std::string LlamaServer::log() const {
  const auto file = folder_->path() / "log";
  return std::filesystem::exists(file) ? read_file(file) : "";
}

std::string attached_config(const TempDir& folder, const std::string& settings) {
  return folder.write("tachikoma.yaml", "providers:\n  engine: {plugin: llamacpp, " + settings +
                                            "}\n"
                                            "defaults: {inference: {max_tokens: 24, seed: 1}}\n"
                                            "policy: {retry: {attempts: 1}}\n");
}

std::string openai_config(const TempDir& folder, int port, int max_tokens) {
  return folder.write(
      "tachikoma.yaml",
      "providers:\n  local: {plugin: openai, base_url: \"http://127.0.0.1:" + std::to_string(port) +
          "/v1\"}\ndefaults:\n  inference: {max_tokens: " + std::to_string(max_tokens) + ", seed: 1}\n");
}

}  // namespace tachikoma::testing
