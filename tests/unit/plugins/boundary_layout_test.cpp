// SPDX-License-Identifier: MIT
#include "tachikoma/plugin/sdk/boundary_layout.hpp"

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;

namespace {

/// The layout for people: a line for each member.
class LayoutText {
 public:
  void item(std::string_view kind, std::string_view name, std::size_t size) {
    text_ += "\n\n" + std::string(kind) + " " + std::string(name) + " " + std::to_string(size);
  }
  void member(std::string_view name) { text_ += "\n  " + std::string(name) + ":"; }
  void word(std::string_view word) { text_ += " " + std::string(word); }
  void number(std::size_t number) { text_ += " " + std::to_string(number); }
  std::string finish() && { return text_.substr(2) + "\n"; }

 private:
  std::string text_;
};

/// Whether the members of `T` are named in the order in which they lie in memory.
template <class T>
bool members_are_in_order() {
  const T object{};
  const char* last = nullptr;
  bool in_order = true;
  detail::for_each_field<T>([&](const auto& field) {
    const auto* const at = reinterpret_cast<const char*>(&(object.*field.member));
    in_order = in_order && (!last || at > last);
    last = at;
  });
  return in_order;
}

/// The place of a virtual method in its vtable: a pointer to one holds it, by the Itanium ABI.
template <class Method>
std::ptrdiff_t vtable_place(Method method) {
  std::ptrdiff_t parts[2] = {};
  static_assert(sizeof method == sizeof parts);
  std::memcpy(parts, &method, sizeof parts);
#if defined(__aarch64__)
  return parts[0];
#else
  return parts[0] - 1;
#endif
}

/// Whether the methods of `T` that are named follow each other in its vtable.
template <class T>
bool methods_follow_each_other() {
  std::ptrdiff_t last = -1;
  bool follow = true;
  std::apply(
      [&](const auto&... each) {
        const auto look = [&](std::ptrdiff_t place) {
          follow = follow && (last < 0 || place == last + std::ptrdiff_t{sizeof(void*)});
          last = place;
        };
        (look(vtable_place(each.member)), ...);
      },
      tachikoma_methods(std::type_identity<T>{}).fields);
  return follow;
}

}  // namespace

TEST_CASE("the layout of the plugin boundary is the one that was reviewed", "[plugins][layout]") {
  LayoutText text;
  tell_layout(text);
  testing::check_golden("layout.txt", std::move(text).finish());
}

TEST_CASE("members that cross the plugin boundary are named in their order", "[plugins][layout]") {
  []<class... T>(detail::Types<T...>) {
    const auto check = [](std::string_view type, bool in_order) {
      INFO(type);
      CHECK(in_order);
    };
    (check(tachikoma_fields(std::type_identity<T>{}).type, members_are_in_order<T>()), ...);
  }(detail::BoundaryStructs{});
}

TEST_CASE("methods that cross the plugin boundary are named in the order of their vtables",
          "[plugins][layout]") {
  []<class... T>(detail::Types<T...>) {
    const auto check = [](std::string_view type, bool follow) {
      INFO(type);
      CHECK(follow);
    };
    (check(tachikoma_methods(std::type_identity<T>{}).type, methods_follow_each_other<T>()), ...);
  }(detail::BoundaryInterfaces{});
}

TEST_CASE("the layout's hash tells names, order and sizes apart", "[plugins][layout]") {
  const auto hash = [](auto... words) {
    detail::LayoutHash made;
    (made.word(words), ...);
    return made.value();
  };
  CHECK(hash("a", "b") == hash("a", "b"));
  CHECK(hash("a", "b") != hash("b", "a"));
  CHECK(hash("ab") != hash("a", "b"));
  detail::LayoutHash small, large;
  small.item("struct", "Usage", 64);
  large.item("struct", "Usage", 72);
  CHECK(small.value() != large.value());
}
