// SPDX-License-Identifier: MIT
#include <array>

#include "sdk_socket.hpp"

namespace lmstudio_sim {

using tachikoma::Value;

namespace {

std::optional<SdkAnswer> version(const SdkCall& call) {
  return Value::object({{"version", call.simulator.script.version}, {"build", 1}});
}

bool alive(SdkChannel& channel) {
  while (channel.wait(std::chrono::hours(24))) {
  }
  return true;
}

constexpr std::array<SdkEndpoint, 2> kEndpoints{
    {{"system", "version", version}, {"system", "alive", nullptr, alive}}};

}  // namespace

std::span<const SdkEndpoint> system_endpoints() { return kEndpoints; }

}  // namespace lmstudio_sim
