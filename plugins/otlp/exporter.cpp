// SPDX-License-Identifier: MIT
#include "otlp/exporter.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "otlp/metrics_json.hpp"
#include "otlp/retry_pause.hpp"

namespace tachikoma::otlp {
namespace {

// So many spans are one request, and wait for no interval.
constexpr std::size_t kBatch = 256;
constexpr std::size_t kBatchBytes = 1024 * 1024;

std::string spans(std::uint64_t count) { return count == 1 ? "1 span" : std::to_string(count) + " spans"; }

}  // namespace

Exporter::Exporter(Options options, std::unique_ptr<Receiver> receiver, const kit::Measurements& measured,
                   Host& host)
    : options_(std::move(options)),
      traces_(trace_envelope(options_.service, options_.instance)),
      metrics_(metric_envelope(options_.service, options_.instance)),
      measured_(measured),
      host_(host),
      receiver_(std::move(receiver)),
      next_(Clock::now() + options_.interval),
      thread_([this] { run(); }) {}

Exporter::~Exporter() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  cancellation_.request();
  thread_.join();
}

void Exporter::add(std::string span) {
  {
    const std::lock_guard lock(mutex_);
    if (spans_.size() >= options_.buffer) {
      ++lost_;
      ++unreported_;
      return;
    }
    spans_.push_back(std::move(span));
    if (spans_.size() != kBatch) return;
  }
  changed_.notify_all();
}

Status Exporter::flush(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const std::uint64_t goal = ++flushes_;
  changed_.notify_all();
  overdue_ = !changed_.wait_for(lock, overdue_ ? limit.zero() : limit, [&] { return flushed_ >= goal; });
  const std::uint64_t lost = std::exchange(unreported_, 0);
  const bool said = std::exchange(said_waiting_, spans_.size()) == spans_.size();
  if (lost == 0 && (said || spans_.empty())) return Done{};
  return Error(ErrorCode::unreachable,
               "of the spans for '" + receiver_->url() + "', " + std::to_string(spans_.size()) +
                   " could not be delivered yet, and " + std::to_string(lost) + " were lost",
               "see that the receiver runs and can be reached at 'endpoint'");
}

void Exporter::wait_for_work(std::unique_lock<std::mutex>& lock) {
  while (!ending_ && flushes_ == flushed_) {
    const Clock::time_point now = Clock::now();
    const bool many = spans_.size() >= kBatch;
    const Clock::time_point due = std::max(many ? now : next_, not_before_);
    if (due <= now) return;
    changed_.wait_until(lock, due);
  }
}

void Exporter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wait_for_work(lock);
    if (ending_) return;
    const std::uint64_t goal = flushes_;
    const bool flushing = goal != flushed_;
    lock.unlock();
    if (send_all(flushing)) report_recovery();
    lock.lock();
    next_ = Clock::now() + options_.interval;
    flushed_ = goal;
    overdue_ = false;
    changed_.notify_all();
  }
}

// True if the receiver has taken everything.
bool Exporter::send_all(bool flushing) {
  const Progress spans = send_spans();
  if (spans == Progress::stuck) return false;
  const std::uint64_t recorded = measured_.recorded();
  const bool nothing_new = recorded == delivered_;  // said at each interval, but not by each flush
  if (!options_.metrics || recorded == 0 || (flushing && nothing_new)) return spans == Progress::done;
  if (!send_metrics()) return false;
  delivered_ = recorded;
  return spans == Progress::done;
}

// The first spans, which stay there; empty: none.
std::string Exporter::next_batch(std::size_t& count) {
  const std::lock_guard lock(mutex_);
  std::string batch;
  for (count = 0; count < std::min(kBatch, spans_.size()); ++count) {
    if (count > 0 && batch.size() + spans_[count].size() > kBatchBytes) break;
    batch += (count > 0 ? "," : "") + spans_[count];
  }
  return batch;
}

Exporter::Progress Exporter::send_spans() {
  Progress progress = Progress::done;
  std::size_t count = 0;
  for (std::string batch; !(batch = next_batch(count)).empty();) {
    const Delivery sent =
        receiver_->send("/v1/traces", traces_.before + batch + traces_.after, cancellation_);
    if (!conclude(sent, count)) progress = Progress::lossy;
    if (sent.kind == Delivery::Kind::later) return Progress::stuck;
    const std::lock_guard lock(mutex_);
    spans_.erase(spans_.begin(), spans_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return progress;
}

bool Exporter::send_metrics() {
  std::string list;
  const auto now = std::chrono::system_clock::now();
  for (const kit::Metric& metric : measured_.read())
    list += (list.empty() ? "" : ",") + base::to_json(metric_of(metric, start_, now));
  return conclude(receiver_->send("/v1/metrics", metrics_.before + list + metrics_.after, cancellation_), 0);
}

// Counts what of so many spans is lost; true if nothing was wrong.
bool Exporter::conclude(const Delivery& delivery, std::size_t count) {
  const bool later = delivery.kind == Delivery::Kind::later;
  failures_ = later ? failures_ + 1 : 0;
  if (delivery.reason.empty()) return true;
  const double chance = std::uniform_real_distribution<>(0, 1)(numbers_);
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return false;  // that is why
    if (later) not_before_ = Clock::now() + retry_pause(failures_, delivery.retry_after, chance);
    const std::uint64_t rejected =
        std::min(static_cast<std::uint64_t>(delivery.rejected), std::uint64_t{count});
    const std::uint64_t lost = delivery.kind == Delivery::Kind::refused ? count : rejected;
    lost_ += lost;
    unreported_ += lost;
  }
  if (std::exchange(trouble_, delivery.kind) != delivery.kind)
    host_.log(Severity::warning, "'" + receiver_->url() + "' does not take the telemetry: " +
                                     delivery.reason + (later ? "; it is tried again" : ""));
  return false;
}

void Exporter::report_recovery() {
  std::uint64_t lost = 0;
  {
    const std::lock_guard lock(mutex_);
    lost = std::exchange(lost_, 0);
  }
  if (std::exchange(trouble_, std::nullopt))
    host_.log(Severity::info, "'" + receiver_->url() + "' takes the telemetry again; lost: " + spans(lost));
  else if (lost > 0)
    host_.log(Severity::warning, "lost: " + spans(lost) + ", because more than " +
                                     std::to_string(options_.buffer) + " waited to be sent");
}

}  // namespace tachikoma::otlp
