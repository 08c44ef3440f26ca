// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "tachikoma/plugin/sdk/boundary_fields.hpp"

namespace tachikoma {

namespace detail {

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsSourced = false;
template <class T>
inline constexpr bool kIsSourced<Sourced<T>> = true;
template <class T>
inline constexpr bool kIsDuration = false;
template <class R, class P>
inline constexpr bool kIsDuration<std::chrono::duration<R, P>> = true;

/// Tells `out` the form of a member: what it is, and its size. Structs are told by their names alone.
template <class T, class Out>
constexpr void tell_form(Out& out) {
  if constexpr (kIsOptional<T>) {
    out.word("optional");
    tell_form<typename WithoutOptional<T>::Type>(out);
  } else if constexpr (kIsVector<T>) {
    out.word("vector");
    tell_form<typename T::value_type>(out);
  } else if constexpr (Described<T>) {
    out.word(tachikoma_fields(std::type_identity<T>{}).type);
    if constexpr (kIsSourced<T>) tell_form<decltype(T::value)>(out);
  } else if constexpr (DescribedEnum<T>) {
    out.word("enum");
    for (const auto& each : tachikoma_enumerators(std::type_identity<T>{})) {
      out.word(each.name);
      out.number(static_cast<std::size_t>(each.value));
    }
  } else if constexpr (kIsDuration<T>) {
    out.word("duration");
    out.number(static_cast<std::size_t>(T::period::den));
  } else if constexpr (std::is_same_v<T, std::chrono::system_clock::time_point>) {
    out.word("time");
  } else if constexpr (std::is_same_v<T, std::string>) {
    out.word("string");
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    out.word("string_view");
  } else if constexpr (std::is_same_v<T, Value>) {
    out.word("Value");
  } else if constexpr (std::is_same_v<T, bool>) {
    out.word("bool");
  } else if constexpr (std::is_floating_point_v<T>) {
    out.word("real");
  } else {
    static_assert(std::is_integral_v<T>, "a member has a type whose form is not told");
    out.word(std::is_signed_v<T> ? "signed" : "unsigned");
  }
  out.number(sizeof(T));
}

template <class R, class... A>
constexpr std::size_t parameters(std::type_identity<R(A...)>) {
  return sizeof...(A);
}
template <class R, class... A>
constexpr std::size_t parameters(std::type_identity<R(A...) const>) {
  return sizeof...(A);
}

template <class T, class Out>
constexpr void tell_struct(Out& out) {
  constexpr auto list = tachikoma_fields(std::type_identity<T>{});
  out.item("struct", list.type, sizeof(T));
  std::apply(
      [&]<class... F>(const F&... each) { ((out.member(each.name), tell_form<typename F::Type>(out)), ...); },
      list.fields);
}

template <class T, class Out>
constexpr void tell_interface(Out& out) {
  constexpr auto list = tachikoma_methods(std::type_identity<T>{});
  out.item("interface", list.type, sizeof(T));
  std::apply(
      [&]<class... F>(const F&... each) {
        ((out.member(each.name), out.number(parameters(std::type_identity<typename F::Type>{}))), ...);
      },
      list.fields);
}

/// The FNV-1a hash of what it is told.
class LayoutHash {
 public:
  constexpr void item(std::string_view kind, std::string_view name, std::size_t size) {
    word(kind);
    word(name);
    number(size);
  }
  constexpr void member(std::string_view name) { word(name); }
  constexpr void word(std::string_view text) {
    for (const char c : text) add(static_cast<unsigned char>(c));
    add(0);
  }
  constexpr void number(std::size_t value) {
    for (int byte = 0; byte < 8; ++byte) add(static_cast<unsigned char>(value >> (8 * byte)));
  }
  constexpr std::uint32_t value() const { return value_; }

 private:
  constexpr void add(unsigned char byte) { value_ = (value_ ^ byte) * 16777619u; }
  std::uint32_t value_ = 2166136261u;
};

template <class... T>
struct Types {};

using BoundaryStructs =
    Types<Member, Error, ToolCall, Image, Message, ToolSpec, ToolChoice, LogitBias, GenerationSettings,
          ChatRequest, Usage, ChatOutcome, ChatEvent, ModelInstance, ModelInfo, Embeddings, Health, GpuLayers,
          LoadSettings, LoadRequest, UnappliedSetting, LoadedModel, ModelStatus, MemoryEstimate,
          DownloadRequest, DownloadProgress, Downloaded, Gpu, Hardware, Finding, ToolUse, MonitorEvent>;
using BoundaryInterfaces =
    Types<Component, Provider, Tool, Monitor, Host, Registrar, Cancellation, PhaseListener, ChatSink,
          AsyncChatSink, AsyncChat, Embedder, HardwareSurvey, HealthCheck, ModelCatalog, DownloadSink,
          ModelDownloader, ModelFiles, LoadSink, ModelManager, NameLookup, NameResolver, SelfDiagnosis,
          ServerLogSink, ServerLog, Tokenizer>;

}  // namespace detail

/// Tells `out` all that crosses the plugin boundary: structs with their members, then interfaces with their
/// methods. `out` has the members of `detail::LayoutHash`, without `value`.
template <class Out>
constexpr void tell_layout(Out& out) {
  [&]<class... T>(detail::Types<T...>) { (detail::tell_struct<T>(out), ...); }(detail::BoundaryStructs{});
  [&]<class... T>(detail::Types<T...>) {
    (detail::tell_interface<T>(out), ...);
  }(detail::BoundaryInterfaces{});
}

/// A hash over the layout: names, order, types and sizes of members, values of enums, order of methods and
/// the number of their parameters. The same for every compiler that lays them out alike.
inline constexpr std::uint32_t kBoundaryLayout = [] {
  detail::LayoutHash hash;
  tell_layout(hash);
  return hash.value();
}();

}  // namespace tachikoma
