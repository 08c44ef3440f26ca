// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/capability/chat_async.hpp"
#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/model_downloader.hpp"
#include "tachikoma/plugin/capability/model_files.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"
#include "tachikoma/plugin/capability/name_resolver.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"
#include "tachikoma/plugin/entry.hpp"
#include "tachikoma/plugin/sdk/fields.hpp"

/// Names the members of every struct that crosses the plugin boundary, the values of every enum in them, and
/// the virtual methods of every interface, all in the order of their declaration. The layout and the JSON
/// form of these types are made from it.

/// TACHIKOMA_FIELDS for a struct that crosses the boundary. It must name all members: the structured binding
/// does not compile with fewer names, or with more.
#define TACHIKOMA_BOUNDARY_STRUCT(TYPE, ...)                       \
  inline void tachikoma_names_all_members_of(const TYPE& object) { \
    [[maybe_unused]] const auto& [__VA_ARGS__] = object;           \
  }                                                                \
  TACHIKOMA_FIELDS(TYPE, __VA_ARGS__)

/// TACHIKOMA_ENUM for an enum that crosses the boundary. Its values count from 0, and all must be named.
#define TACHIKOMA_BOUNDARY_ENUM(TYPE, ...)                                                                \
  TACHIKOMA_ENUM(TYPE, __VA_ARGS__);                                                                      \
  static_assert(::tachikoma::detail::names_all_values(tachikoma_enumerators(std::type_identity<TYPE>{})), \
                "an enum that crosses the plugin boundary has a value that is not named, or out of order")

/// The virtual methods of an interface, in the order of its vtable and without those that it inherits.
#define TACHIKOMA_BOUNDARY_INTERFACE(TYPE, ...)                                           \
  [[maybe_unused]] constexpr auto tachikoma_methods(std::type_identity<TYPE>) {           \
    return ::tachikoma::detail::field_list(                                               \
        #TYPE, "", TACHIKOMA_DETAIL_FOR_EACH(TACHIKOMA_DETAIL_FIELD, TYPE, __VA_ARGS__)); \
  }                                                                                       \
  static_assert(std::is_polymorphic_v<TYPE>, "an interface has virtual methods")

namespace tachikoma::detail {

/// Whether `Value` is an enumerator of its type: the compiler writes any other value as a cast of a number.
template <auto Value>
constexpr bool is_enumerator() {
  constexpr std::string_view text = __PRETTY_FUNCTION__;  // "… [with auto Value = tachikoma::Role::user]"
  constexpr std::size_t at = text.rfind("Value = ") + std::string_view("Value = ").size();
  return text[at] != '(';
}

template <class T, std::size_t N>
consteval bool names_all_values(const std::array<Enumerator<T>, N>& named) {
  for (std::size_t i = 0; i < N; ++i)
    if (static_cast<std::size_t>(named[i].value) != i) return false;
  if constexpr (std::is_same_v<std::underlying_type_t<T>, bool>)
    return N == 2;
  else
    return !is_enumerator<static_cast<T>(N)>();
}

}  // namespace tachikoma::detail

namespace tachikoma {

TACHIKOMA_BOUNDARY_ENUM(Role, system, user, assistant, tool);
TACHIKOMA_BOUNDARY_ENUM(Channel, thinking, analysis, commentary, final);
TACHIKOMA_BOUNDARY_ENUM(ToolChoice::Mode, automatic, none, required, named);
TACHIKOMA_BOUNDARY_ENUM(Finish, stop, length, tool_calls, content_filter, cancelled, unknown);
TACHIKOMA_BOUNDARY_ENUM(ReasoningEffort, none, low, medium, high);
TACHIKOMA_BOUNDARY_ENUM(ErrorCode, invalid_argument, config_invalid, unreachable, unauthenticated, forbidden,
                        model_not_found, model_mismatch, insufficient_memory, context_too_long, timeout,
                        overloaded, rate_limited, plugin_refused, plugin_fault, schema_violation, model_lost,
                        protocol, unsupported, tool_failed, internal, cancelled, limit_exceeded);
TACHIKOMA_BOUNDARY_ENUM(ChatEvent::Kind, delta, tool_call, progress, rechannel, notice);
TACHIKOMA_BOUNDARY_ENUM(Flow, stop, proceed);
TACHIKOMA_BOUNDARY_ENUM(Phase, connecting, loading, waiting);
TACHIKOMA_BOUNDARY_ENUM(Source, unknown, measured, reported, estimated);
TACHIKOMA_BOUNDARY_ENUM(ModelKind, unknown, llm, embedding);
TACHIKOMA_BOUNDARY_ENUM(ModelState, unknown, not_loaded, loading, loaded, failed);
TACHIKOMA_BOUNDARY_ENUM(GpuLayers::Kind, all, count, ratio);
TACHIKOMA_BOUNDARY_ENUM(SplitMode, layer, row, none);
TACHIKOMA_BOUNDARY_ENUM(FlashAttention, off, on, automatic);
TACHIKOMA_BOUNDARY_ENUM(Activity, unknown, idle, prompt, generating, embedding);
TACHIKOMA_BOUNDARY_ENUM(Severity, debug, info, warning, error);
TACHIKOMA_BOUNDARY_ENUM(FindingScope, server, models);
TACHIKOMA_BOUNDARY_ENUM(MonitorEvent::Kind, started, first_token, finished, failed);

template <class T>
constexpr auto tachikoma_fields(std::type_identity<Sourced<T>>) {
  using S = Sourced<T>;
  return detail::field_list("Sourced", "", detail::field("value", "", &S::value),
                            detail::field("source", "", &S::source), detail::field("basis", "", &S::basis));
}

TACHIKOMA_BOUNDARY_STRUCT(Member, key, value);
TACHIKOMA_BOUNDARY_STRUCT(Error, code, message, hint, retryable, http_status, detail);
TACHIKOMA_BOUNDARY_STRUCT(ToolCall, id, name, arguments);
TACHIKOMA_BOUNDARY_STRUCT(Image, mime_type, bytes);
TACHIKOMA_BOUNDARY_STRUCT(Message, role, text, tool_calls, tool_call_id, reasoning, images, extra);
TACHIKOMA_BOUNDARY_STRUCT(ToolSpec, name, description, parameters);
TACHIKOMA_BOUNDARY_STRUCT(ToolChoice, mode, name);
TACHIKOMA_BOUNDARY_STRUCT(LogitBias, token, bias);
TACHIKOMA_BOUNDARY_STRUCT(GenerationSettings, max_tokens, temperature, top_p, top_k, min_p, repeat_penalty,
                          presence_penalty, frequency_penalty, mirostat, seed, stop_sequences, logit_bias,
                          reasoning_effort, draft_model, ttl, streaming_buffer_size, extra);
TACHIKOMA_BOUNDARY_STRUCT(ChatRequest, model, messages, tools, tool_choice, parallel_tool_calls,
                          response_schema, settings);
TACHIKOMA_BOUNDARY_STRUCT(Usage, prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens);
TACHIKOMA_BOUNDARY_STRUCT(ChatOutcome, finish, usage, served_model, extra, tokens_per_second,
                          prompt_tokens_per_second);
TACHIKOMA_BOUNDARY_STRUCT(ChatEvent, kind, channel, index, fraction, text, id, name);
TACHIKOMA_BOUNDARY_STRUCT(ModelInstance, id, context_length);
TACHIKOMA_BOUNDARY_STRUCT(ModelInfo, key, aliases, variants, display_name, publisher, architecture,
                          quantization, format, kind, state, instances, path, size_bytes, max_context_length,
                          vision, tool_use, reasoning_options, extra);
TACHIKOMA_BOUNDARY_STRUCT(Embeddings, vectors, usage, served_model);
TACHIKOMA_BOUNDARY_STRUCT(Health, server, base_url, version, api, auth_required, loaded_models);
TACHIKOMA_BOUNDARY_STRUCT(GpuLayers, kind, count, ratio);
TACHIKOMA_BOUNDARY_STRUCT(LoadSettings, context_length, gpu_layers, gpu_split_mode, main_gpu, tensor_split,
                          batch_size, micro_batch_size, threads, use_mlock, use_mmap, offload_kqv,
                          flash_attention, cache_type_k, cache_type_v, seed, rope_frequency_base,
                          rope_frequency_scale, experts, parallel, ttl, identifier, context_size_reduction,
                          min_context_length, extra);
TACHIKOMA_BOUNDARY_STRUCT(LoadRequest, key, settings);
TACHIKOMA_BOUNDARY_STRUCT(UnappliedSetting, name, asked, applied, reason);
TACHIKOMA_BOUNDARY_STRUCT(LoadedModel, key, instance, surface, applied, unapplied, load_time, notices, extra);
TACHIKOMA_BOUNDARY_STRUCT(ModelStatus, key, instance, state, context_length, gpu_layers, total_layers,
                          memory_bytes, vram_bytes, activity, queued, ttl, last_used, tokens_per_second,
                          prompt_tokens_per_second, config, config_basis, asked, device, extra);
TACHIKOMA_BOUNDARY_STRUCT(MemoryEstimate, total_bytes, vram_bytes, model_bytes, context_bytes,
                          projector_bytes, compute_min_bytes, compute_max_bytes, fits, confidence);
TACHIKOMA_BOUNDARY_STRUCT(DownloadRequest, name, quantization);
TACHIKOMA_BOUNDARY_STRUCT(DownloadProgress, done_bytes, total_bytes, bytes_per_second);
TACHIKOMA_BOUNDARY_STRUCT(Downloaded, name, was_there, size_bytes, extra);
TACHIKOMA_BOUNDARY_STRUCT(Gpu, name, memory_bytes, free_bytes);
TACHIKOMA_BOUNDARY_STRUCT(Hardware, ram_bytes, available_ram_bytes, vram_bytes, available_vram_bytes, gpus,
                          engine);
TACHIKOMA_BOUNDARY_STRUCT(Finding, id, severity, code, title, evidence, fix, scope);
TACHIKOMA_BOUNDARY_STRUCT(ToolUse, name, time, failed);
TACHIKOMA_BOUNDARY_STRUCT(MonitorEvent, kind, time, request_id, provider, model, elapsed, served_model,
                          server, queue_time, load_time, displaced, steps, retries, fallbacks, tool_uses,
                          cached, error, time_to_first_token, decode_time, tokens_per_second,
                          prompt_tokens_per_second, usage, finish, extra, asked, answered);

TACHIKOMA_BOUNDARY_INTERFACE(Component, capability);
TACHIKOMA_BOUNDARY_INTERFACE(Provider, chat);
TACHIKOMA_BOUNDARY_INTERFACE(Tool, spec, call);
TACHIKOMA_BOUNDARY_INTERFACE(Monitor, on_event, wants_content, flush);
TACHIKOMA_BOUNDARY_INTERFACE(Host, log, capability);
TACHIKOMA_BOUNDARY_INTERFACE(Registrar, provider, tool, monitor);
TACHIKOMA_BOUNDARY_INTERFACE(Cancellation, requested, subscribe, unsubscribe);
TACHIKOMA_BOUNDARY_INTERFACE(PhaseListener, on_phase);
TACHIKOMA_BOUNDARY_INTERFACE(ChatSink, on_event, on_pause);
TACHIKOMA_BOUNDARY_INTERFACE(AsyncChatSink, on_end);
TACHIKOMA_BOUNDARY_INTERFACE(AsyncChat, start);
TACHIKOMA_BOUNDARY_INTERFACE(Embedder, embed);
TACHIKOMA_BOUNDARY_INTERFACE(HardwareSurvey, survey);
TACHIKOMA_BOUNDARY_INTERFACE(HealthCheck, check_health);
TACHIKOMA_BOUNDARY_INTERFACE(ModelCatalog, list_models, lists_every_model);
TACHIKOMA_BOUNDARY_INTERFACE(DownloadSink, on_progress);
TACHIKOMA_BOUNDARY_INTERFACE(ModelDownloader, download);
TACHIKOMA_BOUNDARY_INTERFACE(ModelFiles, runs_file);
TACHIKOMA_BOUNDARY_INTERFACE(LoadSink, on_progress, on_notice);
TACHIKOMA_BOUNDARY_INTERFACE(ModelManager, load, unload, loaded, estimate, owns_its_models, applies_settings);
TACHIKOMA_BOUNDARY_INTERFACE(NameLookup, done, take);
TACHIKOMA_BOUNDARY_INTERFACE(NameResolver, start);
TACHIKOMA_BOUNDARY_INTERFACE(SelfDiagnosis, examine);
TACHIKOMA_BOUNDARY_INTERFACE(ServerLogSink, on_line);
TACHIKOMA_BOUNDARY_INTERFACE(ServerLog, follow);
TACHIKOMA_BOUNDARY_INTERFACE(Tokenizer, count_prompt_tokens, count_text_tokens);

}  // namespace tachikoma
