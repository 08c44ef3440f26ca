// SPDX-License-Identifier: MIT
#include "diagnose/findings.hpp"

#include <algorithm>
#include <utility>

namespace tachikoma::diagnose {
namespace {

// The minimum number of layers, of `all`, that the setting asks for.
std::int64_t min_layers(const GpuLayers& asked, std::int64_t all) {
  switch (asked.kind) {
    case GpuLayers::Kind::count: return std::min(asked.count, all);
    case GpuLayers::Kind::all: return all;
    default: return asked.ratio > 0 ? 1 : 0;
  }
}

}  // namespace

Finding finding_of(std::string id, const Error& error, std::string evidence) {
  return {std::move(id), Severity::error,     error.code,
          error.message, std::move(evidence), error.hint.empty() ? "look at the server's log" : error.hint};
}

std::string dashed(std::string_view code) {
  std::string id(code);
  std::replace(id.begin(), id.end(), '_', '-');
  return id;
}

// The id of the finding for a failed generation.
std::string generation_finding(const Error& error) {
  switch (error.code) {
    case ErrorCode::model_lost:
      return error.detail["reason"].as_string() == "cut" ? "answer-cut" : "model-lost";
    case ErrorCode::model_mismatch: return "wrong-model";
    case ErrorCode::timeout: return "answer-silent";
    case ErrorCode::protocol: return "answer-garbled";
    case ErrorCode::unreachable: return "answer-missing";
    default: return "generation-" + dashed(to_string(error.code));
  }
}

std::optional<Finding> smaller_context(const LoadedFacts& facts) {
  const Sourced<std::int64_t>& is = facts.status.context_length;
  if (!is || !facts.wanted.context_length || is.value >= *facts.wanted.context_length) return std::nullopt;
  return Finding{"context-smaller-than-configured",
                 Severity::warning,
                 ErrorCode::context_too_long,
                 "model '" + facts.instance + "' was loaded with a smaller context than is configured",
                 "it has " + std::to_string(is.value) + " tokens (" + is.basis +
                     "), but the configuration says " + std::to_string(*facts.wanted.context_length),
                 models::how_to_reload(facts.by, facts.instance, facts.key)};
}

std::optional<Finding> missing_gpu_layers(const LoadedFacts& facts) {
  const Sourced<std::int64_t>& is = facts.status.gpu_layers;
  const Sourced<std::int64_t>& total = facts.status.total_layers;
  if (!facts.wanted.gpu_layers || !is) return std::nullopt;
  if (is.value >= min_layers(*facts.wanted.gpu_layers, total ? total.value : 1)) return std::nullopt;
  return Finding{"gpu-layers-not-applied",
                 Severity::warning,
                 ErrorCode::unsupported,
                 "model '" + facts.instance + "' has fewer layers on a GPU than are configured",
                 std::to_string(is.value) + " of " + (total ? std::to_string(total.value) : "its") +
                     " layers are on a GPU (" + is.basis + ")",
                 is.value == 0 ? "use a server that can use a GPU, or set n_gpu_layers: 0"
                               : "free memory of the GPU, or set n_gpu_layers to what fits"};
}

}  // namespace tachikoma::diagnose
