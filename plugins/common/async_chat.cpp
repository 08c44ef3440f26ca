// SPDX-License-Identifier: MIT
#include "common/async_chat.hpp"

#include <exception>
#include <system_error>
#include <utility>

namespace tachikoma::kit {

void OpenAiCompatibleProvider::AsyncCall::advance() {
  try {
    run();
  } catch (const std::exception& failure) {
    end(Error(ErrorCode::internal, std::string("the call could not go on (") + failure.what() + ")"));
  }
}

void OpenAiCompatibleProvider::AsyncCall::run() {
  if (!on_cancel_ && !begin()) return;
  if (!exchange_ && !find_server()) return;
  std::optional<Status> transport = exchange_->advance();
  if (!transport) return;
  Result<ChatOutcome> outcome = reply_->finish(*transport);
  if (!outcome) return end(provider_.with_start_hint(std::move(outcome).error(), *server_));
  end(std::move(outcome));
}

bool OpenAiCompatibleProvider::AsyncCall::begin() {
  on_cancel_.emplace(context_.cancellation, Waker{*this});
  if (Status told = tell_notices(chat_, sink_); !told) {
    end(std::move(told).error());
    return false;
  }
  return true;
}

bool OpenAiCompatibleProvider::AsyncCall::find_server() {
  if (context_.cancellation.requested() && !leads_search_) {
    end(Error(ErrorCode::cancelled, "cancelled"));
    return false;
  }
  if (searching_) return false;
  server_ = provider_.client_at_hand();
  if (!server_) {
    searching_ = true;
    leads_search_ = calls_.search(provider_, *this);
    return false;
  }
  facts_ = provider_.chat_facts(*server_, chat_);
  reply_.emplace(sink_, facts_);
  HttpEndpoint& endpoint = server_->endpoint();
  exchange_.emplace(loop(), *this, endpoint, endpoint.write(chat_post(chat_)), *reply_, context_);
  chat_.body = std::string();  // the exchange has it
  return true;
}

void OpenAiCompatibleProvider::AsyncCall::on_search_end(const std::optional<Error>& failure) {
  if (ended_) return;
  const bool led = std::exchange(leads_search_, false);
  searching_ = false;
  // that of the call whose cancellation ended the search is no concern of the others: they search again
  const bool own = led || !failure || failure->code != ErrorCode::cancelled;
  if (failure && own) return end(*failure);
  advance();
}

void OpenAiCompatibleProvider::AsyncCall::end(Result<ChatOutcome> outcome) {
  if (std::exchange(ended_, true)) return;
  on_cancel_.reset();
  exchange_.reset();
  reply_.reset();
  loop().release(*this);
  sink_.on_end(std::move(outcome));
}

void OpenAiCompatibleProvider::ServerSearch::start() {
  thread_ = std::thread([this] { search(); });
}

void OpenAiCompatibleProvider::ServerSearch::search() {
  try {
    const Result<std::shared_ptr<HttpClient>> found = provider_.client(context_);
    if (!found) failure_ = found.error();
  } catch (const std::exception& failure) {
    failure_ =
        Error(ErrorCode::internal, std::string("the search for the server failed (") + failure.what() + ")");
  }
  done_ = true;
  post();
}

void OpenAiCompatibleProvider::ServerSearch::advance() {
  if (!done_) return;
  thread_.join();
  calls_.end_search();
  loop().release(*this);
  for (const std::shared_ptr<AsyncCall>& call : waiting_) call->on_search_end(failure_);
}

bool OpenAiCompatibleProvider::AsyncCalls::search(OpenAiCompatibleProvider& provider, AsyncCall& call) {
  const bool leads = !search_;
  if (leads) {
    auto search = std::make_shared<ServerSearch>(provider, *this, call.context());
    search->start();
    search_ = std::move(search);
  }
  search_->add(std::static_pointer_cast<AsyncCall>(call.shared_from_this()));
  return leads;
}

Result<OpenAiCompatibleProvider::AsyncCalls*> OpenAiCompatibleProvider::async_calls() {
  const std::lock_guard lock(async_mutex_);
  if (!async_calls_) {
    Result<std::unique_ptr<IoLoop>> loop = IoLoop::start();
    if (!loop) return std::move(loop).error();
    async_calls_ = std::make_unique<AsyncCalls>(*std::move(loop));
  }
  return async_calls_.get();
}

Status OpenAiCompatibleProvider::start(const ChatRequest& request, AsyncChatSink& sink,
                                       const CallContext& context) {
  Result<PreparedChat> chat = prepare(request);
  if (!chat) return std::move(chat).error();
  const Result<AsyncCalls*> calls = async_calls();
  if (!calls) return calls.error();
  std::make_shared<AsyncCall>(*this, **calls, *std::move(chat), sink, context)->post();
  return Done{};
}

OpenAiCompatibleProvider::~OpenAiCompatibleProvider() = default;

}  // namespace tachikoma::kit
