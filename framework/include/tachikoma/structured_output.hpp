// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <utility>

#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

// defined in plugin/sdk/fields.hpp, which code that describes a type includes
template <class T>
Value json_schema();
template <class T>
Result<T> from_value(const Value& value);

/// An answer that fits a schema.
template <class T>
struct ObjectReply {
  T object;
  Reply reply = {};  ///< the reply that contained it; `reply.text` is what the model wrote
};

/// Called with the object as received so far, on the thread that called `stream_object`. `Flow::stop` ends
/// the generation with `cancelled`.
using PartialCallback = std::function<Flow(const Value& partial)>;

/// `reply` with its object as a `T`; `schema_violation` when it does not fit.
template <class T>
Result<ObjectReply<T>> typed(Result<ObjectReply<Value>> reply) {
  if (!reply) return std::move(reply).error();
  Result<T> object = from_value<T>(reply->object);
  if (!object) return std::move(object).error();
  return ObjectReply<T>{*std::move(object), std::move(reply->reply)};
}

}  // namespace tachikoma
