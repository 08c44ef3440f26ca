// SPDX-License-Identifier: MIT
#include "models/model_chain.hpp"

#include "calls/backoff.hpp"
#include "models/generation_settings.hpp"

namespace tachikoma::models {

async::Task<Status> ModelChain::start() { return go_on(); }

async::Task<Status> ModelChain::fall_back(Error why) {
  const bool lacks_it = why.code == ErrorCode::model_not_found || why.code == ErrorCode::model_mismatch;
  if (lacks_it && !target_.unlisted.empty()) {
    why.message += "; " + target_.unlisted;
    registry_.forget_list(target_.provider->id);  // it may have been right
  }
  failures_.push_back(std::move(why));
  return go_on();
}

// Tries the names from the first that has not failed.
async::Task<Status> ModelChain::go_on() {
  while (failures_.size() < names_.size() && (failures_.empty() || calls::may_fall_back(failures_.back()))) {
    const std::string& name = names_[failures_.size()];
    std::optional<Result<ResolvedModel>> found = registry_.resolve_known(name);
    if (!found) {
      async::BlockingWork job(request_.execution, lookups_, request_.cancellation,
                              [&] { found = registry_.resolve(name, request_.cancellation.token()); });
      co_await job;
    }
    if (!found) found.emplace(Error(ErrorCode::cancelled, "the call for '" + name + "' was cancelled"));
    Result<ResolvedModel>& model = *found;
    if (!model) {
      failures_.push_back(std::move(model).error());
      if (request_.cancellation.requested()) break;
      continue;
    }
    std::optional<std::string> lost = registry_.audit().known(*model, providers_);
    if (!lost) {
      async::BlockingWork job(request_.execution, lookups_, request_.cancellation, [&] {
        lost = registry_.audit().find_out(*model, providers_, request_.cancellation.token());
      });
      co_await job;
    }
    target_ = {*providers_.find(model->provider),  model->name,
               merged(settings_, model->settings), std::move(model->load),
               std::move(model->notice),           lost.value_or("")};
    if (target_.settings.ttl) target_.load.ttl = target_.settings.ttl;  // for a model that the request loads
    if (!failures_.empty()) request_.write_log(Severity::warning, *target_.provider, fallback_notice());
    co_return Done{};
  }
  co_return failure();
}

std::vector<std::string> ModelChain::notices() const {
  std::vector<std::string> all{fallback_notice(), target_.unlisted, target_.lost_settings};
  std::erase(all, "");
  return all;
}

std::string ModelChain::fallback_notice() const {
  if (failures_.empty()) return {};
  return "'" + names_[failures_.size()] + "' was asked instead of '" + names_.front() +
         "': " + failures_.front().message;
}

Error ModelChain::failure() const {
  Error error = failures_.front();
  for (std::size_t i = 1; i < failures_.size(); ++i)
    error.message += "; '" + names_[i] + "' in its place: " + failures_[i].message;
  return error;
}

}  // namespace tachikoma::models
