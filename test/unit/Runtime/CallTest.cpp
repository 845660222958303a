//===----------------------------------------------------------------------===//
//
// Calls: values, shapes, types, room, errors of compiled code.
//
//===----------------------------------------------------------------------===//

#include "ToyModule.h"

#include <numeric>

using namespace seqc::test;

namespace {

class CallTest : public ToyTest {
protected:
  seqrt_status call(seqrt_context *context, const char *name, seqrt_tensor argument, seqrt_tensor result) {
    return seqrt_context_call(context, name, &argument, 1, &result, 1);
  }

  /// Feeds tokens to one row and returns the summary of the states.
  std::vector<float> feed(seqrt_context *context, std::vector<int32_t> ids) {
    Buffer<int32_t> input({1, static_cast<int64_t>(ids.size())}, ids);
    Buffer<float> out({1, 4});
    EXPECT_OK(call(context, ids.size() == 1 ? "step" : "prefill", input.tensor(), out.tensor()));
    return out.elements;
  }
};

TEST_F(CallTest, ForwardLooksUpRows) {
  Buffer<int32_t> ids({2, 3}, {0, 1, 2, 3, 15, 5});
  Buffer<float> out({2, 3, 4});
  ASSERT_OK(call(context(), "forward", ids.tensor(), out.tensor()));
  for (size_t i = 0; i < 6; ++i)
    for (size_t j = 0; j < 4; ++j)
      EXPECT_EQ(out.elements[i * 4 + j], toyTable()[static_cast<size_t>(ids.elements[i]) * 4 + j]);
}

TEST_F(CallTest, EmptyBatch) {
  Buffer<int32_t> ids({0, 3});
  Buffer<float> out({0, 3, 4});
  EXPECT_OK(call(context(), "forward", ids.tensor(), out.tensor()));
}

TEST_F(CallTest, AnySplitGivesTheSameStates) {
  std::vector<float> whole = feed(context(), {3, 1, 4, 1, 5, 9, 2});
  EXPECT_EQ(whole[0], 0);
  EXPECT_EQ(whole[3], 7);
  seqrt_context *split = context();
  feed(split, {3, 1, 4});
  feed(split, {1});
  EXPECT_EQ(seqrt_context_tokens(split), 4);
  EXPECT_EQ(feed(split, {5, 9, 2}), whole);
  EXPECT_EQ(seqrt_context_tokens(split), 7);
}

TEST_F(CallTest, StatesOfOneContextAreItsOwn) {
  seqrt_context *a = context(), *b = context();
  feed(a, {3, 1});
  EXPECT_EQ(feed(b, {5})[3], 1);
  EXPECT_EQ(feed(a, {4})[3], 3);
}

TEST_F(CallTest, ResetMakesStatesFresh) {
  seqrt_context *used = context();
  std::vector<float> first = feed(used, {2, 7});
  feed(used, {1, 1, 1, 1, 1, 1, 1, 1});
  ASSERT_OK(seqrt_context_reset(used));
  EXPECT_EQ(seqrt_context_tokens(used), 0);
  EXPECT_EQ(feed(used, {2, 7}), first);
}

TEST_F(CallTest, CloneGoesItsOwnWay) {
  seqrt_context *original = context();
  feed(original, {3, 1, 4, 1, 5});
  seqrt_context *clone = nullptr;
  ASSERT_OK(seqrt_context_clone(original, &clone));
  EXPECT_EQ(seqrt_context_tokens(clone), 5);
  std::vector<float> cloned = feed(clone, {9});
  EXPECT_EQ(cloned[0], 0);
  EXPECT_EQ(cloned[3], 6);
  EXPECT_EQ(feed(original, {9}), cloned);
  seqrt_context_release(clone);
}

TEST_F(CallTest, RowsAreSelected) {
  // Rows 0 and 1 of one context against contexts of one row each.
  seqrt_context *both = context(2), *first = context(), *second = context();
  Buffer<int32_t> ids({2, 3}, {3, 1, 4, 1, 5, 9});
  Buffer<float> out({2, 4});
  ASSERT_OK(call(both, "prefill", ids.tensor(), out.tensor()));
  feed(first, {3, 1, 4});
  feed(second, {1, 5, 9});
  std::vector<int64_t> swap{1, 0}, fork{1, 1};
  ASSERT_OK(seqrt_context_select_rows(both, swap.data(), 2));
  Buffer<int32_t> next({2, 2}, {2, 6, 5, 3});
  ASSERT_OK(call(both, "prefill", next.tensor(), out.tensor()));
  std::vector<float> expected = feed(second, {2, 6}), other = feed(first, {5, 3});
  expected.insert(expected.end(), other.begin(), other.end());
  EXPECT_EQ(out.elements, expected);
  ASSERT_OK(seqrt_context_select_rows(both, fork.data(), 2));
  Buffer<int32_t> last({2, 2}, {7, 7, 7, 7});
  ASSERT_OK(call(both, "prefill", last.tensor(), out.tensor()));
  other = feed(first, {7, 7});
  EXPECT_EQ(std::vector<float>(out.elements.begin(), out.elements.begin() + 4), other);
  EXPECT_EQ(std::vector<float>(out.elements.begin() + 4, out.elements.end()), other);
  EXPECT_EQ(seqrt_context_tokens(both), 7);
}

TEST_F(CallTest, WrongRowsAndLengthsAreRefused) {
  seqrt_context *used = context(2);
  std::vector<int64_t> outside{0, 2};
  EXPECT_FAILURE(seqrt_context_select_rows(used, outside.data(), 2), SEQRT_OUT_OF_RANGE,
                 "row 2 is outside the batch of 2");
  EXPECT_FAILURE(seqrt_context_select_rows(used, outside.data(), 1), SEQRT_INVALID_ARGUMENT,
                 "1 rows are given for a context of 2");
  EXPECT_FAILURE(seqrt_context_truncate(used, 1), SEQRT_INVALID_ARGUMENT, "can not keep 1 of 0 tokens");
  seqrt_context *sums = context();
  feed(sums, {3, 1});
  EXPECT_OK(seqrt_context_truncate(sums, 2));
  EXPECT_FAILURE(seqrt_context_truncate(sums, 1), SEQRT_INVALID_ARGUMENT, "does not know its past");
  EXPECT_EQ(seqrt_context_tokens(sums), 2);
}

TEST_F(CallTest, FullStateIsRefusedAndLeftAlone) {
  seqrt_context *full = context();
  EXPECT_EQ(seqrt_context_capacity(full), 10);
  std::vector<float> eight = feed(full, {1, 2, 3, 4, 5, 6, 7, 8});
  Buffer<int32_t> ids({1, 3}, {1, 2, 3});
  Buffer<float> out({1, 4});
  EXPECT_FAILURE(call(full, "prefill", ids.tensor(), out.tensor()), SEQRT_STATE_FULL,
                 "context holds 10 tokens; this call needs 11: compile with a "
                 "larger --max-context");
  EXPECT_EQ(seqrt_context_tokens(full), 8);
  feed(full, {9, 10});
  EXPECT_STREQ(seqrt_context_last_error(full), "context holds 10 tokens; this call needs 11: compile with a "
                                               "larger --max-context");

  seqrt_context *small = context(1, 5);
  feed(small, {1, 2, 3});
  EXPECT_FAILURE(call(small, "prefill", ids.tensor(), out.tensor()), SEQRT_STATE_FULL,
                 "create the context with a larger capacity");
}

TEST_F(CallTest, CapacityIsLimitedByTheModule) {
  seqrt_context_options options = SEQRT_CONTEXT_OPTIONS_INIT;
  options.capacity = 11;
  seqrt_context *context = nullptr;
  EXPECT_FAILURE(seqrt_context_create(module, &options, &context), SEQRT_INVALID_ARGUMENT,
                 "compile with --max-context=11");
  EXPECT_EQ(context, nullptr);
}

TEST_F(CallTest, BadTokenIsNamedAndTakenBack) {
  seqrt_context *used = context();
  feed(used, {3, 1});
  Buffer<int32_t> ids({1, 4}, {1, 2, 3, 50000});
  Buffer<float> out({1, 4});
  EXPECT_FAILURE(call(used, "prefill", ids.tensor(), out.tensor()), SEQRT_OUT_OF_RANGE,
                 "export 'prefill': token id 50000 at position 3 of argument 0 "
                 "'ids' is outside [0, 16)");
  EXPECT_EQ(seqrt_context_tokens(used), 2);
  EXPECT_EQ(feed(used, {5})[3], 3) << "the count was not taken back";
  ids.elements[1] = -1;
  EXPECT_FAILURE(call(used, "prefill", ids.tensor(), out.tensor()), SEQRT_OUT_OF_RANGE,
                 "token id -1 at position 1 of argument 0 'ids'");
}

TEST_F(CallTest, UnknownCodeOfCompiledCode) {
  Buffer<int32_t> code({1}, {77});
  seqrt_tensor argument = code.tensor();
  EXPECT_FAILURE(seqrt_context_call(context(), "fail", &argument, 1, nullptr, 0), SEQRT_INTERNAL,
                 "export 'fail' failed with the unknown code 77");
}

TEST_F(CallTest, ImpossibleArena) {
  Buffer<int32_t> code({2}, {0, 0});
  seqrt_tensor argument = code.tensor();
  EXPECT_FAILURE(seqrt_context_call(context(), "fail", &argument, 1, nullptr, 0), SEQRT_OUT_OF_MEMORY,
                 "export 'fail' would need more scratch memory");
}

TEST_F(CallTest, Batches) {
  seqrt_context *two = context(2);
  Buffer<int32_t> ids({2, 2}, {1, 2, 3, 4});
  Buffer<float> out({2, 4});
  ASSERT_OK(call(two, "prefill", ids.tensor(), out.tensor()));
  EXPECT_EQ(out.elements[0], 0);
  EXPECT_EQ(out.elements[4], 0);
  EXPECT_EQ(out.elements[7], 2);
  Buffer<int32_t> three({3, 2});
  Buffer<float> outThree({3, 4});
  EXPECT_FAILURE(call(two, "prefill", three.tensor(), outThree.tensor()), SEQRT_INVALID_ARGUMENT,
                 "the call has a batch of 3, but the context's states one of "
                 "2");
}

TEST_F(CallTest, ParallelLoopsUseTheArena) {
  for (int32_t threads : {1, 2, 5}) {
    seqrt_context *context = this->context(1, 0, threads);
    Buffer<float> x({1000});
    std::iota(x.elements.begin(), x.elements.end(), 0.0f);
    Buffer<float> doubled({1000});
    Buffer<int64_t> iterations({1});
    seqrt_tensor argument = x.tensor();
    seqrt_tensor results[] = {doubled.tensor(), iterations.tensor()};
    ASSERT_OK(seqrt_context_call(context, "double", &argument, 1, results, 2));
    for (size_t i = 0; i < 1000; ++i)
      ASSERT_EQ(doubled.elements[i], 2 * x.elements[i]);
    EXPECT_EQ(iterations.elements[0], 1000);
    EXPECT_EQ(seqrt_context_arena_bytes(context), 64u * unsigned(threads));
  }
}

TEST_F(CallTest, WrongCallsAreExplained) {
  seqrt_context *context = this->context();
  Buffer<int32_t> ids({1, 2}, {1, 2});
  Buffer<float> out({1, 2, 4});
  seqrt_tensor good = ids.tensor(), result = out.tensor();
  auto expect = [&](seqrt_tensor argument, const char *text) {
    EXPECT_FAILURE(call(context, "forward", argument, result), SEQRT_INVALID_ARGUMENT, text);
  };

  EXPECT_FAILURE(call(context, "backward", good, result), SEQRT_NOT_FOUND,
                 "no export 'backward'; there are: forward, prefill, step");
  EXPECT_FAILURE(seqrt_context_call_index(context, 5, &good, 1, &result, 1), SEQRT_NOT_FOUND, "no export 5");
  EXPECT_FAILURE(seqrt_context_call(context, "forward", &good, 0, &result, 1), SEQRT_INVALID_ARGUMENT,
                 "export 'forward' has 1 argument, but the call gives 0");
  EXPECT_FAILURE(seqrt_context_call(context, "forward", nullptr, 1, &result, 1), SEQRT_INVALID_ARGUMENT,
                 "null pointer");

  Buffer<int64_t> wide({1, 2}, {1, 2});
  expect(wide.tensor(), "export 'forward', argument 0 'ids': it is i64 [1,2], "
                        "but i32 [B,T] is wanted");
  Buffer<int32_t> flat({2});
  expect(flat.tensor(), "it is i32 [2], but i32 [B,T] is wanted");
  Buffer<int32_t> three({1, 3});
  EXPECT_FAILURE(call(context, "forward", three.tensor(), result), SEQRT_INVALID_ARGUMENT,
                 "result 0 'out': it is f32 [1,2,4], but f32 [B,T,4] with B = "
                 "1, T = 3 is wanted");
  Buffer<int32_t> none({1, 0});
  Buffer<float> outNone({1, 0, 4});
  EXPECT_FAILURE(call(context, "forward", none.tensor(), outNone.tensor()), SEQRT_INVALID_ARGUMENT,
                 "T is 0, but must be at least 1");

  seqrt_tensor bad = good;
  bad.data = nullptr;
  expect(bad, "its data is a null pointer");
  bad = good;
  bad.byte_offset = 2;
  expect(bad, "not aligned");
  bad = good;
  bad.device.type = 2;
  expect(bad, "it is on device 2");
  bad = good;
  bad.ndim = -1;
  expect(bad, "its rank is -1");
  bad = good;
  bad.shape = nullptr;
  expect(bad, "its shape is a null pointer");
  int64_t negative[] = {1, -2}, huge[] = {int64_t(1) << 40, int64_t(1) << 40};
  bad.shape = negative;
  expect(bad, "dimension 1 is -2");
  bad.shape = huge;
  expect(bad, "too many elements");
  bad = good;
  int64_t transposed[] = {1, 2}, dense[] = {77, 1};
  bad.strides = transposed;
  expect(bad, "strides");
  bad.strides = dense; // the stride of a dimension of size 1 does not matter
  EXPECT_OK(call(context, "forward", bad, result));

  seqrt_tensor overlapping = result;
  overlapping.data = good.data;
  EXPECT_FAILURE(call(context, "forward", good, overlapping), SEQRT_INVALID_ARGUMENT, "overlaps");
}

TEST_F(CallTest, DimensionsHaveTheirLimits) {
  std::vector<int64_t> shape = {(1 << 20) + 1};
  Buffer<float> x(shape), doubled(shape);
  Buffer<int64_t> iterations({1});
  seqrt_tensor argument = x.tensor();
  seqrt_tensor results[] = {doubled.tensor(), iterations.tensor()};
  EXPECT_FAILURE(seqrt_context_call(context(), "double", &argument, 1, results, 2), SEQRT_INVALID_ARGUMENT,
                 "N is 1048577, but must be at most 1048576");
}

TEST_F(CallTest, ResultShapes) {
  seqrt_context *context = this->context(2);
  Buffer<int32_t> ids({2, 5});
  seqrt_tensor argument = ids.tensor();
  int64_t shape[3] = {};
  ASSERT_OK(seqrt_context_result_shape(context, 0, &argument, 1, 0, shape));
  EXPECT_EQ(shape[0], 2);
  EXPECT_EQ(shape[1], 5);
  EXPECT_EQ(shape[2], 4);
  EXPECT_FAILURE(seqrt_context_result_shape(context, 0, &argument, 1, 1, shape), SEQRT_INVALID_ARGUMENT,
                 "has 1 results");
}

TEST_F(CallTest, StatesCanBeLookedAt) {
  seqrt_context *used = context();
  feed(used, {3});
  seqrt_tensor tensor;
  ASSERT_OK(seqrt_context_state(used, 0, 0, &tensor));
  ASSERT_EQ(tensor.ndim, 4);
  EXPECT_EQ(tensor.shape[1], 3) << "10 tokens in blocks of 4";
  EXPECT_EQ(static_cast<const float *>(tensor.data)[1], toyTable()[13]);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data) % 64, 0u);
  EXPECT_FAILURE(seqrt_context_state(used, 1, 2, &tensor), SEQRT_NOT_FOUND, "no component 2 of state 1");
}

TEST_F(CallTest, ContextsShareAPool) {
  seqrt_pool *pool = nullptr;
  ASSERT_OK(seqrt_pool_create(3, &pool));
  seqrt_context_options options = SEQRT_CONTEXT_OPTIONS_INIT;
  options.pool = pool;
  seqrt_context *context = nullptr;
  ASSERT_OK(seqrt_context_create(module, &options, &context));
  seqrt_pool_release(pool);
  EXPECT_EQ(seqrt_context_threads(context), 3);
  EXPECT_EQ(feed(context, {1, 2})[3], 2);
  seqrt_context_release(context);
  EXPECT_FAILURE(seqrt_pool_create(-1, &pool), SEQRT_INVALID_ARGUMENT, "-1 threads are not possible");
}

TEST_F(CallTest, ContextKeepsItsModuleAlive) {
  seqrt_context *used = context();
  seqrt_module_release(module);
  module = nullptr;
  EXPECT_EQ(feed(used, {1, 2})[3], 2);
}

TEST_F(CallTest, ProfilerSeesCallsAndLoops) {
  std::vector<std::string> events;
  auto profiler = [](void *user, const seqrt_event *event) {
    EXPECT_LE(event->begin_ns, event->end_ns);
    static_cast<std::vector<std::string> *>(user)->push_back(std::string(event->kind) + " " + event->name + " " +
                                                             std::to_string(event->count));
  };
  seqrt_context *context = this->context(1, 0, 2);
  seqrt_context_set_profiler(context, profiler, &events);
  Buffer<float> x({100}), doubled({100});
  Buffer<int64_t> iterations({1});
  seqrt_tensor argument = x.tensor();
  seqrt_tensor results[] = {doubled.tensor(), iterations.tensor()};
  ASSERT_OK(seqrt_context_call(context, "double", &argument, 1, results, 2));
  seqrt_context_set_profiler(context, nullptr, nullptr);
  ASSERT_OK(seqrt_context_call(context, "double", &argument, 1, results, 2));
  EXPECT_EQ(events, (std::vector<std::string>{"loop toy_body 100", "call double 0"}));
}

} // namespace
