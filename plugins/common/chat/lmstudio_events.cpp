// SPDX-License-Identifier: MIT
#include "common/chat/lmstudio_events.hpp"

namespace tachikoma::kit {

void LmStudioEvents::start() {
  type_ = reason_ = tool_ = {};
  progress_ = 0;
}

std::optional<bool> LmStudioEvents::read(std::string_view key, Json& value) {
  if (key == "type") {
    type_ = json_.string_of(value);
  } else if (key == "model_instance_id") {
    facts_.model = json_.string_of(value);
  } else if (key == "progress") {
    if (value.get_double().get(progress_)) progress_ = -1;
  } else if (key == "stats") {
    facts_.stats = json_.object_text(value);
    facts_.has_figures = true;
  } else if (key == "reason") {
    reason_ = json_.string_of(value);
  } else if (key == "metadata") {
    return read_metadata(value);
  } else if (key == "output") {
    return read_output(value);
  } else if (key == "result") {
    return read_result(value);
  } else {
    return std::nullopt;
  }
  return true;
}

void LmStudioEvents::settle() {
  if (type_ == "reasoning.delta") {
    facts_.thinking = facts_.content;
    facts_.content = {};
  } else if (type_ == "tool_call.failure") {
    facts_.refused = {tool_, reason_};
  } else if (type_ == "chat.end") {
    facts_.items.clear();  // the stream has sent them already
    facts_.ends_answer = facts_.ends_stream = true;
  }
  settle_progress("model_load.", "load");
  settle_progress("prompt_processing.", "prompt");
}

void LmStudioEvents::settle_progress(std::string_view start, std::string_view what) {
  if (!type_.starts_with(start)) return;
  const std::string_view stage = type_.substr(start.size());
  const double fraction = stage == "end" ? 1 : stage == "start" ? 0 : progress_;
  if (!(fraction >= 0 && fraction <= 1)) return;
  facts_.progress = fraction;
  facts_.progressing = what;
}

// The whole reply, at the end of a stream.
bool LmStudioEvents::read_result(Json& value) {
  simdjson::ondemand::object result;
  if (value.get_object().get(result)) return true;
  return for_each_member(result, [&](std::string_view key, Json& field) {
    const bool repeated = key == "output" || key == "model_instance_id" || key == "stats";
    return !repeated || read(key, field).value_or(true);
  });
}

bool LmStudioEvents::read_output(Json& value) {
  simdjson::ondemand::array output;
  if (value.get_array().get(output)) return true;
  facts_.is_answer = facts_.speaks = true;
  for (auto each : output) {
    simdjson::ondemand::object item;
    if (each.get_object().get(item) || !read_item(item)) return false;
  }
  return true;
}

bool LmStudioEvents::read_item(simdjson::ondemand::object& item) {
  std::string_view type, content;
  std::string_view text;
  if (item.raw_json().get(text) || item.reset().error()) return false;
  ChunkFacts::Item read;
  const bool sound = for_each_member(item, [&](std::string_view key, Json& field) {
    if (key == "type") {
      type = json_.string_of(field);
    } else if (key == "content") {
      content = json_.string_of(field);
    } else if (key == "reason") {
      read.refused.reason = json_.string_of(field);
    } else if (key == "metadata") {
      if (!read_metadata(field)) return false;
      read.refused.tool = tool_;
    }
    return true;
  });
  if (!sound) return false;
  if (type == "tool_call") {
    facts_.server_calls.push_back(text);
    return true;
  }
  if (type != "invalid_tool_call") read.refused = {};
  if (type == "reasoning") read.thinking = content;
  if (type == "message") read.content = content;
  facts_.items.push_back(read);
  return true;
}

bool LmStudioEvents::read_metadata(Json& value) {
  simdjson::ondemand::object metadata;
  if (value.get_object().get(metadata)) return true;
  return for_each_member(metadata, [&](std::string_view key, Json& field) {
    if (key == "tool_name") tool_ = json_.string_of(field);
    return true;
  });
}

}  // namespace tachikoma::kit
