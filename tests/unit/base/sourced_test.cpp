// SPDX-License-Identifier: MIT
#include "base/sourced.hpp"

#include "support/catch.hpp"

using namespace tachikoma;

TEST_CASE("a figure that nobody knows has its reason", "[sourced]") {
  const Sourced<std::int64_t> figure = base::unknown("the server is off");
  CHECK_FALSE(figure);
  CHECK(figure.basis == "the server is off");
  CHECK(base::source_of(figure) == "the server is off");
  CHECK_FALSE(base::unknown<double>("it does not say"));
}

TEST_CASE("what somebody says is a figure, and what he does not say is none", "[sourced]") {
  const auto said = base::said_by<std::int64_t>("the log", 7, "how many layers there are");
  CHECK(said == Sourced<std::int64_t>{7, Source::reported, "the log"});
  CHECK(base::source_of(said) == "reported: the log");
  CHECK(base::said_by<std::int64_t>("the log", std::nullopt, "how many layers there are") ==
        base::unknown("the log does not say how many layers there are"));
}

TEST_CASE("the source of a figure without a basis is its kind", "[sourced]") {
  CHECK(base::source_of(Sourced<double>{1.5, Source::measured}) == "measured");
}
