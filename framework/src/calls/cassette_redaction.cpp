// SPDX-License-Identifier: MIT
#include "calls/cassette_redaction.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/secrets.hpp"

namespace tachikoma::calls {
namespace {

/// The pieces of one text, in the order in which they came.
class PiecedText {
 public:
  void add(RecordedEvent& event) {
    whole_ += event.text;
    pieces_.push_back(&event);
  }

  void hide(const std::vector<std::string>& secrets) const {
    if (base::without_secrets(whole_, secrets) == whole_) return;
    for (const std::string& secret : secrets) hide(secret, secrets);
  }

 private:
  // From the last to the first: what is in front of a secret keeps its place.
  void hide(const std::string& secret, const std::vector<std::string>& secrets) const {
    std::string text;
    for (const RecordedEvent* piece : pieces_) text += piece->text;
    if (base::without_secrets(secret, secrets) == secret) return;  // too short to be hidden
    for (std::size_t at = text.rfind(secret); at != std::string::npos;
         at = at < secret.size() ? std::string::npos : text.rfind(secret, at - secret.size()))
      cut(at, secret.size());
  }

  // Replaces that part of the text: in the piece where it begins.
  void cut(std::size_t begin, std::size_t size) const {
    std::size_t start = 0;
    bool shown = false;
    for (RecordedEvent* piece : pieces_) {
      const std::size_t end = start + piece->text.size();
      const std::size_t from = std::max(begin, start), to = std::min(begin + size, end);
      if (from < to) {
        piece->text.replace(from - start, to - from, shown ? "" : base::kHidden);
        shown = true;
      }
      start = end;
    }
  }

  std::string whole_;
  std::vector<RecordedEvent*> pieces_;
};

void redact(std::vector<RecordedEvent>& events, const std::vector<std::string>& secrets) {
  std::map<std::tuple<ChatEvent::Kind, Channel, std::uint32_t>, PiecedText> texts;
  for (RecordedEvent& event : events) {
    if (event.kind == ChatEvent::Kind::delta || event.kind == ChatEvent::Kind::tool_call)
      texts[{event.kind, event.channel, event.index}].add(event);
    else
      event.text = base::without_secrets(std::move(event.text), secrets);
    event.id = base::without_secrets(std::move(event.id), secrets);
    event.name = base::without_secrets(std::move(event.name), secrets);
  }
  for (const auto& [of, text] : texts) text.hide(secrets);
  std::erase_if(events, [](const RecordedEvent& event) {  // a delta is never empty
    return event.kind == ChatEvent::Kind::delta && event.text.empty();
  });
}

}  // namespace

void redact(Interaction& interaction, const std::vector<std::string>& secrets) {
  interaction.asked = base::without_secrets(interaction.asked, secrets);
  interaction.answer = base::without_secrets(interaction.answer, secrets);
  redact(interaction.events, secrets);
  if (!interaction.error) return;
  Error& error = *interaction.error;
  for (std::string* text : {&error.message, &error.hint})
    *text = base::without_url_secrets(base::without_secrets(std::move(*text), secrets));
  error.detail = base::without_secrets(error.detail, secrets);
}

}  // namespace tachikoma::calls
