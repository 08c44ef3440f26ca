// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tachikoma::monitors {

/// How times are distributed, in at most 17 KiB: they are counted in buckets, whose middle is at most 1 %
/// from each of their times. Those below a microsecond are in one bucket, as nothing.
class TimeHistogram {
 public:
  using Time = std::chrono::nanoseconds;

  void add(Time time) {
    const std::size_t bucket = bucket_of(time);
    if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
    ++buckets_[bucket];
    ++count_;
    sum_ += static_cast<double>(time.count());
    max_ = std::max(max_, time);
  }

  std::uint64_t count() const { return count_; }
  /// These are exact; of none they are zero.
  Time mean() const { return in_time(count_ == 0 ? 0 : sum_ / static_cast<double>(count_)); }
  Time max() const { return max_; }
  /// The least of the times that at least this share of them, from 0 to 1, does not exceed: within 1 %, or
  /// within a microsecond if it is shorter than that.
  Time percentile(double share) const {
    const double rank = std::max(1.0, std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
      seen += buckets_[bucket];
      if (static_cast<double>(seen) >= rank)
        return in_time(std::min(middle_of(bucket), static_cast<double>(max_.count())));
    }
    return max_;
  }

 private:
  static constexpr double kError = 0.009;  // 1 %, less what is lost to whole nanoseconds
  static constexpr double kWidth = (1 + kError) / (1 - kError);  // the end of a bucket, by its begin
  static constexpr double kLeast = 1000;                         // nanoseconds: the begin of bucket 1

  static std::size_t bucket_of(Time time) {
    const auto nanoseconds = static_cast<double>(time.count());
    if (nanoseconds < kLeast) return 0;
    return 1 + static_cast<std::size_t>(std::log(nanoseconds / kLeast) / std::log(kWidth));
  }
  static double middle_of(std::size_t bucket) {
    return bucket == 0 ? 0 : kLeast * std::pow(kWidth, static_cast<double>(bucket - 1)) * (1 + kError);
  }
  static Time in_time(double nanoseconds) { return Time(static_cast<Time::rep>(nanoseconds)); }

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  double sum_ = 0;  // nanoseconds: a million of generations at a time would exceed an integer in hours
  Time max_{0};
};

}  // namespace tachikoma::monitors
