// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/provider.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::provider_kit {

/// How a server differs from others with OpenAI's API. Derive from it, and override what differs. Owned by
/// the provider, and destroyed with it. [thread-safe] Calls may overlap.
class OpenAiDialect {
 public:
  virtual ~OpenAiDialect() = default;

  /// Changes a request before it is written for the server: names, messages, settings, `settings.extra`. An
  /// error refuses it, and is what the caller gets. Called on the thread of the call, must not block;
  /// `request` is a copy, lent until this returns.
  virtual Status prepare(ChatRequest& request) {
    static_cast<void>(request);
    return Done{};
  }
  /// What to do when the server can't be reached, such as "start it: my-server --port 8080"; empty: the kit's
  /// own advice. Called on the thread of the call.
  virtual std::string start_hint() const { return {}; }
};

/// A provider for a server with OpenAI's API: chat, streamed, with tools, reasoning and images; embeddings;
/// the list of models; health; and, where the server is llama.cpp's, token counts. It keeps connections open,
/// obeys cancellation, and its errors are typed.
///
/// `settings` has what the schema of the plugin `openai` has: `base_url`, which is required, `api_key`,
/// `headers`, `tls` and `launch`. Other members are ignored: they are the dialect's. Fails with
/// `config_invalid` if one is wrong. Call it in a factory; `host` outlives the provider.
///
/// With a dialect, every call has a thread of its own; without one, asynchronous calls share one.
Result<std::unique_ptr<Provider>> make_openai_provider(const Value& settings, Host& host,
                                                       std::unique_ptr<OpenAiDialect> dialect = {});

}  // namespace tachikoma::provider_kit
