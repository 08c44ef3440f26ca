// SPDX-License-Identifier: MIT
#pragma once

#include "sdk/prediction_request.hpp"

namespace lmstudio_sim {

// Channel handlers that run a prediction.
bool predict(SdkChannel& channel);
bool complete_raw_text(SdkChannel& channel);

}  // namespace lmstudio_sim
