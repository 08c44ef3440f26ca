// SPDX-License-Identifier: MIT
#include "common/chat/llamacpp_chunks.hpp"

namespace tachikoma::kit {

void LlamaCppChunks::start() {
  stop_type_ = {};
  stops_ = false;
}

std::optional<bool> LlamaCppChunks::read(std::string_view key, Json& value) {
  if (key == "prompt_progress") return read_progress(value);
  if (key == "timings") {
    facts_.timings = json_.object_text(value);
    facts_.has_figures = true;
  } else if (key == "stop") {
    facts_.is_answer = !value.get_bool().get(stops_);
  } else if (key == "stop_type") {
    stop_type_ = json_.string_of(value);
  } else if (key.starts_with("stopped_")) {  // servers from before 2025
    bool stopped = false;
    if (!value.get_bool().get(stopped) && stopped) stop_type_ = key.substr(key.find('_') + 1);
  } else if (key == "tokens_evaluated") {
    read_count(value, facts_.usage.prompt_tokens);
    facts_.has_figures = true;
  } else if (key == "tokens_predicted") {
    read_count(value, facts_.usage.completion_tokens);
    facts_.has_figures = true;
  } else {
    return std::nullopt;
  }
  return true;
}

void LlamaCppChunks::settle() {
  if (!stops_) return;
  facts_.finish_reason = stop_type_;
  facts_.ends_answer = true;
}

bool LlamaCppChunks::read_progress(Json& value) {
  simdjson::ondemand::object progress;
  if (value.get_object().get(progress)) return true;
  double total = 0;
  double processed = 0;
  if (!progress["total"].get_double().get(total) && !progress["processed"].get_double().get(processed) &&
      total > 0 && processed >= 0 && processed <= total) {
    facts_.progress = processed / total;
    facts_.progressing = "prompt";
  }
  return true;
}

}  // namespace tachikoma::kit
