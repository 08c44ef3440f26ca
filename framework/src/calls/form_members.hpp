// SPDX-License-Identifier: MIT
#pragma once

// The members of the structs that a cassette has, with their names there.

#include <type_traits>

#include "calls/cassette_form.hpp"

namespace tachikoma::calls {

/// Calls `visit(name, member)` for every member. The bindings name each of them: a struct that got another
/// one does not compile here until that has its name in cassettes too.
template <class Visit>
void for_each_member(Usage& of, const Visit& visit) {
  auto& [prompt, completion, reasoning, cached] = of;
  visit("prompt_tokens", prompt);
  visit("completion_tokens", completion);
  visit("reasoning_tokens", reasoning);
  visit("cached_tokens", cached);
}

template <class T, class Visit>
void for_each_member(Sourced<T>& of, const Visit& visit) {
  auto& [value, source, basis] = of;
  visit("value", value);
  visit("source", source);
  visit("basis", basis);
}

template <class Visit>
void for_each_member(ChatOutcome& of, const Visit& visit) {
  auto& [finish, usage, served_model, extra, speed, prompt_speed] = of;
  visit("finish", finish);
  visit("usage", usage);
  visit("served_model", served_model);
  visit("extra", extra);
  visit("tokens_per_second", speed);
  visit("prompt_tokens_per_second", prompt_speed);
}

template <class Visit>
void for_each_member(Embeddings& of, const Visit& visit) {
  auto& [vectors, usage, served_model] = of;
  visit("vectors", vectors);
  visit("usage", usage);
  visit("served_model", served_model);
}

template <class Visit>
void for_each_member(ModelInstance& of, const Visit& visit) {
  auto& [id, context_length] = of;
  visit("id", id);
  visit("context_length", context_length);
}

template <class Visit>
void for_each_member(ModelInfo& of, const Visit& visit) {
  auto& [key, aliases, variants, display_name, publisher, architecture, quantization, format, kind, state,
         instances, path, size_bytes, max_context_length, vision, tool_use, reasoning_options, extra] = of;
  visit("key", key);
  visit("aliases", aliases);
  visit("variants", variants);
  visit("display_name", display_name);
  visit("publisher", publisher);
  visit("architecture", architecture);
  visit("quantization", quantization);
  visit("format", format);
  visit("kind", kind);
  visit("state", state);
  visit("instances", instances);
  visit("path", path);
  visit("size_bytes", size_bytes);
  visit("max_context_length", max_context_length);
  visit("vision", vision);
  visit("tool_use", tool_use);
  visit("reasoning_options", reasoning_options);
  visit("extra", extra);
}

template <class Visit>
void for_each_member(Error& of, const Visit& visit) {
  auto& [code, message, hint, retryable, http_status, detail] = of;
  visit("code", code);
  visit("message", message);
  visit("hint", hint);
  visit("retryable", retryable);
  visit("http_status", http_status);
  visit("detail", detail);
}

template <class Visit>
void for_each_member(RecordedEvent& of, const Visit& visit) {
  auto& [at_us, kind, channel, index, fraction, text, id, name] = of;
  visit("at_us", at_us);
  visit("kind", kind);
  visit("channel", channel);
  visit("index", index);
  visit("fraction", fraction);
  visit("id", id);
  visit("name", name);
  visit("text", text);
}

template <class Visit>
void for_each_member(Interaction& of, const Visit& visit) {
  auto& [request, question, asked, events, answer, error, cancelled, took_us] = of;
  visit("request", request);
  visit("question", question);
  visit("asked", asked);
  visit("events", events);
  visit("answer", answer);
  visit("error", error);
  visit("cancelled", cancelled);
  visit("took_us", took_us);
}

template <class Visit>
void for_each_member(CassetteHead& of, const Visit& visit) {
  auto& [cassette, provider, plugin, lists_models, lists_every_model, embeds, counts_tokens] = of;
  visit("cassette", cassette);
  visit("provider", provider);
  visit("plugin", plugin);
  visit("lists_models", lists_models);
  visit("lists_every_model", lists_every_model);
  visit("embeds", embeds);
  visit("counts_tokens", counts_tokens);
}

}  // namespace tachikoma::calls
