// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::lmstudio {

// Models in memory over LM Studio's REST API, which has six load settings, no progress, and little about a
// model's status. `why` says why its WebSocket can't be used: the reason given for missing information.

/// Settings without a field there are unapplied. Fails with `unsupported` if LM Studio is too old to have the
/// route.
Result<LoadedModel> load_over_rest(Studio& studio, const LoadRequest& request, const std::string& why,
                                   const CallContext& context);
Status unload_over_rest(Studio& studio, std::string_view instance, const CallContext& context);
Result<std::vector<ModelStatus>> loaded_over_rest(Studio& studio, const std::string& why,
                                                  const CallContext& context);

}  // namespace tachikoma::lmstudio
