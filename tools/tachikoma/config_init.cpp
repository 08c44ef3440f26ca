// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/blocking_io.hpp"
#include "base/excerpt.hpp"
#include "base/lists.hpp"
#include "base/state_folder.hpp"
#include "base/try.hpp"
#include "found_servers.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "session.hpp"
#include "verbs.hpp"
#include "yaml_text.hpp"

namespace tachikoma::cli {
namespace {

namespace fs = std::filesystem;

// What this machine has.
struct Machine {
  std::vector<FoundServer> servers;
  std::string gguf_folder;
  std::string llama_server;

  bool can_start_servers() const { return !gguf_folder.empty() && !llama_server.empty(); }
};

// A text from a server, for a comment of one line.
std::string in_comment(const std::string& text) { return base::printable(text); }

/// Writes a configuration, with comments.
class Draft {
 public:
  explicit Draft(const Machine& machine) : machine_(machine) {}

  std::string text() {
    text_ =
        "# Written by `tachikoma config init` from what it found on this machine. `tachikoma config check`\n"
        "# checks it, and `tachikoma config schema` has every key for your editor.\n\nproviders:\n";
    for (const FoundServer& server : machine_.servers) add_server(server);
    if (machine_.servers.empty() && !machine_.can_start_servers()) add_nothing();
    add_files();
    add_models();
    add_defaults();
    return std::move(text_);
  }

 private:
  struct Alias {
    std::string name, provider;
    const ModelInfo* model;
  };

  std::string id_for(const std::string& plugin) {
    std::string id = plugin;
    for (int number = 2; !ids_.insert(id).second; ++number) id = plugin + "-" + std::to_string(number);
    return id;
  }

  void add_server(const FoundServer& server) {
    const std::string id = id_for(server.plugin);
    text_ += "  # " + in_comment(server.about) + "\n  " + id + ":\n    plugin: " + server.plugin +
             "\n    base_url: " + (server.base_url == "auto" ? "auto" : yaml_value(Value(server.base_url))) +
             "\n";
    for (const ModelInfo& model : server.models)
      if (!model.extra["error"].is_string()) add_alias(id, model);
  }

  void add_nothing() {
    text_ +=
        "  # no server answered: this is where LM Studio will be found, once it runs\n"
        "  lmstudio:\n    plugin: lmstudio\n    base_url: auto\n";
  }

  void add_files() {
    const std::string& folder = machine_.gguf_folder;
    if (folder.empty()) return;
    if (!machine_.can_start_servers()) {
      text_ += "  # " + in_comment(folder) +
               " has GGUF files; with llama-server in PATH they could be used by\n"
               "  # llamacpp: {models_dir: " +
               in_comment(folder) + "}\n";
      return;
    }
    text_ += "  # starts " + in_comment(machine_.llama_server) + " for the files of this folder\n  " +
             id_for("llamacpp") + ":\n    plugin: llamacpp\n    models_dir: " + yaml_value(Value(folder)) +
             "\n";
  }

  // The last part of a key is the shortest name that people use for it.
  void add_alias(const std::string& provider, const ModelInfo& model) {
    std::string name = model.key.substr(model.key.rfind('/') + 1);
    if (name.empty() || name.find("::") != std::string::npos || name == "current" || name == "default")
      return;
    if (!aliases_.empty() &&
        std::any_of(aliases_.begin(), aliases_.end(), [&](const Alias& other) { return other.name == name; }))
      name = provider + "-" + name;
    aliases_.push_back({std::move(name), provider, &model});
  }

  void add_models() {
    constexpr std::size_t kMost = 30;
    if (aliases_.empty()) return;
    text_ +=
        "\n# Short names: tachikoma ask -m NAME. Settings may stand beside the key, such as temperature: "
        "0.7,\n"
        "# context_length: 8192 or system: \"Answer in one sentence\".\nmodels:\n";
    for (std::size_t i = 0; i < aliases_.size() && i < kMost; ++i) {
      const Alias& each = aliases_[i];
      text_ += "  " + yaml_key(each.name) + ": {provider: " + each.provider +
               ", key: " + yaml_value(Value(each.model->key)) + "}" + note_on(*each.model) + "\n";
    }
    if (aliases_.size() > kMost)
      text_ +=
          "  # and " + std::to_string(aliases_.size() - kMost) + " more: `tachikoma models` lists them\n";
  }

  static std::string note_on(const ModelInfo& model) {
    std::vector<std::string> notes;
    if (model.size_bytes) notes.push_back(format_bytes(model.size_bytes.value));
    if (model.kind == ModelKind::embedding) notes.emplace_back("embeddings");
    if (model.state == ModelState::loaded) notes.emplace_back("in memory");
    return notes.empty() ? "" : "  # " + base::listed(notes);
  }

  // Of several, the one that is in memory.
  const Alias* best(bool embeds) const {
    const Alias* found = nullptr;
    for (const Alias& each : aliases_) {
      if ((each.model->kind == ModelKind::embedding) != embeds) continue;
      if (!found || (found->model->state != ModelState::loaded && each.model->state == ModelState::loaded))
        found = &each;
    }
    return found;
  }

  void add_defaults() {
    const Alias *const chat = best(false), *const embeds = best(true);
    if (!chat && !embeds) return;
    text_ += "\n# What is used where no model is named.\ndefaults:\n";
    if (chat) text_ += "  model: " + yaml_value(Value(chat->name)) + "\n";
    if (embeds) text_ += "  embedding_model: " + yaml_value(Value(embeds->name)) + "\n";
  }

  const Machine& machine_;
  std::string text_;
  std::set<std::string> ids_;
  std::vector<Alias> aliases_;
};

Error unwritable(const std::string& file, const std::string& why) {
  return {ErrorCode::invalid_argument, "cannot write '" + file + "': " + why};
}

Error exists_already(const std::string& file) {
  return {ErrorCode::invalid_argument, "'" + file + "' exists already",
          "edit it, or name another file: tachikoma config init FILE"};
}

// Only you can read it: it may get keys.
Status write_new(const std::string& file, const std::string& text) {
  std::error_code failure;
  if (const fs::path folder = fs::path(file).parent_path(); !folder.empty()) {
    fs::create_directories(folder, failure);
    if (failure) return unwritable(file, failure.message());
  }
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return exists_already(file);
  if (fd < 0) return unwritable(file, std::strerror(errno));
  const int wrong = base::write_all(fd, text);
  ::close(fd);
  if (wrong != 0) return unwritable(file, std::strerror(wrong));
  return Done{};
}

Result<std::string> target(const Options& options) {
  if (!options.subject.empty()) return options.subject;
  if (!options.config.empty()) return options.config;
  const std::string folder = base::config_folder();
  if (folder.empty())
    return Error(ErrorCode::invalid_argument, "HOME is not set", "name a file: tachikoma config init FILE");
  return folder + "/tachikoma.yaml";
}

Result<Machine> look_around(const Options& options) {
  TACHIKOMA_TRY(std::vector<FoundServer> servers, find_servers(options));
  return Machine{std::move(servers), find_gguf_folder(), find_llama_server()};
}

void say_what_was_found(const Machine& machine, Output& output) {
  for (const FoundServer& server : machine.servers)
    output.say("tachikoma: found " + in_comment(server.about) + ", with " +
               std::to_string(server.models.size()) + (server.models.size() == 1 ? " model" : " models"));
  if (!machine.gguf_folder.empty()) output.say("tachikoma: found GGUF files in " + machine.gguf_folder);
  if (!machine.llama_server.empty()) output.say("tachikoma: found " + machine.llama_server);
  if (machine.servers.empty() && !machine.can_start_servers())
    output.say("tachikoma: found no server of models: the file names LM Studio, which is used once it runs");
}

Result<std::string> write_config(const Options& options, Output& output) {
  TACHIKOMA_TRY(std::string file, target(options));
  if (std::error_code failure; fs::exists(file, failure)) return exists_already(file);
  TACHIKOMA_TRY(const Machine machine, look_around(options));
  TACHIKOMA_TRY_STATUS(write_new(file, Draft(machine).text()));
  if (!options.json) say_what_was_found(machine, output);
  PluginRegistry plugins = make_registry(options);
  TACHIKOMA_TRY(const Config config, load_config(file, plugins));
  return file;
}

int run_config_init(const Options& options, Output& output) {
  const Result<std::string> file = write_config(options, output);
  if (!file) return output.fail(file.error());
  if (options.json)
    output.print_json("config", Value::object({{"file", *file}}));
  else
    output.print_foreign(*file + "\n");
  return output.finish(0);
}

void add_init_options(OptionSet& set, Options& options) {
  set.texts("--server", options.servers, "URL", "Look here too; may be repeated");
}

}  // namespace

const Verb kConfigInit{
    .name = "config init",
    .brief = "Writes one from what this machine has",
    .usage = "[OPTIONS] [FILE]",
    .summary =
        "Looks for servers of models on this machine, for their models, for GGUF files and\n"
        "llama-server, writes a commented configuration, and prints its path. Without FILE it\n"
        "is the one that is used everywhere. A file that exists is not changed.",
    .example = R"(  tachikoma config init
  tachikoma config init --server http://192.168.1.5:8080 tachikoma.yaml
)",
    .add_options = add_init_options,
    .words = Words::optional_subject,
    .run = run_config_init};

}  // namespace tachikoma::cli
