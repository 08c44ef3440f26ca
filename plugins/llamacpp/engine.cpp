// SPDX-License-Identifier: MIT
#include "llamacpp/engine.hpp"

#include <algorithm>
#include <utility>

#include "base/try.hpp"
#include "llamacpp/hardware.hpp"
#include "llamacpp/projectors.hpp"

namespace tachikoma::llamacpp {
namespace {

// Calls a function when it goes out of scope.
template <class F>
class Finally {
 public:
  explicit Finally(F action) : action_(std::move(action)) {}
  ~Finally() { action_(); }
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;

 private:
  F action_;
};

constexpr std::size_t kLostKept = 8;

Engine::Options with_log(LogFeed& log, Engine::Options options) {
  options.launch.log = &log;
  return options;
}

}  // namespace

Engine::Engine(Options options, Host& host)
    : options_(with_log(log_, std::move(options))), host_(host), models_(options_.models_folder) {}

Result<ServerBinary> Engine::binary(Cancellation& cancellation) {
  {
    const std::lock_guard lock(mutex_);
    if (binary_) return *binary_;
  }
  TACHIKOMA_TRY(const std::string path, find_server(options_.server));
  TACHIKOMA_TRY(ServerBinary probed,
                probe_server(path, std::min(kProbeTime, options_.launch.ready_time), cancellation));
  host_.log(Severity::info, "llama-server is '" + probed.path + "', " + probed.build);
  const std::lock_guard lock(mutex_);
  return binary_.emplace(std::move(probed));
}

Result<LoadPlan> Engine::plan(const LoadSettings& settings, ModelFile& file,
                              const ServerBinary& server) const {
  TACHIKOMA_TRY(LoadPlan plan, plan_load(settings, file.model, server));
  // in the order in which the server reads them: a later one counts
  std::vector<std::string> words;
  for (const auto& [name, value] : options_.launch.environment)
    if (name == "LLAMA_ARG_MMPROJ") words.insert(words.end(), {"--mmproj", value});
  words.insert(words.end(), plan.arguments.begin(), plan.arguments.end());
  words.insert(words.end(), options_.launch.arguments.begin(), options_.launch.arguments.end());
  TACHIKOMA_TRY(file.projector, settle_projector(std::move(file.projector), {file.path, file.model}, words));
  return plan;
}

// Removes instances that ended on their own; their processes are gone already.
void Engine::remove_ended() {
  std::erase_if(instances_, [&](const std::shared_ptr<Instance>& each) {
    if (each->running()) return false;
    host_.log(Severity::warning, "'" + each->id() + "' is gone: its llama-server ended with " + each->end());
    if (lost_.size() == kLostKept) lost_.erase(lost_.begin());
    lost_.push_back({each->id(), each->key(), each->end(), each->last_lines()});
    return true;
  });
}

std::shared_ptr<Instance> Engine::find_locked(std::string_view name) {
  remove_ended();
  for (const auto& each : instances_)
    if (each->id() == name) return each;
  for (const auto& each : instances_)
    if (each->key() == name) return each;
  return nullptr;
}

std::shared_ptr<kit::HttpClient> Engine::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<Instance> there = find_locked(name);
  return there ? there->keep_client() : nullptr;
}

Result<ModelKind> Engine::kind(std::string_view name) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto there = find_locked(name)) return kind_of(there->model());
  }
  TACHIKOMA_TRY(const ModelFile file, models_.find(name));
  return kind_of(file.model);
}

Result<bool> Engine::embeds(std::string_view name, const CallContext& context) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto there = find_locked(name)) return there->embeds();
  }
  TACHIKOMA_TRY(const ServerBinary server, binary(context.cancellation));
  TACHIKOMA_TRY(ModelFile file, models_.find(name));
  TACHIKOMA_TRY(const LoadPlan plan, this->plan(context.load ? *context.load : LoadSettings{}, file, server));
  return llamacpp::embeds(plan.arguments) || llamacpp::embeds(options_.launch.arguments);
}

std::shared_ptr<Instance> Engine::find(const kit::HttpClient& client) {
  const std::lock_guard lock(mutex_);
  for (const std::weak_ptr<Instance>& each : started_)
    if (std::shared_ptr<Instance> there = each.lock(); there && &there->client() == &client) return there;
  return nullptr;
}

// "key", "key:2", …: as LM Studio names more copies.
Result<std::string> Engine::reserve_id(const std::optional<std::string>& wanted, const std::string& key) {
  const std::lock_guard lock(mutex_);
  remove_ended();
  const auto taken = [&](const std::string& id) {
    return reserved_.contains(id) || std::any_of(instances_.begin(), instances_.end(),
                                                 [&](const auto& each) { return each->id() == id; });
  };
  std::string id = wanted.value_or(key);
  if (wanted && taken(id))
    return Error(ErrorCode::invalid_argument, "the identifier '" + id + "' is used by a model in memory",
                 "choose another, or unload that model");
  for (int copy = 2; taken(id); ++copy) id = key + ":" + std::to_string(copy);
  reserved_.insert(id);
  return id;
}

Result<Engine::Loaded> Engine::load(std::string_view key, const LoadSettings& settings,
                                    const CallContext& context, LoadSink& sink) {
  context.enter(Phase::loading);
  TACHIKOMA_TRY(ModelFile file, models_.find(key));
  TACHIKOMA_TRY(const ServerBinary server, binary(context.cancellation));
  TACHIKOMA_TRY(LoadPlan plan, this->plan(settings, file, server));
  TACHIKOMA_TRY(const std::string id, reserve_id(settings.identifier, file.key));
  const Finally free_id([&] {
    const std::lock_guard lock(mutex_);
    reserved_.erase(id);
  });
  Result<std::shared_ptr<Instance>> started =
      Instance::start(id, file, plan, server, options_.launch, host_, context, sink);
  if (!started) return with_memory(std::move(started).error(), file.model, settings);
  std::shared_ptr<Instance> instance = *std::move(started);
  const std::lock_guard lock(mutex_);
  instances_.push_back(instance);
  std::erase_if(started_, [](const std::weak_ptr<Instance>& each) { return each.expired(); });
  started_.push_back(instance);
  std::erase_if(lost_, [&](const Lost& each) { return each.key == file.key; });
  return Loaded{std::move(instance), std::move(plan.unapplied)};
}

Status Engine::unload(std::string_view id) {
  std::shared_ptr<Instance> ended;  // released outside the lock: it waits for the server to end
  {
    const std::lock_guard lock(mutex_);
    remove_ended();
    const auto found = std::find_if(instances_.begin(), instances_.end(),
                                    [&](const auto& each) { return each->id() == id; });
    if (found == instances_.end())
      return Error(ErrorCode::model_not_found, "'" + std::string(id) + "' is not in memory",
                   "only what this program has loaded can be unloaded: the servers end with it",
                   Value::object({{"name", id}}));
    ended = std::move(*found);
    instances_.erase(found);
  }
  ended->stop();
  return Done{};
}

std::vector<Engine::Lost> Engine::lost() {
  const std::lock_guard lock(mutex_);
  remove_ended();
  return lost_;
}

std::vector<std::shared_ptr<Instance>> Engine::loaded() {
  const std::lock_guard lock(mutex_);
  remove_ended();
  return instances_;
}

}  // namespace tachikoma::llamacpp
