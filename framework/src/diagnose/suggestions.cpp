// SPDX-License-Identifier: MIT
#include "diagnose/suggestions.hpp"

#include <algorithm>
#include <string>

#include "base/numbers.hpp"

namespace tachikoma::diagnose {
namespace {

/// The share of memory to keep free.
constexpr double kHeadroom = 0.2;
/// A context that takes more than this share of the memory is worth reducing.
constexpr double kLargeContext = 0.2;
/// Reading a full context for longer than this is slow.
constexpr double kLongPrompt = 60;  // seconds
/// With more bits than this there is a smaller quantization that is still good.
constexpr int kFewBits = 4;

std::string gigabytes(std::int64_t bytes) { return base::decimal(static_cast<double>(bytes) / 1e9) + " GB"; }

std::string speed(const SpeedFacts& facts) {
  return base::decimal(facts.tokens_per_second.value) + " tokens/s while generating";
}

double share(const Sourced<std::int64_t>& part, const Sourced<std::int64_t>& whole) {
  return part && whole && whole.value > 0 ? static_cast<double>(part.value) / static_cast<double>(whole.value)
                                          : 0;
}

bool has_gpu(const Hardware& hardware) {
  return !hardware.gpus.empty() || (hardware.vram_bytes && hardware.vram_bytes.value > 0);
}

bool misses_layers(const ModelStatus& status) {
  if (!status.gpu_layers) return false;
  return status.total_layers ? status.gpu_layers.value < status.total_layers.value
                             : status.gpu_layers.value == 0;
}

bool lacks_ram(const Hardware& hardware) {
  return hardware.available_ram_bytes && hardware.ram_bytes &&
         share(hardware.available_ram_bytes, hardware.ram_bytes) < kHeadroom;
}

Finding suggestion(std::string id, std::string title, std::string evidence, std::string fix) {
  return {std::move(id),    Severity::warning,   ErrorCode::internal,
          std::move(title), std::move(evidence), std::move(fix)};
}

std::string layers(const ModelStatus& status) {
  if (!status.total_layers) return "no layer is on a GPU";
  return std::to_string(status.gpu_layers.value) + " of " + std::to_string(status.total_layers.value) +
         " layers are on a GPU" + (status.gpu_layers.source == Source::estimated ? ", as estimated" : "");
}

// The context takes memory that the layers or the machine lack, or a prompt that fills it takes very long.
std::optional<Finding> reduce_context(const SpeedFacts& facts) {
  const Sourced<std::int64_t>& context = facts.status.context_length;
  if (!context) return std::nullopt;
  std::string evidence;
  const bool short_of_memory =
      (has_gpu(facts.hardware) && misses_layers(facts.status)) || lacks_ram(facts.hardware);
  if (short_of_memory && share(facts.memory.context_bytes, facts.memory.total_bytes) >= kLargeContext)
    evidence = "a context of " + std::to_string(context.value) + " tokens takes " +
               gigabytes(facts.memory.context_bytes.value) + " of " +
               gigabytes(facts.memory.total_bytes.value) + ", and memory is short";
  const Sourced<double>& reading = facts.prompt_tokens_per_second;
  const double seconds =
      reading && reading.value > 0 ? static_cast<double>(context.value) / reading.value : 0;
  if (evidence.empty() && seconds > kLongPrompt)
    evidence = "at " + base::decimal(reading.value) + " tokens/s a full context of " +
               std::to_string(context.value) + " tokens takes " + base::decimal(seconds / 60) +
               " min to read";
  if (evidence.empty()) return std::nullopt;
  const std::string half = std::to_string(context.value / 2);
  return suggestion("reduce-context", "the context is larger than this machine can serve well",
                    speed(facts) + "; " + evidence,
                    "reduce the context size: " +
                        models::how_to_set(facts.loaded_by, "context_length: " + half, "--context " + half));
}

std::optional<Finding> enable_gpu(const SpeedFacts& facts) {
  if (!has_gpu(facts.hardware) || !misses_layers(facts.status)) return std::nullopt;
  const std::string gpu =
      facts.hardware.gpus.empty() ? "there is a GPU" : "there is a " + facts.hardware.gpus.front().name;
  return suggestion("enable-gpu", "the model does not run on the GPU alone",
                    speed(facts) + "; " + layers(facts.status) + ", and " + gpu,
                    "enable GPU acceleration: " +
                        models::how_to_set(facts.loaded_by, "n_gpu_layers: -1", "--gpu-layers all"));
}

// The model is larger than the memory for it, and its weights have bits to spare.
std::optional<Finding> smaller_quantization(const SpeedFacts& facts) {
  const Sourced<std::int64_t>& size = facts.model.size_bytes;
  const std::optional<int> bits = bits_of(facts.model.quantization);
  if (!size || !bits || *bits <= kFewBits) return std::nullopt;
  const bool gpu = has_gpu(facts.hardware);
  const Sourced<std::int64_t>& room = gpu ? facts.hardware.vram_bytes : facts.hardware.ram_bytes;
  if (!room || static_cast<double>(size.value) < (1 - kHeadroom) * static_cast<double>(room.value))
    return std::nullopt;
  return suggestion("smaller-quantization", "the model is too large for the memory that should hold it",
                    speed(facts) + "; " + gigabytes(size.value) + " in " + facts.model.quantization +
                        ", for " + gigabytes(room.value) + (gpu ? " of GPU memory" : " of memory"),
                    "use a smaller quantization, such as Q4_K_M");
}

std::optional<Finding> close_applications(const SpeedFacts& facts) {
  if (!lacks_ram(facts.hardware)) return std::nullopt;
  return suggestion("close-applications", "other applications take the memory",
                    speed(facts) + "; " + gigabytes(facts.hardware.available_ram_bytes.value) + " of " +
                        gigabytes(facts.hardware.ram_bytes.value) + " are free",
                    "close other applications, or unload other models");
}

}  // namespace

std::optional<int> bits_of(std::string_view quantization) {
  const auto digit =
      std::find_if(quantization.begin(), quantization.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digit == quantization.end()) return std::nullopt;
  int bits = 0;
  for (auto at = digit; at != quantization.end() && *at >= '0' && *at <= '9' && bits < 100; ++at)
    bits = bits * 10 + (*at - '0');
  return bits >= 1 && bits <= 64 ? std::optional(bits) : std::nullopt;
}

std::vector<Finding> suggest(const SpeedFacts& facts) {
  std::vector<Finding> findings;
  if (!facts.tokens_per_second || facts.tokens_per_second.value >= kSlow) return findings;
  for (auto* each : {reduce_context, enable_gpu, smaller_quantization, close_applications})
    if (std::optional<Finding> found = each(facts)) findings.push_back(*std::move(found));
  return findings;
}

}  // namespace tachikoma::diagnose
