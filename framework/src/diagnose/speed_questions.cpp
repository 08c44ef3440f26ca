// SPDX-License-Identifier: MIT
#include "diagnose/speed_questions.hpp"

#include <chrono>
#include <utility>

#include "base/sourced.hpp"
#include "diagnose/findings.hpp"
#include "diagnose/suggestions.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"

namespace tachikoma::diagnose {
namespace {

constexpr std::int64_t kMeasuredTokens = 64;

// Long enough that the time for reading it stands out from the rest.
constexpr char kPrompt[] =
    "The lighthouse keeper wrote down the weather every evening. On Monday there was fog until noon, and "
    "then a light wind from the west. On Tuesday the wind turned to the north and brought rain that did not "
    "end "
    "before night. On Wednesday the sea was calm, two ships went by, and the keeper mended the stairs. On "
    "Thursday a storm broke a window of the lantern room, and the lamp was lit two hours late. On Friday the "
    "glass was put in again, and the sky was clear. Retell this week, day by day, in your own words.";

// A server keeps what it has read: only a prompt that begins as none did before has to be read as a whole.
std::string fresh_prompt() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()) + ": " + kPrompt;
}

Sourced<double> reading_speed(const Reply& reply) {
  if (reply.metrics.prompt_tokens_per_second) return reply.metrics.prompt_tokens_per_second;
  if (!reply.usage.prompt_tokens) return base::unknown<double>("the server did not report its prompt tokens");
  const std::int64_t cached = reply.usage.cached_tokens.value_or(0);
  const std::int64_t read = *reply.usage.prompt_tokens - cached;
  if (read < *reply.usage.prompt_tokens / 2)
    return base::unknown<double>("the server had " + std::to_string(cached) + " of " +
                                 std::to_string(*reply.usage.prompt_tokens) + " prompt tokens in its cache");
  const double seconds = std::chrono::duration<double>(reply.metrics.time_to_first_token.value).count();
  if (!reply.metrics.time_to_first_token || seconds <= 0) return base::unknown<double>("no token came");
  return {static_cast<double>(read) / seconds, Source::measured,
          "tokens of a new prompt reported by the server, by the measured time to the first token"};
}

void measure(ProviderExamination& exam) {
  if (!why_not_measured(exam).empty()) return;
  const Result<Reply> reply =
      exam.parts.generator.generate({{.model = exam.provider.id + "::" + exam.diagnosis.model,
                                      .messages = {user(fresh_prompt())},
                                      .settings = {.max_tokens = kMeasuredTokens, .temperature = 0},
                                      .stop = exam.stop}},
                                    {});
  if (!reply) {
    const Error& error = reply.error();
    if (error.code != ErrorCode::cancelled)
      exam.report(
          finding_of(generation_finding(error), error, "an answer of at most 64 tokens was requested"));
    return;
  }
  exam.diagnosis.time_to_first_token = reply->metrics.time_to_first_token;
  exam.diagnosis.tokens_per_second = reply->metrics.tokens_per_second;
  exam.diagnosis.prompt_tokens_per_second = reading_speed(*reply);
}

// Falls back to the server's own averages if nothing was measured.
void take_reported_speeds(ProviderExamination& exam) {
  const ModelStatus& status = exam.facts.status;
  const auto fall_back = [](Sourced<double>& speed, const Sourced<double>& average) {
    if (!speed && average) speed = average;
  };
  fall_back(exam.diagnosis.tokens_per_second, status.tokens_per_second);
  fall_back(exam.diagnosis.prompt_tokens_per_second, status.prompt_tokens_per_second);
}

void suggest_faster(ProviderExamination& exam) {
  exam.facts.tokens_per_second = exam.diagnosis.tokens_per_second;
  exam.facts.prompt_tokens_per_second = exam.diagnosis.prompt_tokens_per_second;
  if (!exam.facts.tokens_per_second || exam.facts.tokens_per_second.value >= kSlow) return;
  exam.facts.loaded_by = exam.loaded_by();
  const auto survey = [](HardwareSurvey& it, const CallContext& context) { return it.survey(context); };
  const auto hardware = exam.ask<HardwareSurvey, Hardware>(exam.question_limit(), survey);
  // the survey is of the server's machine
  if (hardware && *hardware && exam.facts.status.device.empty()) exam.facts.hardware = **hardware;
  for (Finding& finding : suggest(exam.facts)) exam.report(std::move(finding));
}

}  // namespace

std::string why_not_measured(const ProviderExamination& exam) {
  if (exam.diagnosis.model.empty()) return "not measured: " + exam.no_model;
  if (exam.facts.model.kind == ModelKind::embedding) return "an embedding model generates nothing";
  const Activity activity = exam.facts.status.activity.value;
  if (activity != Activity::unknown && activity != Activity::idle)
    return "not measured: the model is busy with another request";
  return {};
}

void examine_speed(ProviderExamination& exam) {
  if (exam.options.measure) measure(exam);
  take_reported_speeds(exam);
  suggest_faster(exam);
}

}  // namespace tachikoma::diagnose
