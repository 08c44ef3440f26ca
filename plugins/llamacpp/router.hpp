// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/http_client.hpp"
#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/model.hpp"

namespace tachikoma::llamacpp {

/// How a router is asked, with the provider's words for what fails.
struct RouterRequests {
  std::function<Result<Value>(const kit::CallScope&)> list;
  std::function<Status(std::string_view path, const kit::CallScope&)> post;  ///< about the model
};

/// One model of a llama.cpp router, brought into memory or out of it by one call. The router's events tell
/// when something happened to the model, its list how the model then is; a build without events has its list
/// read ever less often.
class RouterChange {
 public:
  RouterChange(kit::HttpClient& client, RouterRequests requests, std::string_view key,
               const CallContext& context)
      : client_(client), requests_(std::move(requests)), key_(key), context_(context) {}

  /// Until it is in memory, whoever loads it. Cancelled, a load of this call is ended on the router too.
  Status load(LoadSink& sink);
  /// Until it is out of memory. `model_not_found` when it is not there.
  Status unload();

 private:
  enum class Goal : std::uint8_t { in_memory, unloaded };
  /// How it ended; nothing while it goes on.
  using Outcome = std::optional<Status>;
  class Events;

  Status reach(Goal goal, LoadSink* sink);
  Outcome listen(Goal goal, LoadSink* sink);
  Outcome begin_and_look(Goal goal, LoadSink* sink);
  Outcome look(Goal goal, LoadSink* sink);
  Outcome judge_load(const ModelInfo& model, const Value& list, LoadSink& sink);
  Outcome judge_unload(const ModelInfo& model);
  Error no_such_model(const std::vector<ModelInfo>& models) const;
  void end_own_load();
  std::string router() const { return "the router at " + client_.url().text(); }

  kit::HttpClient& client_;
  const RouterRequests requests_;
  const std::string key_;
  const CallContext& context_;
  std::optional<Status> begun_;  // what the router said to the command
  bool events_offered_ = true;
  bool told_of_others_ = false;
};

}  // namespace tachikoma::llamacpp
