// SPDX-License-Identifier: MIT
#include "common/provider/async_chat.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "base/try.hpp"

namespace tachikoma::kit {

OpenAiCompatibleProvider::~OpenAiCompatibleProvider() = default;

Status OpenAiCompatibleProvider::start(const ChatRequest& request, AsyncChatSink& sink,
                                       const CallContext& context) {
  TACHIKOMA_TRY(AsyncCalls* const calls, async_calls());
  auto call = std::make_shared<AsyncCall>(*this, *calls, request, sink, context);
  std::shared_ptr<HttpClient> server = cached_client_for(request.model);
  if (!server || chat_form_waits(request)) return calls->preparer().add(std::move(call));
  TACHIKOMA_TRY(WrittenChat chat, write_chat(request, context));
  call->ready(std::move(server), std::move(chat));
  call->post();
  return Done{};
}

Result<OpenAiCompatibleProvider::AsyncCalls*> OpenAiCompatibleProvider::async_calls() {
  const std::lock_guard lock(async_mutex_);
  if (!async_calls_) {
    TACHIKOMA_TRY(std::unique_ptr<IoLoop> loop, IoLoop::start());
    async_calls_ = std::make_unique<AsyncCalls>(std::move(loop));
  }
  return async_calls_.get();
}

OpenAiCompatibleProvider::AsyncCall::AsyncCall(OpenAiCompatibleProvider& provider, AsyncCalls& calls,
                                               const ChatRequest& request, AsyncChatSink& sink,
                                               const CallContext& context)
    : Task(calls.loop()),
      provider_(provider),
      calls_(calls),
      request_(request),
      sink_(sink),
      context_(context) {}

void OpenAiCompatibleProvider::AsyncCall::ready(std::shared_ptr<HttpClient> server, WrittenChat chat) {
  server_ = std::move(server);
  chat_ = std::move(chat);
  prepared_ = true;
}

void OpenAiCompatibleProvider::AsyncCall::prepare() {
  if (verdict_ == Verdict::asked) return judge();
  try {
    Result<WrittenChat> chat = provider_.write_chat(request_, context_);
    Result<std::shared_ptr<HttpClient>> server =
        chat ? provider_.client_for(request_.model, context_) : chat.error();
    if (server) return ready(*std::move(server), *std::move(chat));
    failure_ = std::move(server).error();
  } catch (const std::exception& failure) {
    failure_ = Error(ErrorCode::internal, std::string("the call can't be prepared (") + failure.what() + ")");
  }
  prepared_ = true;
}

void OpenAiCompatibleProvider::AsyncCall::advance() {
  try {
    run();
  } catch (const std::exception& failure) {
    end(Error(ErrorCode::internal, std::string("the call can't continue (") + failure.what() + ")"));
  }
}

void OpenAiCompatibleProvider::AsyncCall::run() {
  if (!on_cancel_) on_cancel_.emplace(context_.cancellation, Waker{*this});
  if (!prepared_ && wait_for_preparation()) return;
  if (!exchange_ && !begin()) return;
  const Verdict verdict = verdict_;  // read once: it may be set at any time
  if (verdict == Verdict::same || verdict == Verdict::other) {
    verdict_ = Verdict::none;
    if (unwanted()) return end(Error(ErrorCode::cancelled, "cancelled"));
    if (reply_->settle(verdict == Verdict::same) == Flow::stop) transport_.emplace(Done{});
  }
  if (!transport_) transport_ = exchange_->advance();
  if (verdict == Verdict::asked) return await_verdict();
  if (!reply_->undecided().empty()) return ask_for_verdict();
  if (!transport_) return;
  std::optional<Result<ChatOutcome>> outcome = reply_->finish(*transport_);
  provider_.note_thinking_field(reply_->thinking_field());
  if (!outcome) return ask_for_verdict();
  if (!*outcome && ask_again(outcome->error())) return;
  if (!*outcome) return end(provider_.with_start_hint(std::move(*outcome).error(), *server_));
  end(*std::move(outcome));
}

bool OpenAiCompatibleProvider::AsyncCall::wait_for_preparation() {
  if (unwanted() && calls_.preparer().remove(*this)) end(Error(ErrorCode::cancelled, "cancelled"));
  return true;
}

// The reply names a model that may be the requested one under another name: only the server knows,
// and this thread must not wait.
void OpenAiCompatibleProvider::AsyncCall::ask_for_verdict() {
  served_ = reply_->undecided();
  verdict_ = Verdict::asked;
  if (Status added = calls_.preparer().add(std::static_pointer_cast<AsyncCall>(shared_from_this())); !added)
    end(std::move(added).error());
}

void OpenAiCompatibleProvider::AsyncCall::await_verdict() {
  if (unwanted() && calls_.preparer().remove(*this)) end(Error(ErrorCode::cancelled, "cancelled"));
}

void OpenAiCompatibleProvider::AsyncCall::judge() {
  bool same = false;
  try {
    same = provider_.is_same_model(facts_.request.model, served_, context_);
  } catch (const std::exception&) {
    // it can't be determined, so it counts as another model
  }
  verdict_ = same ? Verdict::same : Verdict::other;
}

bool OpenAiCompatibleProvider::AsyncCall::begin() {
  if (!adapted_.empty()) chat_.notices = {std::exchange(adapted_, {})};
  Status sent = failure_ ? Status(*failure_) : send_notices(chat_, sink_);
  if (!sent) {
    end(std::move(sent).error());
    return false;
  }
  facts_ = provider_.chat_facts(*server_, chat_);
  reply_.emplace(sink_, facts_);
  HttpEndpoint& endpoint = server_->endpoint();
  std::string head = endpoint.write_head(chat_post(*server_, chat_));
  exchange_.emplace(loop(), *this, endpoint, std::move(head), std::move(chat_.body), *reply_, context_);
  return true;
}

// Prepared anew, on the preparer's thread, if the server refuses what can be left out.
bool OpenAiCompatibleProvider::AsyncCall::ask_again(const Error& failure) {
  std::optional<std::string> notice = provider_.adapt(failure, chat_);
  if (!notice) return false;
  adapted_ = *std::move(notice);
  exchange_.reset();
  reply_.reset();
  transport_.reset();
  verdict_ = Verdict::none;
  prepared_ = false;
  if (Status added = calls_.preparer().add(std::static_pointer_cast<AsyncCall>(shared_from_this())); !added)
    end(std::move(added).error());
  return true;
}

void OpenAiCompatibleProvider::AsyncCall::end(Result<ChatOutcome> outcome) {
  if (std::exchange(ended_, true)) return;
  on_cancel_.reset();
  exchange_.reset();
  reply_.reset();
  loop().release(*this);
  sink_.on_end(std::move(outcome));
}

OpenAiCompatibleProvider::Preparer::~Preparer() {
  if (thread_.joinable()) thread_.join();
}

Status OpenAiCompatibleProvider::Preparer::add(std::shared_ptr<AsyncCall> call) {
  const std::lock_guard lock(mutex_);
  if (!working_) {
    if (thread_.joinable()) thread_.join();  // it has ended or is about to
    try {
      thread_ = std::thread([this] { work(); });
    } catch (const std::system_error& failure) {
      return Error(ErrorCode::overloaded,
                   std::string("can't start a thread for background calls (") + failure.what() + ")",
                   "raise the limit on threads (ulimit -u)");
    }
    working_ = true;
  }
  call->post();  // from now on it notices its cancellation
  waiting_.push_back(std::move(call));
  return Done{};
}

bool OpenAiCompatibleProvider::Preparer::remove(const AsyncCall& call) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(waiting_, [&](const auto& each) { return each.get() == &call; }) > 0;
}

void OpenAiCompatibleProvider::Preparer::work() {
  while (const std::shared_ptr<AsyncCall> call = next()) {
    call->prepare();
    call->post();
  }
}

std::shared_ptr<OpenAiCompatibleProvider::AsyncCall> OpenAiCompatibleProvider::Preparer::next() {
  const std::lock_guard lock(mutex_);
  working_ = !waiting_.empty();
  if (!working_) return nullptr;
  std::shared_ptr<AsyncCall> call = std::move(waiting_.front());
  waiting_.pop_front();
  return call;
}

}  // namespace tachikoma::kit
