// SPDX-License-Identifier: MIT
#include "sdk_socket.hpp"

namespace lmstudio_sim {

std::span<const SdkEndpoint> prediction_endpoints() { return {}; }

}  // namespace lmstudio_sim
