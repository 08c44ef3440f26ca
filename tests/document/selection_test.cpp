// SPDX-License-Identifier: MIT
// The recommended models, corrected where arithmetic contradicts the page, and the choice of one by
// resources.
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/studio.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr std::int64_t kOneGB = 1'000'000'000;

// A server that has none of the recommended models, on a machine that has room for each.
const std::string kBare =
    "memory: 128GB\nvram: 24GB\nmodels: [{key: other, size: 1GB, quantization: Q4_K_M}]\n";

const RankedModel* named(const std::vector<RankedModel>& models, std::string_view name) {
  for (const RankedModel& each : models)
    if (each.name == name) return &each;
  return nullptr;
}

// A model of the page: its parameters in billions, its quantization here, and its size in GB.
void check_recommended(const std::string& name, double parameters, const std::string& quantization,
                       double size) {
  const Studio studio(kBare);
  const Selection selection =
      ModelSelector{.context_length = 1}.rank(Task::general, studio.provider()).value();
  const RankedModel* model = named(selection.ranked, name);
  REQUIRE(model);
  CHECK_FALSE(model->listed);
  CHECK(model->quantization == quantization);
  CHECK(model->parameters.value == Approx(parameters * 1e9).epsilon(0.01));
  // with a context of one token nearly all is the file
  CHECK(static_cast<double>(model->required_bytes.value) == Approx(size * 1e9).epsilon(0.02));
  CHECK(model->required_bytes.source == Source::estimated);
  CHECK_THAT(model->required_bytes.basis, ContainsSubstring("the model library"));
}

std::string first(const Studio& studio, const ModelSelector& selector, Task task = Task::general) {
  return selector.recommend(task, studio.provider()).value().name;
}

}  // namespace

// 65 GB on the page. Its experts are published in MXFP4, and stay so in a file that is called Q4_K_M.
TEST_CASE("GPT-OSS-120B is recommended with the size that it has", "[model-library/gpt-oss-120b]") {
  check_recommended("gpt-oss-120b", 116.8, "MXFP4", 63.4);
}

// 35 GB on the page, which would be 4.0 bits for each weight.
TEST_CASE("Llama-3-70B is recommended with the size that it has", "[model-library/llama-3-70b]") {
  check_recommended("llama-3-70b", 70.6, "Q4_K_M", 43.1);
}

// 24 GB on the page, which would be 4.1 bits for each weight.
TEST_CASE("Mixtral-8x7B is recommended with the size that it has", "[model-library/mixtral-8x7b]") {
  check_recommended("mixtral-8x7b", 46.7, "Q4_K_S", 27.2);
}

// 20 GB in Q5_K_M on the page; that is the size of Q4_K_M.
TEST_CASE("CodeLlama-34B is recommended with the size that it has", "[model-library/codellama-34b]") {
  check_recommended("codellama-34b", 33.7, "Q4_K_M", 20.6);
}

// 4 GB in Q8_0 on the page; that is the size of Q4_K_M.
TEST_CASE("Mistral-7B is recommended with the size that it has", "[model-library/mistral-7b]") {
  check_recommended("mistral-7b", 7.25, "Q4_K_M", 4.43);
}

// 2 GB on the page, which would be 4.2 bits for each weight.
TEST_CASE("Phi-3-mini is recommended with the size that it has", "[model-library/phi-3-mini]") {
  check_recommended("phi-3-mini", 3.82, "Q4_K_M", 2.34);
}

TEST_CASE("a selector recommends a model with its name, the reason and the numbers",
          "[model-selection][best-practices/appropriate-models]") {
  const Studio studio;
  const ModelSelector selector{.max_ram = 64 * kOneGB, .max_vram = 24 * kOneGB, .speed = Speed::balanced};
  const RankedModel best = selector.recommend(Task::general, studio.provider()).value();
  CHECK(best.name == "lmstudio::gemma-3-12b");
  CHECK(best.reason ==
        "its speciality is general; its 9.6 GB fit into the 19.2 GB of GPU memory to spare; it reads 8.0 GB "
        "of weights "
        "for each token");
  CHECK(best.required_bytes.value == 9'600'000'000);
  CHECK(best.required_bytes.source == Source::estimated);
  CHECK_THAT(best.required_bytes.basis, ContainsSubstring("LM Studio's estimate"));
  CHECK(studio.runtime.config().providers.size() == 1);
  // and it is a name that loads
  CHECK(studio.provider().load_model(best.name.substr(best.name.find("::") + 2)));
}

TEST_CASE("no more RAM is used than there is, less a fifth", "[model-selection/max-ram]") {
  const Studio studio;
  const auto largest = [&](std::int64_t ram) {
    const Selection selection =
        ModelSelector{.max_ram = ram * kOneGB, .max_vram = 0}.rank(Task::general, studio.provider()).value();
    std::int64_t most = 0;
    for (const RankedModel& each : selection.ranked) most = std::max(most, each.required_bytes.value);
    CHECK(selection.budgets[0].ram_bytes.value == ram * kOneGB * 8 / 10);
    for (const RankedModel& each : selection.too_large)
      CHECK(each.required_bytes.value > ram * kOneGB * 8 / 10);
    return most;
  };
  CHECK(largest(8) <= 6'400'000'000);
  CHECK(largest(64) <= 51'200'000'000);
  CHECK(largest(64) > largest(8));
  // without a figure it is the machine of the server
  CHECK(ModelSelector{}.rank(Task::general, studio.provider()).value().budgets[0].ram_bytes.source ==
        Source::reported);
}

TEST_CASE("GPU memory takes what fits there, and makes it fast", "[model-selection/max-vram]") {
  const Studio studio;
  const auto with = [&](std::int64_t vram) {
    const Selection selection = ModelSelector{.max_ram = 64 * kOneGB, .max_vram = vram * kOneGB}
                                    .rank(Task::general, studio.provider())
                                    .value();
    return *named(selection.ranked, "lmstudio::llama-3-70b");
  };
  CHECK(with(0).on_gpus_bytes.value == 0);
  CHECK(with(24).on_gpus_bytes.value == 19'200'000'000);
  CHECK(with(80).on_gpus_bytes.value == with(80).required_bytes.value);
  const ModelSelector small{.max_ram = 64 * kOneGB, .max_vram = 0},
      large{.max_ram = 64 * kOneGB, .max_vram = 80 * kOneGB};
  CHECK(first(studio, small) != first(studio, large));
}

TEST_CASE("the preferred speed decides between fast and large models", "[model-selection/preferred-speed]") {
  const Studio studio;
  const auto chosen = [&](Speed speed) {
    return first(studio, {.max_ram = 64 * kOneGB, .max_vram = 24 * kOneGB, .speed = speed});
  };
  CHECK(chosen(Speed::fast) == "lmstudio::openai/gpt-oss-20b");
  CHECK(chosen(Speed::balanced) == "lmstudio::gemma-3-12b");
  CHECK(chosen(Speed::quality) == "lmstudio::openai/gpt-oss-120b");
}

TEST_CASE("each task has the models that are made for it first", "[model-selection/task]") {
  const Studio studio(R"(memory: 128GB
vram: 48GB
models:
  - {key: codellama-13b, size: 8GB, quantization: Q4_K_M}
  - {key: mistral-7b, size: 4GB, quantization: Q4_K_M}
  - {key: phi-4, size: 9GB, quantization: Q4_K_M}
  - {key: gemma-2-9b, size: 6GB, quantization: Q4_K_M}
)");
  const auto chosen = [&](Task task) { return first(studio, {.speed = Speed::quality}, task); };
  CHECK(chosen(Task::code) == "lmstudio::phi-4");  // newer than CodeLlama, and made for code too
  CHECK(chosen(Task::reasoning) == "lmstudio::phi-4");
  CHECK(chosen(Task::creative) == "lmstudio::gemma-2-9b");
  const Selection chats = ModelSelector{}.rank(Task::chat, studio.provider()).value();
  CHECK_THAT(named(chats.ranked, "lmstudio::mistral-7b")->reason, StartsWith("its speciality is chat; "));
  CHECK_THAT(named(chats.ranked, "lmstudio::codellama-13b")->reason, StartsWith("it is made for code; "));
}
