// SPDX-License-Identifier: MIT
#include "common/chat/model_list.hpp"

#include <optional>
#include <string>

#include "base/json.hpp"
#include "support/catch.hpp"

using namespace tachikoma;

namespace {

std::optional<bool> vision(const std::string& members) {
  const Value reply = base::parse_json(R"({"data":[{"id":"m")" + members + "}]}").value();
  return kit::read_openai_models(reply, "h").value().at(0).vision;
}

}  // namespace

TEST_CASE("a list says of a model whether it sees images, or nothing", "[models]") {
  CHECK(vision(R"(,"architecture":{"input_modalities":["text","image"]})") == true);
  CHECK(vision(R"(,"architecture":{"input_modalities":["text"]})") == false);
  CHECK(vision(R"(,"architecture":{"input_modalities":["text"]},"status":{"value":"loaded"})") == false);
  // llama.cpp's router has not looked into it yet
  CHECK(vision(R"(,"architecture":{"input_modalities":["text"]},"status":{"value":"unloaded"})") ==
        std::nullopt);
  CHECK(vision(R"(,"architecture":{"modality":"text"})") == std::nullopt);
  CHECK(vision("") == std::nullopt);
}
