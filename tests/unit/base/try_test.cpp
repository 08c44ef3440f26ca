// SPDX-License-Identifier: MIT
#include "base/try.hpp"

#include <memory>
#include <string>

#include "support/catch.hpp"

using namespace tachikoma;

namespace {

int call_count = 0;

Result<std::unique_ptr<int>> make(int number) {
  ++call_count;
  if (number < 0) return Error(ErrorCode::invalid_argument, std::to_string(number));
  return std::make_unique<int>(number);
}

Status check(int number) {
  ++call_count;
  if (number < 0) return Error(ErrorCode::invalid_argument, std::to_string(number));
  return Done{};
}

Result<int> sum(int a, int b) {
  TACHIKOMA_TRY(const std::unique_ptr<int> first, make(a));
  TACHIKOMA_TRY(std::unique_ptr<int> second, make(b));
  return *first + *second;
}

Result<std::unique_ptr<int>> last(int a, int b) {
  TACHIKOMA_TRY(auto made, make(a));
  TACHIKOMA_TRY(made, make(b));
  return made;
}

Status check_all(int a, int b) {
  if (a == 0)
    TACHIKOMA_TRY_STATUS(make(b));
  else
    TACHIKOMA_TRY_STATUS(check(a));
  for (int each = a; each < b; ++each) TACHIKOMA_TRY_STATUS(check(each - 2));
  return Done{};
}

}  // namespace

TEST_CASE("a call that fails ends the function, with its error", "[try]") {
  CHECK(sum(1, 2).value() == 3);
  CHECK(sum(-1, 2).error().message == "-1");
  CHECK(sum(1, -2).error().message == "-2");
  CHECK(sum(1, -2).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("a call is made once", "[try]") {
  call_count = 0;
  CHECK(sum(1, 2));
  CHECK(call_count == 2);
  CHECK_FALSE(sum(-1, 2));
  CHECK(call_count == 3);
}

TEST_CASE("a variable that is there already takes the value too", "[try]") {
  CHECK(**last(1, 2) == 2);
  CHECK(last(1, -2).error().message == "-2");
}

TEST_CASE("a call without a value is one statement", "[try]") {
  CHECK(check_all(3, 5));
  CHECK(check_all(0, -1).error().message == "-1");
  CHECK(check_all(-3, 5).error().message == "-3");
  CHECK(check_all(1, 2).error().message == "-1");
}
