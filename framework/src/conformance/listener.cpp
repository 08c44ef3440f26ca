// SPDX-License-Identifier: MIT
#include "conformance/listener.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "plugins/contract.hpp"

namespace tachikoma::conformance {
namespace {

constexpr unsigned char kFence = 0xA5;

}  // namespace

Flow Listener::on_event(const ChatEvent& event) {
  if (!open_) {
    ++late_;
    return Flow::stop;
  }
  if (std::this_thread::get_id() != caller_) foreign_ = true;
  if (stopped_) ++ignored_;
  judge(event);
  const bool first = events_++ == 0;
  if (first && on_first_ && on_first_() == Flow::stop) stopped_ = true;
  return stopped_ ? Flow::stop : Flow::proceed;
}

void Listener::judge(const ChatEvent& event) {
  for (const std::string_view text : {event.text, event.id, event.name})
    if (!base::is_utf8(text)) bad_utf8_ = true;
  std::string bad = plugins::breach(event);
  if (event.kind == ChatEvent::Kind::delta && event.text.empty()) bad = "a delta without text";
  if (event.kind == ChatEvent::Kind::progress && !(event.fraction >= 0 && event.fraction <= 1))
    bad = "the progress " + std::to_string(event.fraction);
  const std::lock_guard lock(mutex_);
  if (bad_event_.empty()) bad_event_ = bad;
}

std::string Listener::bad_event() const {
  const std::lock_guard lock(mutex_);
  return bad_event_;
}

Call::Call(ChatRequest asked, std::function<Flow()> on_first)
    : request(std::move(asked)), listener(std::move(on_first)) {
  before.fill(kFence);
  after.fill(kFence);
}

bool Call::is_fenced() const {
  const auto is_whole = [](const std::array<unsigned char, 256>& fence) {
    return std::all_of(fence.begin(), fence.end(), [](unsigned char byte) { return byte == kFence; });
  };
  return is_whole(before) && is_whole(after);
}

Result<ChatOutcome> Call::run(Provider& provider) {
  const auto start = std::chrono::steady_clock::now();
  Result<ChatOutcome> outcome = provider.chat(request, listener, {cancellation, "check"});
  time = std::chrono::steady_clock::now() - start;
  listener.close();
  return outcome;
}

Call& new_call(const std::string& model, std::string text, std::function<Flow()> on_first) {
  ChatRequest request{.model = model, .messages = {{.text = std::move(text)}}};
  return *new Call(std::move(request), std::move(on_first));
}

std::string choose_model(Provider& provider) {
  CallCancellation never;
  auto* const catalog = static_cast<ModelCatalog*>(provider.capability(ModelCatalog::kId));
  if (!catalog) return "model";
  calling("list_models()");
  const Result<std::vector<ModelInfo>> models = catalog->list_models({never, "check"});
  if (!models || models->empty()) return "model";
  for (const ModelInfo& model : *models)
    if (model.kind != ModelKind::embedding && !model.instances.empty()) return model.instances.front().id;
  for (const ModelInfo& model : *models)
    if (model.kind != ModelKind::embedding) return model.key;
  return models->front().key;
}

}  // namespace tachikoma::conformance
