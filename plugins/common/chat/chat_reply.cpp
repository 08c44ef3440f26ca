// SPDX-License-Identifier: MIT
#include "common/chat/chat_reply.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "common/net/socket.hpp"
#include "common/net/tail_room.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::size_t kMaxDocument = 64 * 1024 * 1024;

Error stopped() { return Error(ErrorCode::cancelled, "the receiver stopped the answer"); }

}  // namespace

Flow ChatReply::on_head(const HttpHead& head) {
  status_ = head.status;
  retry_after_ = head.header("Retry-After");
  constexpr std::string_view kStream = "text/event-stream";
  announced_stream_ =
      base::same_ignoring_case(head.header("Content-Type").substr(0, kStream.size()), kStream);
  if (!head.ok()) form_ = Form::document;
  return Flow::proceed;
}

// Without what may be in front of any body: blanks, and a byte order mark, however it is cut.
std::string_view ChatReply::without_lead(std::string_view bytes) {
  while (!bytes.empty()) {
    const bool blank = std::string_view(" \t\r\n").find(bytes.front()) != std::string_view::npos;
    const bool mark =
        mark_bytes_ < base::kByteOrderMark.size() && bytes.front() == base::kByteOrderMark[mark_bytes_];
    if (!blank && !mark) break;
    if (mark) ++mark_bytes_;
    bytes.remove_prefix(1);
  }
  return bytes;
}

// Once the answer is there, the end of the stream is only awaited so that the connection can be kept. Before
// the mark of the end the usage may come, which a server sends at once or not at all.
std::optional<std::chrono::milliseconds> ChatReply::patience() const {
  if (decoder_.done()) return std::chrono::milliseconds(50);
  if (decoder_.complete()) return std::chrono::milliseconds(2000);
  return std::nullopt;
}

// The start of the body counts more than the Content-Type: servers get it wrong both ways.
void ChatReply::choose_form(char first) {
  const bool looks_like_events = first == 'd' || first == 'e' || first == ':';
  form_ = first != '{' && first != '<' && (announced_stream_ || looks_like_events) ? Form::stream
                                                                                   : Form::document;
}

Flow ChatReply::on_body(std::string_view bytes) {
  if (form_ == Form::unknown) {
    bytes = without_lead(bytes);
    if (bytes.empty()) return Flow::proceed;
    choose_form(bytes.front());
  }
  if (form_ == Form::stream) {
    if (between_events_) {
      while (const auto flow = decoder_.on_familiar(bytes))
        if (after_event(*flow) == Flow::stop || bytes.empty()) return *flow;
    }
    splitter_.feed(bytes);
    const Flow flow = read_events();
    between_events_ = splitter_.between_events() && undecided().empty();
    return flow;
  }
  too_large_ = document_.size() + bytes.size() > kMaxDocument;
  if (too_large_) return Flow::stop;
  if (document_.empty()) document_.reserve(bytes.size() + kTailRoom);
  document_ += bytes;
  return Flow::proceed;
}

Flow ChatReply::after_event(Flow flow) {
  stopped_ = flow == Flow::stop && !decoder_.failure();
  return flow;
}

Flow ChatReply::read_events() {
  while (const auto event = splitter_.next())
    if (take(*event) == Flow::stop) return Flow::stop;
  return splitter_.overflowed() ? Flow::stop : Flow::proceed;
}

Flow ChatReply::take(const StreamEvent& event) {
  const Flow flow = undecided().empty() ? decoder_.on_event(event) : Flow::proceed;
  if (undecided().empty()) return after_event(flow);
  keep(event);
  return too_large_ ? Flow::stop : Flow::proceed;
}

void ChatReply::keep(const StreamEvent& event) {
  kept_bytes_ += sizeof(KeptEvent) + event.type.size() + event.data.size();
  too_large_ = kept_bytes_ > kMaxDocument;
  KeptEvent kept{std::string(event.type), {}};
  kept.data.reserve(event.data.size() + kTailRoom);
  kept.data = event.data;
  kept_.push_back(std::move(kept));
}

Flow ChatReply::settle(bool same_model) {
  decoder_.settle(same_model);
  if (decoder_.failure()) return Flow::stop;
  kept_bytes_ = 0;
  for (const KeptEvent& event : std::exchange(kept_, {}))
    if (take({event.type, event.data}) == Flow::stop) return Flow::stop;
  return Flow::proceed;
}

void ChatReply::end_of_body(bool whole) {
  if (form_ == Form::stream && whole) {
    splitter_.finish();
    // an event without its empty line may be truncated: then the connection was cut inside it
    if (read_events() == Flow::stop && !decoder_.malformed()) return;
  } else if (form_ == Form::document && whole) {
    document_.reserve(document_.size() + kTailRoom);
    if (decoder_.on_document(document_) == Flow::stop) {
      stopped_ = !decoder_.failure() && undecided().empty();
      return;
    }
  }
  if (!undecided().empty()) return;
  stopped_ = decoder_.finish() == Flow::stop && !decoder_.failure();
}

std::string ChatReply::server() const { return "the server at " + std::string(facts_.request.base_url); }

Error ChatReply::cut_off(const Error& cause) const {
  if (status_ == 0) return cause;
  return Error(ErrorCode::model_lost, server() + " closed the connection in mid-answer",
               "ask again; the server's log says whether it stopped or crashed", because("cut"));
}

std::optional<Result<ChatOutcome>> ChatReply::finish(const Status& transport) {
  if (!transport &&
      (transport.error().code == ErrorCode::cancelled || transport.error().code == ErrorCode::protocol))
    return transport.error();
  if (stopped_) return stopped();
  if (status_ != 0 && (status_ < 200 || status_ >= 300))
    return error_from_reply(document_, status_, retry_after_, facts_.request);
  if (too_large_ || splitter_.overflowed())
    return Error(ErrorCode::limit_exceeded,
                 server() + " sent more at once than is read: an event of more than " +
                     std::to_string(EventStreamSplitter::kMaxEvent >> 20) + " MiB, or a reply of more than " +
                     std::to_string(kMaxDocument >> 20) + " MiB",
                 "look at what the server sends");
  const bool broken = decoder_.failure().has_value();
  if (!broken) end_of_body(bool(transport));
  if (!undecided().empty()) return std::nullopt;
  if (stopped_) return stopped();
  return outcome(transport, !broken && decoder_.malformed() && form_ == Form::stream);
}

// `torn`: the last input is only part of an event.
Result<ChatOutcome> ChatReply::outcome(const Status& transport, bool torn) {
  if (decoder_.failure() && !torn) return *decoder_.failure();
  if (decoder_.complete()) return decoder_.take_outcome();
  if (!transport) return cut_off(transport.error());
  if (form_ == Form::document) return decoder_.take_outcome();
  if (form_ == Form::stream) return cut_off({});
  return Error(
      ErrorCode::protocol,
      server() + " answered a chat with an empty reply (HTTP status " + std::to_string(status_) + ")",
      "check that base_url '" + std::string(facts_.request.base_url) + "' is where the API starts");
}

}  // namespace tachikoma::kit
