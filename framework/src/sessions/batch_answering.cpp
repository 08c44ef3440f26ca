// SPDX-License-Identifier: MIT
#include "sessions/batch_answering.hpp"

#include <utility>
#include <variant>

#include "base/json.hpp"
#include "base/try.hpp"
#include "generate/embedding.hpp"
#include "generate/structured_output.hpp"
#include "sessions/batch_answer.hpp"

namespace tachikoma::sessions {

void LineAnswering::start(std::size_t request, BatchLine line, std::stop_token stop,
                          std::function<void(Result<Value>)> done) const {
  const auto end = [request, id = line.custom_id, done = std::move(done)](auto answer) {
    if (answer)
      done(batch_answer(request, id, *answer));
    else
      done(std::move(answer).error());
  };
  if (auto* texts = std::get_if<EmbeddingRequest>(&line.request)) {
    texts->stop = std::move(stop);
    return on_worker([this, end, texts = std::move(*texts)] { end(embed(parts_.parts, texts)); });
  }
  generate::GenerationRequest& chat = std::get<generate::GenerationRequest>(line.request);
  chat.text.stop = std::move(stop);
  if (chat.response_schema.is_null()) return parts_.generator.start(std::move(chat), {}, end, parts_.owner);
  on_worker([this, end, chat = std::move(chat)] { end(object(chat)); });
}

// What has no asynchronous form.
void LineAnswering::on_worker(std::function<void()> job) const {
  parts_.parts.threads.workers.run(std::move(job));
}

// The answer is the object alone, whatever text the model wrote around it.
Result<Reply> LineAnswering::object(const generate::GenerationRequest& request) const {
  const auto ask = [&](TextRequest once, const DeltaCallback& on_delta) {
    return parts_.generator.generate({std::move(once), request.response_schema}, on_delta);
  };
  TACHIKOMA_TRY(ObjectReply<Value> answer, generate_object(ask, request.text, request.response_schema, {}));
  answer.reply.text = base::to_json(answer.object);
  return std::move(answer.reply);
}

}  // namespace tachikoma::sessions
