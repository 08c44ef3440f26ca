// SPDX-License-Identifier: MIT
#include "document/forms.hpp"

#include <stdexcept>
#include <utility>

namespace tachikoma::testing {

Form::Form(const char* name, const std::string& text)
    : config(load_config(folder.write(name, text), plugins).value()) {}

Form server_settings(int port) {
  return {"server.json",
          R"({"host": "127.0.0.1", "port": )" + std::to_string(port) + R"(, "cors": true, "verbose": true,
  "models": {"gpt-oss-120b": {"path": "~/.cache/lm-studio/models/openai/gpt-oss-120b-q4_k_m.gguf",
                              "context_length": 16384, "gpu_layers": -1, "use_mlock": true, "batch_size": 512}}})"};
}

Form model_configuration() {
  return {
      "model.yaml",
      "context_length: 16384\nn_gpu_layers: -1\nn_batch: 512\nthreads: 8\nuse_mlock: true\nuse_mmap: true\n"
      "temperature: 0.7\ntop_p: 0.95\ntop_k: 40\nrepeat_penalty: 1.1\npresence_penalty: 0.0\n"
      "frequency_penalty: 0.0\nmirostat: 0\n"};
}

Runtime runtime_by(Form form, const Simulator& simulator) {
  if (form.config.providers.size() != 1) throw std::logic_error("the form has not one provider");
  form.config.providers[0].settings.set("base_url", simulator.base_url());
  return Runtime::from(std::move(form.config), std::move(form.plugins)).value();
}

}  // namespace tachikoma::testing
