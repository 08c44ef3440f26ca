// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/model_downloader.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"
#include "tachikoma/plugin/registrar.hpp"

/// The identity block of a plugin: constant data in an ELF note (owner "TACHIKOMA", type 1). The host reads
/// it from the file and checks it before any code of the plugin can run. `tachikoma_add_plugin()` writes it;
/// authors never touch this header.

#if defined(_LIBCPP_VERSION)
#define TACHIKOMA_STDLIB "libc++"
#elif defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
#define TACHIKOMA_STDLIB "libstdc++-cxx11"
#else
#define TACHIKOMA_STDLIB "libstdc++-old-string"
#endif
#ifdef _GLIBCXX_DEBUG
#define TACHIKOMA_DEBUG_CONTAINERS ";glibcxx-debug"
#else
#define TACHIKOMA_DEBUG_CONTAINERS ""
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TACHIKOMA_SANITIZER ";asan"
#elif __has_feature(thread_sanitizer)
#define TACHIKOMA_SANITIZER ";tsan"
#endif
#endif
#ifndef TACHIKOMA_SANITIZER
#if defined(__SANITIZE_ADDRESS__)
#define TACHIKOMA_SANITIZER ";asan"
#elif defined(__SANITIZE_THREAD__)
#define TACHIKOMA_SANITIZER ";tsan"
#else
#define TACHIKOMA_SANITIZER ""
#endif
#endif

namespace tachikoma {

/// 0: host and plugin must be built from the same headers; the layout hash enforces it.
inline constexpr std::uint32_t kPluginAbi = 0;

/// The build properties that decide the layout of standard types; compared as text.
inline constexpr char kFingerprint[] = TACHIKOMA_STDLIB TACHIKOMA_DEBUG_CONTAINERS TACHIKOMA_SANITIZER;

/// A hash over the sizes of all types that cross the plugin boundary. Catches a changed type when the ABI
/// number was not raised.
inline constexpr std::uint32_t kLayout = [] {
  std::uint32_t hash = 2166136261u;
  for (std::size_t size : {sizeof(Value),
                           sizeof(Member),
                           sizeof(Error),
                           sizeof(Result<Value>),
                           sizeof(ToolCall),
                           sizeof(Image),
                           sizeof(Message),
                           sizeof(ToolSpec),
                           sizeof(ToolChoice),
                           sizeof(LogitBias),
                           sizeof(GenerationSettings),
                           sizeof(ChatRequest),
                           sizeof(Usage),
                           sizeof(ChatOutcome),
                           sizeof(ChatEvent),
                           sizeof(CallContext),
                           sizeof(ModelInstance),
                           sizeof(ModelInfo),
                           sizeof(Embeddings),
                           sizeof(Health),
                           sizeof(LoadSettings),
                           sizeof(LoadedModel),
                           sizeof(ModelStatus),
                           sizeof(MemoryEstimate),
                           sizeof(DownloadRequest),
                           sizeof(DownloadProgress),
                           sizeof(Downloaded),
                           sizeof(Hardware),
                           sizeof(Finding),
                           sizeof(MonitorEvent)})
    hash = (hash ^ static_cast<std::uint32_t>(size)) * 16777619u;
  return hash;
}();

inline constexpr char kNoteOwner[12] = "TACHIKOMA";
inline constexpr std::uint32_t kNoteType = 1;

/// The fixed part of the note's descriptor; UTF-8 JSON follows it, padded with zero bytes.
struct NoteHeader {
  std::uint32_t abi = kPluginAbi;
  std::uint32_t layout = kLayout;
  char fingerprint[64] = {};
};

/// A complete note, as stored in the file.
template <std::size_t N>
struct Note {
  std::uint32_t owner_size = 10;
  std::uint32_t descriptor_size = sizeof(NoteHeader) + N;
  std::uint32_t type = kNoteType;
  char owner[12] = "TACHIKOMA";
  NoteHeader header;
  char json[N] = {};
};

template <std::size_t N>
consteval auto make_note(const char (&json)[N]) {
  Note<(N + 3) / 4 * 4> note;
  for (std::size_t i = 0; i < sizeof kFingerprint; ++i) note.header.fingerprint[i] = kFingerprint[i];
  for (std::size_t i = 0; i < N; ++i) note.json[i] = json[i];
  return note;
}

}  // namespace tachikoma

// alignas: a compiler may align large constants to 32 bytes, and a note segment must be aligned to 4.
#define TACHIKOMA_PLUGIN_NOTE(JSON)                                                               \
  [[gnu::used, gnu::section(".note.tachikoma")]] alignas(4) constinit const auto tachikoma_note = \
      ::tachikoma::make_note(JSON)
