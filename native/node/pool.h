// class Pool: the candidates of a round, as src/native.ts declares it.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <span>

#include "../core/candidate_pool.h"
#include "scoring.h"
#include "task.h"

namespace optiproxy::node {

class Pool : public Napi::ObjectWrap<Pool> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit Pool(const Napi::CallbackInfo& info);

 private:
  Napi::Value add_known(const Napi::CallbackInfo& info);
  Napi::Value clear(const Napi::CallbackInfo& info);
  Napi::Value add(const Napi::CallbackInfo& info);
  Napi::Value add_climbed(const Napi::CallbackInfo& info);
  Napi::Value add_neighbours(const Napi::CallbackInfo& info);
  Napi::Value add_neighbours_of_best(const Napi::CallbackInfo& info);
  Napi::Value add_uniform(const Napi::CallbackInfo& info);
  Napi::Value begin_scan(const Napi::CallbackInfo& info);
  Napi::Value scan(const Napi::CallbackInfo& info);
  Napi::Value score(const Napi::CallbackInfo& info);
  Napi::Value set_scores(const Napi::CallbackInfo& info);
  Napi::Value forget_scores(const Napi::CallbackInfo& info);
  Napi::Value unjudged(const Napi::CallbackInfo& info);
  Napi::Value judge(const Napi::CallbackInfo& info);
  Napi::Value representatives(const Napi::CallbackInfo& info);
  Napi::Value scores(const Napi::CallbackInfo& info);
  Napi::Value pick(const Napi::CallbackInfo& info);
  Napi::Value candidates(const Napi::CallbackInfo& info);
  Napi::Value shuffled(const Napi::CallbackInfo& info);
  Napi::Value size(const Napi::CallbackInfo& info);
  Napi::Value restrict(const Napi::CallbackInfo& info);
  Napi::Value tally(const Napi::CallbackInfo& info);
  Napi::Value count(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  /// Throws unless all objects, this pool too, are open, idle and of one space.
  void check(const Scoring& scoring) const;
  /// Runs `work` with all of them busy.
  Napi::Value start(Napi::Env env, const Scoring& scoring, std::function<double()> work);
  void settle();
  /// Genes (n, G) of the candidates at these places.
  Napi::Uint8Array genes_of(Napi::Env env, std::span<const size_t> places) const;

  Usage usage_{"candidate pool"};
  std::unique_ptr<CandidatePool> pool_;
};

}  // namespace optiproxy::node
