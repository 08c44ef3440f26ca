// SPDX-License-Identifier: MIT
// `messages = {system("You are kind"), user("Hi")}` compiled: it ran a shell, and made as many messages as
// that said. A range-for over a result, and a mistyped setting, got messages that did not say what to do.
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma::testing;

namespace {

// What the compiler says of a function's body.
std::string errors_of(const std::string& body) {
  const TempDir dir;
  const std::string file = dir.write("program.cpp",
                                     "#include <tachikoma/tachikoma.hpp>\n#include <cstdlib>\n"
                                     "using namespace tachikoma;\nvoid run(Runtime& runtime) {\n" +
                                         body + "\n}\n");
  const Finished compiled = run(
      {.argv = {TACHIKOMA_CXX, "-std=c++20", "-fsyntax-only", "-I" TACHIKOMA_SOURCE_DIR "/framework/include",
                "-I" TACHIKOMA_BINARY_DIR "/include", file}});
  return compiled.exit_code == 0 ? "" : compiled.err;
}

}  // namespace

TEST_CASE("the compiler says what to write instead", "[structure][api]") {
  CHECK(errors_of(R"(
    runtime.generate_text({.model = "a", .messages = {system_prompt("Be kind"), user("Hi")}}).value();
    for (const Delta& delta : runtime.stream_text({.messages = {user("Hi")}}).value()) (void)delta;
    (void)std::system("true");
  )") == "");
  const std::string errors = errors_of(R"(
    runtime.generate_text({.model = "a", .messages = {system("Be kind"), user("Hi")}}).value();
    for (const Delta& delta : runtime.stream_text({.messages = {user("Hi")}})) (void)delta;
    runtime.generate_text({.settings = {.temprature = 0.5}}).value();
    runtime.generate_text(TextRequest{.settings = {.temprature = 0.5}}).value();
  )");
  CHECK_THAT(errors, ContainsSubstring("write system_prompt(text); for a shell: std::system(command)"));
  CHECK_THAT(errors, ContainsSubstring("write: for (auto& each : result.value())"));
  CHECK_THAT(errors, ContainsSubstring("TextRequest{…} shows which field is mistyped"));
  CHECK_THAT(errors, ContainsSubstring("temprature") && ContainsSubstring("GenerationSettings"));
}
