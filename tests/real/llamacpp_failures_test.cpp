// SPDX-License-Identifier: MIT
// Why a model can't be loaded or asked, each reason with a real server: its code, its words and the next step
// are in tests/golden/llamacpp/failures.txt.
#include <cctype>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "real/launched_world.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
namespace fs = std::filesystem;

namespace {

/// What went wrong, as it is told, with paths and numbers of bytes taken out.
class Told {
 public:
  explicit Told(const LaunchedWorld& world) : folder_(world.folder.path().string()) {}

  template <class T>
  void add(const std::string& what, const Result<T>& result) {
    INFO(what);
    REQUIRE_FALSE(result);
    const Error& error = result.error();
    text_ += "# " + what + "\n" + std::string(to_string(error.code)) + ": " + masked(error.message) +
             "\n  hint: " + masked(error.hint) + "\n\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::string masked(std::string text) const {
    text = replace_all(std::move(text), folder_, "FOLDER");
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
      out += end - at > 3 ? "N" : text.substr(at, end == at ? 1 : end - at);
      at = end == at ? at + 1 : end;
    }
    return out;
  }

  const std::string folder_;
  std::string text_;
};

void copy_cut(const LaunchedWorld& world, const std::string& name, std::uintmax_t size) {
  fs::copy_file(world.file("alpha"), world.file(name));
  fs::resize_file(world.file(name), size);
}

}  // namespace

TEST_CASE("Every file that is no model is refused in words of its own", "[real][llamacpp][failures]") {
  const LaunchedWorld world({{"alpha"}, {"strange", {"--architecture", "frobnicator"}}});
  const std::string whole = read_file(world.file("alpha"));
  copy_cut(world, "cut-header", 15);
  copy_cut(world, "cut-metadata", 600);
  copy_cut(world, "cut-tensors", whole.find("output_norm.weight") + 4);
  copy_cut(world, "cut-data", whole.size() / 2);
  copy_cut(world, "empty", 0);
  fs::create_directory(world.file("folder"));
  fs::create_symlink("nowhere", world.file("dangling"));
  world.folder.write("models/text.gguf", "Once upon a time there was a model");
  world.folder.write("models/old.gguf", "tjgg" + std::string(64, '\1'));
  Runtime runtime = world.open();
  Told told(world);
  for (const char* name : {"cut-header", "cut-metadata", "cut-tensors", "cut-data", "empty", "folder",
                           "dangling", "text", "old", "strange", "absent"})
    told.add(name, runtime.load_model(name));
  told.add("a path that is not there", runtime.load_model(world.file("absent")));
  CHECK(world.servers().empty());
  check_golden("llamacpp/bad_files.txt", told.text());
}

TEST_CASE("What a model can't do is refused in words of its own", "[real][llamacpp][failures]") {
  const LaunchedWorld world({{"alpha"}, {"mistemplated", {"--template", "{% for message in %}"}}});
  Told told(world);
  Runtime runtime = world.open();
  told.add("experts of a model without", runtime.load_model("alpha", {.experts = 4}));
  told.add("a cache type that does not fit", runtime.load_model("alpha", {.cache_type_k = "q8_0"}));
  told.add("a template that is none",
           runtime.generate_text({.model = "mistemplated", .messages = {user("Hi")}}));
  REQUIRE(runtime.load_model("alpha", {.context_length = 256, .parallel = 1}));
  told.add("a prompt longer than the context",
           runtime.generate_text({.messages = {user(std::string(4000, 'x'))}}));
  const std::string limited = world.script("limited", "#!/bin/sh\nulimit -v 3000000\nexec '{real}' \"$@\"\n");
  told.add("a context larger than memory",
           world.open({.server = limited})
               .load_model("alpha", {.context_length = 8'000'000, .extra = Value::object({{"fit", "off"}})}));
  check_golden("llamacpp/failures.txt", told.text());
}

namespace {

/// A control group with little memory, where this machine lets us make one.
class SmallGroup {
 public:
  SmallGroup() {
    for (const char* root : {"/sys/fs/cgroup/memory", "/sys/fs/cgroup"}) {
      path_ = fs::path(root) / ("tachikoma-test-" + std::to_string(::getpid()));
      std::error_code failed;
      if (!fs::create_directory(path_, failed)) continue;
      for (const char* limit : {"memory.limit_in_bytes", "memory.max"}) {
        std::ofstream out(path_ / limit);
        if (fs::exists(path_ / limit) && out << (200 << 20) << std::flush) return;
      }
      fs::remove(path_, failed);
    }
    path_.clear();
  }
  ~SmallGroup() {
    std::error_code failed;
    comes_true(std::chrono::seconds(20), [&] { return path_.empty() || ::rmdir(path_.c_str()) == 0; });
  }
  bool there() const { return !path_.empty(); }
  std::string processes() const { return (path_ / "cgroup.procs").string(); }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("A model that the system kills for want of memory does not fit", "[real][llamacpp][failures]") {
  const SmallGroup group;
  if (!group.there()) {
    WARN("SKIPPED: no control group with a memory limit can be made here");
    return;
  }
  const LaunchedWorld world({{"alpha"}});
  const std::string limited =
      world.script("limited", "#!/bin/sh\necho $$ >" + group.processes() + "\nexec '{real}' \"$@\"\n");
  Runtime runtime = world.open({.server = limited});
  const Error error =
      runtime.load_model("alpha", {.context_length = 2'000'000, .extra = Value::object({{"fit", "off"}})})
          .error();
  CHECK(error.code == ErrorCode::insufficient_memory);
  CHECK(error.message ==
        "'alpha' can't be loaded: its llama-server was killed while the system ran out of memory");
  CHECK(runtime.load_model("alpha", {.context_length = 512}));
}

TEST_CASE("Every program that is no llama-server is refused in words of its own",
          "[real][llamacpp][failures]") {
  const LaunchedWorld world({{"alpha"}});
  Told told(world);
  const auto load = [&](const std::string& server) {
    return world.open({.server = server}).load_model("alpha");
  };
  const auto load_soon = [&](const std::string& server) {
    return world.open({.server = server, .more = ", start_timeout: 2s"}).load_model("alpha");
  };
  const std::string folder = world.folder.path().string();
  told.add("a folder", load(folder));
  told.add("nothing", load(folder + "/nothing"));
  told.add("a file that may not be run", load(world.folder.write("plain", "#!/bin/sh\n")));
  told.add("a text", load(world.script("text", "Once upon a time\n")));
  told.add("another program", load(world.script("another", "#!/bin/sh\necho 'another 1.0'\n")));
  told.add("a shebang of nothing", load(world.script("shebang", "#!/nonexistent/interpreter\n")));
  told.add("one that hangs at --version", load_soon(world.script("hangs", "#!/bin/sh\nexec sleep 600\n")));
  told.add("one that hangs at --help",
           load_soon(world.script("helpless",
                                  "#!/bin/sh\n[ $1 = --version ] && echo 'version: 1' || exec sleep 600\n")));
  told.add("one that writes without end",
           load_soon(world.script("endless", "#!/bin/sh\nexec yes version\n")));
  told.add("one with other options",
           load(world.script("other",
                             "#!/bin/sh\n[ $1 = --version ] && echo 'version: 1' || echo '--verbose'\n")));
  check_golden("llamacpp/no_servers.txt", told.text());
}
