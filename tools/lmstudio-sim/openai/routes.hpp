// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "openai/call.hpp"

namespace lmstudio_sim {

// The routes. Each sends a response or lets the call's fault happen; `id` is the decoded end of the path.
void greeting(Call& call);
void status(Call& call);
void chat_completions(Call& call);
void completions(Call& call);
void embeddings(Call& call);
void openai_models(Call& call);
void openai_model(Call& call, std::string_view id);
void v0_models(Call& call);
void v0_model(Call& call, std::string_view id);
void native_models(Call& call);
void native_chat(Call& call);
void native_load(Call& call);
void native_unload(Call& call);
void native_download(Call& call);
void native_download_status(Call& call, std::string_view id);

/// A load's settings as /api/v1 shows them.
JsonValue native_load_config(const ModelSpec& model, const JsonValue& settings);

/// The control route under /__sim/, which the journal does not see.
void control(SimulatorState& simulator, Exchange& exchange);

/// LM Studio's answer to what it does not know: status 200 and an error.
void unexpected_endpoint(Exchange& exchange);

}  // namespace lmstudio_sim
