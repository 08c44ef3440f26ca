// SPDX-License-Identifier: MIT
#include "models/context_reduction.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "base/sourced.hpp"

namespace tachikoma::models {
namespace {

constexpr std::int64_t kStep = 256;
constexpr std::int64_t kDefaultFloor = 2048;

std::string tokens(std::int64_t context) { return std::to_string(context) + " tokens"; }

class Reduction {
 public:
  Reduction(std::string_view key, LoadSettings settings, const LoadSteps& steps)
      : key_(key),
        factor_(settings.context_size_reduction.value_or(1)),
        floor_(settings.min_context_length.value_or(kDefaultFloor)),
        asked_(settings.context_length),
        settings_(std::move(settings)),
        steps_(steps) {
    settings_.context_size_reduction.reset();
    settings_.min_context_length.reset();
  }

  Result<LoadedModel> run() {
    for (;;) {
      tried_.push_back(settings_.context_length);
      Result<LoadedModel> loaded = attempt();
      if (loaded) return report(*std::move(loaded));
      if (loaded.error().code != ErrorCode::insufficient_memory || factor_ >= 1) return loaded;
      if (std::optional<Error> last = shrink(loaded.error())) return *std::move(last);
    }
  }

 private:
  Result<LoadedModel> attempt() {
    if (factor_ < 1 && can_estimate_) {
      Result<MemoryEstimate> estimate = steps_.estimate(settings_);
      if (estimate && estimate->fits == false) return does_not_fit(*estimate);
      if (!estimate && estimate.error().code != ErrorCode::unsupported) return std::move(estimate).error();
      can_estimate_ = static_cast<bool>(estimate);
    }
    return steps_.load(settings_);
  }

  Error does_not_fit(const MemoryEstimate& estimate) const {
    Value detail = Value::object();
    std::string needs;
    if (estimate.total_bytes) {
      detail.set("required_bytes", estimate.total_bytes.value);
      detail.set("required_basis", base::source_of(estimate.total_bytes));
      needs = ": it would take " + std::to_string(estimate.total_bytes.value) + " bytes (" +
              base::source_of(estimate.total_bytes) + ")";
    }
    return Error(ErrorCode::insufficient_memory,
                 "by the server's estimate '" + std::string(key_) + "' does not fit into memory" + needs,
                 "unload other models, or load a smaller one", std::move(detail));
  }

  // Reduces the context, or returns the final error.
  std::optional<Error> shrink(const Error& why) {
    std::int64_t context = settings_.context_length.value_or(0);
    if (!settings_.context_length) {
      const Sourced<std::int64_t> max_context_length = steps_.max_context();
      if (!max_context_length) return unknown_start(why, max_context_length.basis);
      context = max_context_length.value;
    }
    const std::optional<std::int64_t> next = next_context(context, factor_, floor_);
    if (!next) return exhausted(why);
    notices_.push_back(
        "it does not fit into memory with " +
        (settings_.context_length ? "a context of " + tokens(context) : "the context that the server chose") +
        "; trying a context of " + tokens(*next));
    settings_.context_length = next;
    steps_.notify(notices_.back());
    return std::nullopt;
  }

  Error unknown_start(Error error, const std::string& basis) const {
    error.message +=
        "; there is no context to reduce: none was requested, and the model's maximum is "
        "not known" +
        (basis.empty() ? "" : " (" + basis + ")");
    error.hint = "set context_length";
    return error;
  }

  Error exhausted(Error error) const {
    Value contexts = Value::array();
    std::vector<std::string> words;
    for (const std::optional<std::int64_t>& context : tried_) {
      words.push_back(context ? std::to_string(*context) : "the server's own");
      if (context) contexts.push_back(*context);
    }
    error.message = "'" + std::string(key_) +
                    "' does not fit into memory with any context that was tried: " + base::listed(words) +
                    "; the last failure: " + error.message;
    error.hint = "unload other models, load a smaller one, or lower min_context_length, which is " +
                 std::to_string(floor_);
    error.detail.set("contexts", std::move(contexts));
    return error;
  }

  LoadedModel report(LoadedModel model) {
    if (notices_.empty()) return model;
    model.notices.insert(model.notices.begin(), notices_.begin(), notices_.end());
    if (asked_)
      model.unapplied.push_back({.name = "context_length",
                                 .asked = *asked_,
                                 .applied = *settings_.context_length,
                                 .reason = "the model does not fit into memory with it"});
    return model;
  }

  const std::string_view key_;
  const double factor_;
  const std::int64_t floor_;
  const std::optional<std::int64_t> asked_;
  LoadSettings settings_;
  const LoadSteps& steps_;
  bool can_estimate_ = true;
  std::vector<std::optional<std::int64_t>> tried_;
  std::vector<std::string> notices_;
};

}  // namespace

std::optional<std::int64_t> next_context(std::int64_t context, double factor, std::int64_t floor) {
  const double smaller = std::floor(static_cast<double>(context) * factor / kStep) * kStep;
  const std::int64_t next = std::max(floor, static_cast<std::int64_t>(smaller));
  return next < context ? std::optional(next) : std::nullopt;
}

Result<LoadedModel> load_reducing(std::string_view key, LoadSettings settings, const LoadSteps& steps) {
  return Reduction(key, std::move(settings), steps).run();
}

}  // namespace tachikoma::models
