// SPDX-License-Identifier: MIT
#include "base/utf8.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"

using namespace tachikoma::base;

namespace {
constexpr std::string_view kSamples[] = {"plain",      "grüße 🙂 €", "\xF0\x9F\x99",
                                         "a\xC0\x80z", "\xED\xA0\x80",     "\xF4\x90\x80\x80",
                                         "x\xE2\x82",  "\xE2\x28\xA1",     "ok\xFFok\xFE\xF0\x9F\x99\x82"};
}

TEST_CASE("invalid UTF-8 is replaced run by run, as Unicode recommends", "[utf8]") {
  CHECK(repair_utf8("grüße 🙂") == "grüße 🙂");
  CHECK(repair_utf8("a\xFFz") == "a\uFFFDz");
  CHECK(repair_utf8("\xF0\x9F\x99") == "\uFFFD");
  CHECK(repair_utf8("\xE2\x82z") == "\uFFFDz");
  CHECK(repair_utf8("\xC0\x80") == "\uFFFD\uFFFD");
  CHECK(repair_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("text that arrives in pieces is repaired as if it came whole, however it is cut", "[utf8]") {
  for (const std::string_view sample : kSamples)
    for (std::size_t first = 0; first <= sample.size(); ++first)
      for (std::size_t second = first; second <= sample.size(); ++second) {
        Utf8Repairer repairer;
        std::string out;
        for (const std::string_view piece :
             {sample.substr(0, first), sample.substr(first, second - first), sample.substr(second)}) {
          const std::string_view text = repairer.push(piece);
          CHECK(is_utf8(text));
          out += text;
        }
        out += repairer.finish();
        INFO(sample << " cut at " << first << " and " << second);
        CHECK(out == repair_utf8(sample));
      }
}

TEST_CASE("a prefix is cut between characters", "[utf8]") {
  CHECK(utf8_prefix("grüße", 10) == "grüße");
  CHECK(utf8_prefix("grüße", 4) == "grü");
  CHECK(utf8_prefix("grüße", 3) == "gr");
  CHECK(utf8_prefix("🙂", 3) == "");
  CHECK(utf8_prefix("", 0) == "");
  for (const std::string_view sample : {"grüße 🙂 €", "€€€", "🙂🙂"})
    for (std::size_t limit = 0; limit <= sample.size() + 1; ++limit) {
      const std::string_view prefix = utf8_prefix(sample, limit);
      INFO(sample << " within " << limit);
      CHECK(is_utf8(prefix));
      CHECK(prefix.size() <= limit);
      CHECK(prefix.size() + 3 >= std::min(limit, sample.size()));
    }
}

TEST_CASE("what is not UTF-8 is cut at the limit", "[utf8]") {
  const std::string noise(100, '\x80');
  CHECK(utf8_prefix(noise, 50).size() == 50);
  CHECK(utf8_prefix(noise, 2).size() == 2);
}

TEST_CASE("characters are counted, not bytes", "[utf8]") {
  CHECK(count_characters("") == 0);
  CHECK(count_characters("grüße 🙂") == 7);
}
