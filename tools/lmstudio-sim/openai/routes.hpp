// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "openai/call.hpp"

namespace lmstudio_sim {

// The routes. Each sends a response or applies the call's fault; `id` is the decoded end of the path.
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

/// Load settings as /api/v1 shows them.
JsonValue native_load_config(const ModelSpec& model, const JsonValue& settings);

/// The control routes under /__sim/, which the journal does not record.
void control(SimulatorState& simulator, Exchange& exchange);

/// LM Studio's answer to an unknown endpoint: status 200 and an error.
void unexpected_endpoint(Exchange& exchange);

}  // namespace lmstudio_sim
