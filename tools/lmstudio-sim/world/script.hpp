// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "http/json_value.hpp"
#include "http/problem.hpp"
#include "http/wire.hpp"

namespace lmstudio_sim {

/// How a model's reasoning travels on the OpenAI routes.
enum class ReasoningDialect : std::uint8_t {
  none,                 ///< it has none
  reasoning,            ///< the field `reasoning`, as gpt-oss
  reasoning_content,    ///< the field `reasoning_content`
  think_tags,           ///< inside `content`, between <think> and </think>
  think_tags_unopened,  ///< the same without <think>, as when the prompt template already contains it
  harmony,              ///< inside `content`, with the channel marks of gpt-oss
};

/// One model on disk.
struct ModelSpec {
  std::string key;
  std::string display_name;
  std::string type = "llm";  ///< llm, vlm or embedding
  std::string publisher = "lmstudio-community";
  std::string arch = "llama";
  std::string quantization = "Q4_K_M";
  bool mlx = false;    ///< Apple's format, in place of GGUF
  std::string params;  ///< "7B"; empty when unknown
  std::int64_t size_bytes = 4'000'000'000;
  std::int64_t max_context = 32768;
  std::int64_t context_length = 4096;  ///< used when a load does not choose one
  bool loaded = false;
  bool vision = false;
  bool tools = false;
  std::optional<std::int64_t> parallel;  ///< requests at once, the others wait; unset: no limit
  ReasoningDialect reasoning = ReasoningDialect::none;
  std::vector<std::string> reasoning_options = {};  ///< some of off, on, low, medium, high
  std::string reasoning_default = {};               ///< one of them
  std::string device = {};  ///< of LM Link, that has and runs the model; empty: this machine
  std::chrono::milliseconds load_time{0};
  std::string load_error = {};  ///< every load fails with this; empty: none does
  double load_fails_at = 0;     ///< progress, from 0 to 1
  std::string path = {};        ///< below the models folder; empty: derived from the key
  bool on_disk = true;          ///< else it can be downloaded
  std::chrono::milliseconds download_time{1000};
  double download_fails_at = 2;  ///< progress, from 0 to 1; above that it does not fail
};

/// A tool call that a model makes.
struct ToolCall {
  std::string name;
  std::string arguments;  ///< JSON text; a script may make it invalid
  std::string id = {};    ///< empty until the call is sent
  friend bool operator==(const ToolCall&, const ToolCall&) = default;
};

/// Deviations in tool calls that real servers have shown.
struct ToolQuirks {
  bool request_text = false;  ///< left in the content: [TOOL_REQUEST]{…}[END_TOOL_REQUEST]
  bool tag_text = false;      ///< left in the content: <tool_call>{…}</tool_call>
  bool no_ids = false;        ///< without the key `id`
  bool empty_ids = false;
  bool names_repeated = false;    ///< in every fragment of a stream
  bool names_empty = false;       ///< empty in all fragments but the first
  bool arguments_object = false;  ///< an object instead of text
};

/// What is wrong with JSON that answers a schema.
enum class JsonQuirk : std::uint8_t {
  fenced,        ///< between ```json and ```
  in_reasoning,  ///< all of it is reasoning, the content is empty
  surrounded,    ///< with sentences before and after
  violating,     ///< it does not fit the schema
};

/// Which requests a reply or a fault applies to; unset members match all.
struct Match {
  std::optional<std::string> route;     ///< the whole path
  std::optional<std::string> model;     ///< the name in the request
  std::optional<std::string> contains;  ///< in the last user text, the prompt or the input; case-insensitive
  std::optional<std::int64_t> tool_results;  ///< number of tool results after the last user text
  std::optional<bool> stream;                ///< whether a stream is requested
  std::optional<std::int64_t> nth;           ///< only the nth matching request, from 1
  std::optional<std::int64_t> first;         ///< only this many matching requests
};

/// A reply that replaces the built-in writer's.
struct ScriptedReply {
  Match when;
  std::string text;                 ///< sent token by token
  std::vector<std::string> chunks;  ///< instead of `text`: sent as they are, one token each
  std::string reasoning;
  std::optional<ReasoningDialect> dialect;  ///< instead of the model's
  std::vector<ToolCall> tool_calls;         ///< after the text
  ToolQuirks tool_quirks;
  std::optional<JsonQuirk> json;  ///< instead of text: the writer's JSON, with this quirk
  std::string finish;             ///< empty: derived from the reply
  std::optional<std::chrono::milliseconds> delay_per_token;  ///< instead of --speed
  std::chrono::milliseconds prompt_time{0};                  ///< before the first token
};

enum class FaultKind : std::uint8_t {
  status,       ///< an error status and body instead of the answer
  stall,        ///< silence until the client leaves
  close,        ///< the connection ends
  reset,        ///< the connection is reset
  garbage,      ///< bytes that are not part of the protocol
  drip,         ///< the whole response, a few bytes at a time
  error,        ///< an error in a data frame of the stream
  error_event,  ///< the same behind "event: error"
  wrong_model,  ///< the answer names another model
  html,         ///< an error status with an HTML page instead of JSON
};

/// A fault, and the requests that it applies to.
struct Fault {
  Match when;
  FaultKind kind = FaultKind::status;
  // when it happens; if none is set, before anything is sent
  std::optional<std::int64_t> after_tokens;
  std::optional<std::int64_t> after_messages;  ///< of a WebSocket channel
  std::optional<std::int64_t> after_bytes;     ///< of the response, the status line included
  bool after_headers = false;
  int status = 500;
  JsonValue body;                           ///< null: LM Studio's own for that status
  std::optional<std::int64_t> retry_after;  ///< seconds, as the header Retry-After
  std::string served;                       ///< wrong_model: the name in the answer
  std::int64_t drip_bytes = 1;
  std::chrono::milliseconds drip_interval{10};

  /// True when it affects the response's bytes, whatever they say.
  bool is_of_bytes() const { return after_bytes || after_headers || kind == FaultKind::drip; }
  /// The same for the wire.
  ByteFault byte_fault() const;
};

/// What waits until other rules come: the keys of models.
struct Held {
  std::vector<std::string> loads;    ///< that do not end
  std::vector<std::string> answers;  ///< of which only the first token is made
};

/// The scripted replies and faults, and what is held.
struct ResponseRules {
  std::vector<ScriptedReply> replies;
  std::vector<Fault> faults;
  Held hold;
};

/// How the server treats the upgrade to a WebSocket.
enum class Upgrade : std::uint8_t { accepted, refused, unanswered };

struct WebSocketOptions {
  Upgrade upgrade = Upgrade::accepted;
  std::chrono::milliseconds auth_timeout{10'000};  ///< for the first frame
  bool exact_keys = false;                         ///< a part of a key does not name a model
  bool cancel_closes = false;                      ///< a cancelled load ends without an error
  bool prompt_details = true;                      ///< prompt progress includes token counts, as since 0.4
  bool server_log = false;  ///< the log includes the server's lines, which SDK 1.5.0 rejects
};

/// Token counts that real servers get wrong.
struct UsageQuirks {
  bool length_one_low = false;   ///< one token too few for answers cut by `max_tokens`
  bool embedding_zeros = false;  ///< no tokens for embeddings
};

/// What a key allows.
enum class Permission : std::uint8_t { list, infer, load, download };

struct ApiToken {
  std::string key;
  std::vector<Permission> may;
};

/// The whole world of the simulator: what exists and how it behaves.
struct Script {
  std::vector<ModelSpec> models;
  ResponseRules rules;
  std::int64_t memory_bytes = 128'000'000'000;
  bool jit = true;                                               ///< a request may load a model
  std::chrono::milliseconds jit_ttl = std::chrono::minutes(60);  ///< of what a request loads
  bool auto_evict = true;    ///< what a request loads replaces what others have loaded
  bool joins_loads = true;   ///< a request for a model that is loading does not load it again
  bool expiry_frees = true;  ///< what was not used for its ttl leaves the memory, not only the service
  bool auto_fit = false;     ///< the server chooses context and placement, unless it is told not to
  std::vector<std::string> ignores = {};  ///< load settings of the WebSocket that have no effect
  bool strict_models = true;  ///< an unknown name is an error even when exactly one model is loaded
  bool require_auth = false;
  std::string api_key;                ///< with require_auth; empty accepts any well-formed key
  std::vector<ApiToken> tokens = {};  ///< with require_auth: further keys
  std::string version = "0.4.23";
  bool native_api = true;  ///< /api/v1 is there, as since 0.4.0
  WebSocketOptions websocket = {};
  UsageQuirks usage = {};
  std::int64_t vram_bytes = 24'000'000'000;  ///< the part of the memory that is on a GPU; 0: no GPU
};

/// The default world: LM Studio's usual models, two of them loaded, one that never fits.
Script default_world();

/// Reads a script file. The problem lists every error of the file, one per line: "file:line:col: …". The
/// script changes the default world; `models` replaces all of its models.
std::variant<Script, Problem> load_script(const std::string& file);

/// Adds default options to a model that reasons but lists none: low, medium and high for gpt-oss's dialect,
/// otherwise off and on.
void complete_reasoning(ModelSpec& model);

/// Reads the `replies`, the `faults` and the `hold` of a script's text, YAML or JSON, with the same errors.
std::variant<ResponseRules, Problem> parse_response_rules(const std::string& text);

/// The first key in it that no model has.
std::optional<std::string> unknown_key(const Held& held, const std::vector<ModelSpec>& models);

/// Reads the `for` of such a text: how long the models were idle.
std::variant<std::chrono::milliseconds, Problem> parse_idle_time(const std::string& text);

}  // namespace lmstudio_sim
