// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// Whether a model is in memory, as far as a runtime knows.
enum class Residence : std::uint8_t { absent, loading, loaded, unloading };

/// "absent", "loading", "loaded" or "unloading".
constexpr std::string_view to_string(Residence residence) noexcept {
  switch (residence) {
    case Residence::absent: return "absent";
    case Residence::loading: return "loading";
    case Residence::loaded: return "loaded";
    case Residence::unloading: return "unloading";
  }
  return "absent";
}

/// A model that a runtime loads and unloads.
struct ScheduledModel {
  std::string provider = {};
  std::string endpoint = {};  ///< which of the provider's servers; empty: it has only one
  std::string key = {};
  Residence residence = Residence::absent;
  bool foreign = false;     ///< another program has loaded it: it is used, and never unloaded
  bool pinned = false;      ///< once it is loaded, it stays
  std::size_t leases = 0;   ///< requests that use it
  std::size_t waiting = 0;  ///< requests that wait for it
  Sourced<std::int64_t> ram_bytes{}, vram_bytes{};     ///< what it is counted with
  Sourced<std::chrono::milliseconds> in_memory_for{};  ///< since when it is loaded
  Sourced<std::chrono::milliseconds> unused_for{};     ///< since its last request ended; 0 while it is used
  std::chrono::milliseconds ttl{0};            ///< the time without use after which it is unloaded; 0: never
  std::chrono::milliseconds min_residence{0};  ///< the time for which it stays in any case

  friend bool operator==(const ScheduledModel&, const ScheduledModel&) = default;
};

/// That a model was loaded or unloaded, and why.
struct ModelSwitch {
  std::chrono::system_clock::time_point at = {};  ///< when it was begun
  std::string provider = {};
  std::string key = {};
  bool loaded = false;      ///< else it was unloaded
  std::string reason = {};  ///< "asked for 120 ms ago", "'fake::b' needs its place", "unused for 5 min", …

  friend bool operator==(const ModelSwitch&, const ModelSwitch&) = default;
};

/// What a runtime keeps in memory, what waits for it, and its last switches, oldest first.
struct MemoryReport {
  std::vector<ScheduledModel> models =
      {};  ///< those that were asked for, and others that lists had in memory
  std::vector<ModelSwitch> switches = {};
};

/// The published JSON form (docs/json.md).
TACHIKOMA_API Value to_value(const MemoryReport& report);

}  // namespace tachikoma
