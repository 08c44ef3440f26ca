// SPDX-License-Identifier: MIT
#pragma once

#include "sdk/prediction_request.hpp"

namespace lmstudio_sim {

// The channels on which a model predicts.
bool predict(SdkChannel& channel);
bool complete_raw_text(SdkChannel& channel);

}  // namespace lmstudio_sim
