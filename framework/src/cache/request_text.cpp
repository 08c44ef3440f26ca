// SPDX-License-Identifier: MIT
// Each struct is taken apart into all of its members, so that a new one does not compile before it is here.
#include "cache/request_text.hpp"

#include <optional>

#include <sys/stat.h>

#include "base/generation_settings.hpp"
#include "base/load_settings.hpp"
#include "cache/packed.hpp"

namespace tachikoma::cache {
namespace {

template <class T>
void write_number(PackedWriter& writer, T number) {
  writer.number(static_cast<std::uint64_t>(number));
}

void write(PackedWriter& writer, const ToolCall& call) {
  const auto& [id, name, arguments] = call;
  for (const std::string* each : {&id, &name, &arguments}) writer.text(*each);
}

void write(PackedWriter& writer, const Image& image) {
  const auto& [mime_type, bytes] = image;
  writer.text(mime_type);
  writer.text(bytes);
}

void write(PackedWriter& writer, const Message& message);
void write(PackedWriter& writer, const ToolSpec& tool);

template <class T>
void write(PackedWriter& writer, const std::vector<T>& list) {
  writer.number(list.size());
  for (const T& each : list) write(writer, each);
}

void write(PackedWriter& writer, const Message& message) {
  const auto& [role, text, tool_calls, tool_call_id, reasoning, images, extra] = message;
  write_number(writer, role);
  for (const std::string* each : {&text, &tool_call_id, &reasoning}) writer.text(*each);
  write(writer, tool_calls);
  write(writer, images);
  writer.value(extra);
}

void write(PackedWriter& writer, const ToolSpec& tool) {
  const auto& [name, description, parameters] = tool;
  writer.text(name);
  writer.text(description);
  writer.value(parameters);
}

void write(PackedWriter& writer, const std::optional<ToolChoice>& choice) {
  write_number(writer, choice.has_value());
  if (!choice) return;
  const auto& [mode, name] = *choice;
  write_number(writer, mode);
  writer.text(name);
}

void write(PackedWriter& writer, const std::optional<bool>& flag) {
  write_number(writer, flag ? 1 + *flag : 0);
}

void write(PackedWriter& writer, const ChatRequest& chat) {
  const auto& [model, messages, tools, tool_choice, parallel_tool_calls, response_schema, settings] = chat;
  (void)model;  // the target's
  write(writer, messages);
  write(writer, tools);
  write(writer, tool_choice);
  write(writer, parallel_tool_calls);
  writer.value(response_schema);
  writer.value(base::to_value(settings));
}

// Another file may have come to its place.
void write_file(PackedWriter& writer, const std::string& path) {
  struct stat status = {};
  const bool there = path.starts_with('/') && ::stat(path.c_str(), &status) == 0;
  write_number(writer, there ? status.st_size : 0);
  write_number(writer, there ? status.st_mtim.tv_sec : 0);
  write_number(writer, there ? status.st_mtim.tv_nsec : 0);
}

}  // namespace

std::string text_of(const FirstRequest& request) {
  PackedWriter writer;
  writer.text(request.provider);
  writer.text(request.target.model());
  writer.text(request.target.found->key);
  write_file(writer, request.target.found->key);
  writer.value(base::to_value(request.target.load()));
  write(writer, request.chat);
  writer.number(request.max_steps);
  for (const ToolSpec& tool : request.chat.tools) write_number(writer, request.runs(tool.name));
  return writer.take();
}

}  // namespace tachikoma::cache
