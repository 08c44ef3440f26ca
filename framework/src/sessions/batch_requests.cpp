// SPDX-License-Identifier: MIT
#include "sessions/batch_requests.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "base/try.hpp"

namespace tachikoma::sessions {
namespace {

/// A stop that two tokens request.
class EitherStop {
 public:
  EitherStop(std::stop_token first, std::stop_token second)
      : first_(std::move(first), [this] { source_.request_stop(); }),
        second_(std::move(second), [this] { source_.request_stop(); }) {}
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  const std::stop_callback<std::function<void()>> first_, second_;
};

class RequestsOfBatch final : public BatchWork {
 public:
  RequestsOfBatch(const BatchParts& parts, std::vector<TextRequest> requests)
      : parts_(parts), requests_(std::move(requests)), replies_(requests_.size()) {}

  const std::string& model(std::size_t request) const { return requests_[request].model; }

  void start(std::size_t request, std::stop_token stop, std::function<void()> done) override {
    TextRequest text = std::exchange(requests_[request], {});
    std::shared_ptr<EitherStop> either;
    if (text.stop.stop_possible()) {
      either = std::make_shared<EitherStop>(std::move(text.stop), std::move(stop));
      stop = either->token();
    }
    text.stop = std::move(stop);
    parts_.generator.start(
        {std::move(text)}, {},
        [this, request, either, done = std::move(done)](Result<Reply> reply) {
          replies_[request].emplace(std::move(reply));
          done();
        },
        parts_.owner);
  }

  Result<bool> end(std::size_t request, const std::optional<Error>& late) override {
    Result<Reply>& reply = *replies_[request];
    if (late && !reply && reply.error().code == ErrorCode::cancelled) reply = *late;
    return static_cast<bool>(reply);
  }

  std::vector<Result<Reply>> take(const std::optional<Error>& halted) {
    std::vector<Result<Reply>> replies;
    replies.reserve(replies_.size());
    for (std::optional<Result<Reply>>& reply : replies_)
      replies.push_back(reply ? *std::move(reply) : Result<Reply>(*halted));
    return replies;
  }

 private:
  const BatchParts& parts_;
  std::vector<TextRequest> requests_;  // each is released when it is begun
  std::vector<std::optional<Result<Reply>>> replies_;
};

}  // namespace

Result<std::vector<Result<Reply>>> batch_generate(const BatchParts& parts, std::vector<TextRequest> requests,
                                                  const BatchOptions& options) {
  const std::size_t total = requests.size();
  RequestsOfBatch work(parts, std::move(requests));
  const std::vector<BatchGroup> groups = group_by_model(
      parts.parts.registry, total, [&](std::size_t request) { return work.model(request); }, options.stop);
  TACHIKOMA_TRY(const std::optional<Error> halted,
                run_batch(groups, work, parts.management, options, {.total = total}));
  return work.take(halted);
}

}  // namespace tachikoma::sessions
