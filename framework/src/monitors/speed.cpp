// SPDX-License-Identifier: MIT
#include "monitors/speed.hpp"

#include "base/sourced.hpp"

namespace tachikoma::monitors {
namespace {

/// A shorter time says more about buffers on the way than about the model.
constexpr std::chrono::milliseconds kShortest{100};
/// How far the number of tokens after the first piece may be uncertain in a measurement.
constexpr double kCertain = 0.9;

}  // namespace

Sourced<double> Arrivals::speed(std::optional<std::int64_t> tokens) const {
  if (pieces_ == 0) return base::unknown<double>("no token came");
  if (!tokens) return base::unknown<double>("the server did not report its completion tokens");
  if (pieces_ == first_pieces_) return base::unknown<double>("the whole answer came at once");
  if (last_ - first_end_ < kShortest)
    return base::unknown<double>("too few tokens came after the first to measure a speed");
  const double seconds = std::chrono::duration<double>(last_ - first_end_).count();
  // each piece has at least one token, and the first as many as the others leave
  const auto least = static_cast<double>(pieces_ - first_pieces_);
  const double most = static_cast<double>(*tokens) - static_cast<double>(first_pieces_);
  if (most >= least && least >= kCertain * most)
    return {most / seconds, Source::measured,
            "completion tokens reported by the server after the first, by the time that they took"};
  const double later =
      bytes_ == 0 ? 0 : static_cast<double>(bytes_ - first_bytes_) / static_cast<double>(bytes_);
  if (*tokens < 2 || later <= 0)
    return base::unknown<double>("too few tokens came after the first to measure a speed");
  return {static_cast<double>(*tokens) * later / seconds, Source::estimated,
          "completion tokens reported by the server, by the share of the text after its first piece, and the "
          "time that it took"};
}

Sourced<double> combined(Sourced<double> a, double tokens_a, Sourced<double> b, double tokens_b) {
  const bool lacks_b = !b || b.value <= 0 || tokens_b <= 0;
  if (!a || (!lacks_b && (a.value <= 0 || tokens_a <= 0))) return b;
  if (lacks_b) return a;
  Sourced<double>& weaker = a.source > b.source ? a : b;  // they are in the order of their certainty
  return {(tokens_a + tokens_b) / (tokens_a / a.value + tokens_b / b.value), weaker.source,
          std::move(weaker.basis)};
}

}  // namespace tachikoma::monitors
