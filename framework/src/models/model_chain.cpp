// SPDX-License-Identifier: MIT
#include "models/model_chain.hpp"

#include <functional>

#include "calls/backoff.hpp"
#include "models/generation_settings.hpp"

namespace tachikoma::models {

async::Task<Status> ModelChain::start() { return go_on(); }

async::Task<Status> ModelChain::fall_back(Error why) {
  const bool lacks_it = why.code == ErrorCode::model_not_found || why.code == ErrorCode::model_mismatch;
  if (lacks_it && !target_.found->notice.empty()) {
    why.message += "; " + target_.found->notice;
    registry_.forget_list(target_.provider->id);  // it may have been right
  }
  failures_.push_back(std::move(why));
  return go_on();
}

// Tries the names from the first that has not failed.
async::Task<Status> ModelChain::go_on() {
  while (failures_.size() <= fallbacks_.size() &&
         (failures_.empty() || calls::may_fall_back(failures_.back()))) {
    const std::string& name = this->name();
    std::optional<Result<KnownNames::Model>> found = registry_.resolve_known(name);
    if (!found) {
      async::BlockingWork job(request_.execution, lookups_, request_.cancellation, [&] {
        Result<ResolvedModel> model = registry_.resolve(name, request_.cancellation.token());
        if (model)
          found.emplace(std::make_shared<const ResolvedModel>(*std::move(model)));
        else
          found.emplace(std::move(model).error());
      });
      co_await job;
    }
    if (!found) found.emplace(Error(ErrorCode::cancelled, "the call for '" + name + "' was cancelled"));
    if (!*found) {
      failures_.push_back(std::move(*found).error());
      if (request_.cancellation.requested()) break;
      continue;
    }
    const KnownNames::Model& model = **found;
    std::optional<std::string> lost = registry_.audit().known(*model, providers_);
    if (!lost) {
      async::BlockingWork job(request_.execution, lookups_, request_.cancellation, [&] {
        lost = registry_.audit().find_out(*model, providers_, request_.cancellation.token());
      });
      co_await job;
    }
    target_.provider = *providers_.find(model->provider);
    target_.found = model;
    target_.settings = merged(settings_, model->settings);
    target_.own_load.reset();
    if (target_.settings.ttl) {  // for a model that the request loads
      target_.own_load = model->load;
      target_.own_load->ttl = target_.settings.ttl;
    }
    target_.lost_settings = std::move(lost).value_or("");
    if (!failures_.empty()) request_.write_log(Severity::warning, *target_.provider, fallback_notice());
    co_return Done{};
  }
  co_return failure();
}

std::vector<std::string> ModelChain::notices() const {
  std::vector<std::string> all;
  if (!failures_.empty()) all.push_back(fallback_notice());
  for (const std::string& each : {std::cref(target_.found->notice), std::cref(target_.lost_settings)})
    if (!each.empty()) all.push_back(each);
  return all;
}

std::string ModelChain::fallback_notice() const {
  return "'" + name() + "' was asked instead of '" + first_ + "': " + failures_.front().message;
}

Error ModelChain::failure() const {
  Error error = failures_.front();
  for (std::size_t i = 1; i < failures_.size(); ++i)
    error.message += "; '" + fallbacks_[i - 1] + "' in its place: " + failures_[i].message;
  return error;
}

}  // namespace tachikoma::models
