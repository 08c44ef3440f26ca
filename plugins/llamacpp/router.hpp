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

/// Requests to a router, with the provider's error messages.
struct RouterRequests {
  std::function<Result<Value>(const kit::CallScope&)> list;
  std::function<Status(std::string_view path, const kit::CallScope&)> post;  ///< about the model
};

/// One load or unload of a model by a llama.cpp router. The router's events say
/// when something happened to the model, its list what state it is in; a build without events has its list
/// polled at growing intervals.
class RouterChange {
 public:
  RouterChange(kit::HttpClient& client, RouterRequests requests, std::string_view key,
               const CallContext& context)
      : client_(client), requests_(std::move(requests)), key_(key), context_(context) {}

  /// Returns when it is in memory, whoever loads it. If cancelled, a load of this call is ended on the router
  /// too.
  Status load(LoadSink& sink);
  /// Returns when it is out of memory. Fails with `model_not_found` if it is not in memory.
  Status unload();

 private:
  enum class Goal : std::uint8_t { in_memory, unloaded };
  /// The result; nullopt while it is running.
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
  std::string router() const { return "the router at " + client_.url_text(); }

  kit::HttpClient& client_;
  const RouterRequests requests_;
  const std::string key_;
  const CallContext& context_;
  std::optional<Status> begun_;  // the router's reply to the command
  bool events_offered_ = true;
  bool told_of_others_ = false;
};

}  // namespace tachikoma::llamacpp
