# Every third-party library, who may use it, and why. Nothing here reaches a public header.
find_package(Threads REQUIRED)

# framework/base, plugins/common: JSON text to values, and streamed chunks without building a DOM
find_package(simdjson REQUIRED)

# framework/base: databases. The header alone: the library is opened when a program uses one.
find_package(SQLite3 REQUIRED)

# framework/src/plugins: opens shared libraries. Headers only; std::filesystem in place of Boost's.
find_package(Boost 1.74 REQUIRED)

# framework/src/config, tools/lmstudio-sim: YAML with positions
find_package(yaml-cpp REQUIRED)
if(NOT TARGET yaml-cpp::yaml-cpp)  # 0.7 has only the plain name
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# framework/src/schema: patterns of JSON Schemas, in time linear in the text (std::regex overflows the stack on long
# texts and takes exponential time on some patterns). Debian's package brings no CMake files of its own.
find_package(PkgConfig REQUIRED)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)

# plugins/prometheus: the text format. By pkg-config, because its CMake files want what only its other parts need. Its HTTP
# server is not used: it changes what SIGPIPE does in the whole process.
pkg_check_modules(prometheus_cpp REQUIRED IMPORTED_TARGET prometheus-cpp-core)

# plugins/prometheus: the HTTP server. plugins/common/poco: TLS, WebSockets, redirects, dates. tools/lmstudio-sim: the HTTP server
find_package(Poco REQUIRED CONFIG COMPONENTS Foundation Net NetSSL)

if(TACHIKOMA_TOOLS)
  # tools: command-line parsing, in one translation unit per tool (it takes ten seconds to compile)
  find_package(CLI11 REQUIRED)

  # tools/tachikoma: Markdown on a terminal. A parser of 60 kB that needs nothing else; by pkg-config, because the names in its CMake
  # files have changed.
  pkg_check_modules(md4c REQUIRED IMPORTED_TARGET md4c)

  # tools/tachikoma: lines that are edited in `tachikoma chat`. The header alone: the library is opened when a chat
  # begins on a terminal, because linked it would make every command start half a millisecond later.
  pkg_check_modules(libedit REQUIRED libedit)

  # tools/lmstudio-sim: JSON. It judges what the product reads and writes, so it shares no JSON code with it.
  find_package(Poco REQUIRED CONFIG COMPONENTS JSON)
endif()
