/* Programs, modules, and functions that answer later, through <curfew/c.h>. */
#include <pthread.h>

#include "c/testing/check.h"

static void expect_value(curfew_loaded* loaded, const char* program, const char* expected, int line) {
    curfew_result* result = NULL;
    SUCCEEDS(curfew_loaded_evaluate(loaded, program, CURFEW_NUL_ENDED, NULL, NULL, NULL, &result));
    is(curfew_result_json(result, NULL), expected, line);
    curfew_result_free(result);
}

#define EXPECT_VALUE(loaded, program, expected) expect_value((loaded), (program), (expected), __LINE__)

static curfew_loaded* without_handlers(curfew_sandbox* sandbox) {
    curfew_loaded* loaded = NULL;
    SUCCEEDS(curfew_sandbox_load_without_handlers(sandbox, &loaded));
    curfew_sandbox_free(sandbox);
    return loaded;
}

static void programs(void) {
    curfew_loaded* loaded = without_handlers(sandbox_of(plain_proto()));
    curfew_result* result = NULL;
    curfew_error* error;
    EXPECT_VALUE(loaded, "[1, 2].map((n) => n * 2)", "[2,4]");
    EXPECT_VALUE(loaded, "let n = 1", "null");
    EXPECT_VALUE(loaded, "n += await 1; return n", "2");
    error = curfew_loaded_evaluate(loaded, "\nnowhere()", CURFEW_NUL_ENDED, "mine.js", NULL, NULL, &result);
    CHECK(error && curfew_error_code(error) == CURFEW_HANDLER_ERROR && result == NULL);
    CHECK(error && strstr(curfew_error_stack(error, NULL), "mine.js:2"));
    curfew_error_free(error);
    SUCCEEDS(
        curfew_loaded_add_handler(loaded, "main", "export const handler = () => 'late'", CURFEW_NUL_ENDED, NULL, NULL));
    EXPECT_RESULT(loaded, "1", "\"late\"");
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_add_handler(loaded, "main", "", 0, NULL, NULL));
    EXPECT_VALUE(loaded, "n", "2");
    SUCCEEDS(curfew_loaded_remove_handler(loaded, "main"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_remove_handler(loaded, "main"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_evaluate(NULL, "1", 1, NULL, NULL, NULL, &result));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_evaluate(loaded, NULL, CURFEW_NUL_ENDED, NULL, NULL, NULL, &result));
    curfew_loaded_free(loaded);
}

static void modules(void) {
    curfew_sandbox* sandbox = sandbox_of(plain_proto());
    curfew_loaded* loaded;
    SUCCEEDS(curfew_sandbox_add_module(sandbox, "gone", "export const a = 1", CURFEW_NUL_ENDED, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_add_module(sandbox, "gone", "", 0, NULL));
    SUCCEEDS(curfew_sandbox_clear_modules(sandbox));
    SUCCEEDS(curfew_sandbox_add_module(sandbox, "tax", "export const tax = 19", CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_add_module(sandbox, "tax", "export const tax = 7", CURFEW_NUL_ENDED, "books"));
    SUCCEEDS(curfew_sandbox_add_module(sandbox, "gone", "export const a = 1", CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_remove_module(sandbox, "gone", NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_remove_module(sandbox, "gone", "user"));
    loaded = without_handlers(sandbox);
    EXPECT_VALUE(loaded, "import { tax } from 'user:tax'; import { tax as less } from 'books:tax'; [tax, less]",
                 "[19,7]");
    curfew_loaded_free(loaded);
}

struct order {
    curfew_async_reply* reply;
    int number;
};

static struct order orders[3];
static int order_count = 0;
static int contexts = 0;

static void* answer_all(void* unused) {
    char text[16];
    int i;
    /* In another order than they were asked in. */
    for (i = 2; i >= 0; --i) {
        snprintf(text, sizeof text, "%d", orders[i].number * 10);
        CHECK(!curfew_async_reply_over(orders[i].reply));
        CHECK(curfew_async_reply_json(orders[i].reply, text, CURFEW_NUL_ENDED) == 1);
    }
    return unused;
}

static pthread_t answering;

static void take_order(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                       curfew_async_reply* reply) {
    (void)count;
    if (curfew_call_context(call) == user) ++contexts;
    orders[order_count].reply = reply;
    orders[order_count++].number = atoi(arguments[0].data);
    if (order_count == 3) CHECK(pthread_create(&answering, NULL, answer_all, NULL) == 0);
}

static void answer_at_once(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                           curfew_async_reply* reply) {
    (void)user, (void)call, (void)count;
    switch (atoi(arguments[0].data)) {
        case 0: CHECK(curfew_async_reply_bytes(reply, "abc", 3)); break;
        case 1: CHECK(curfew_async_reply_error(reply, "not one", CURFEW_NUL_ENDED)); break;
        default: curfew_async_reply_free(reply); /* which is an error */
    }
}

static curfew_async_reply* kept = NULL;

static void keep_reply(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                       curfew_async_reply* reply) {
    (void)user, (void)call, (void)arguments, (void)count;
    kept = reply;
}

static void async_functions(void) {
    curfew_proto* proto = plain_proto();
    curfew_loaded* loaded;
    curfew_monitors* monitors = NULL;
    curfew_result* result = NULL;
    curfew_error* error;
    int freed = 0;
    curfew_call_options options = {sizeof options, 0, 0, &freed, 0};
    SUCCEEDS(curfew_proto_add_async_function(proto, "m", "order", take_order, &freed, count_free));
    SUCCEEDS(curfew_proto_add_async_function(proto, "m", "now", answer_at_once, NULL, NULL));
    SUCCEEDS(curfew_proto_add_async_function(proto, "m", "keep", keep_reply, NULL, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_add_async_function(proto, "m", "f", NULL, NULL, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_add_async_function(proto, NULL, "f", keep_reply, NULL, NULL));
    loaded = without_handlers(sandbox_of(proto));
    SUCCEEDS(curfew_loaded_evaluate(loaded,
                                    "import { order } from 'host:m'; await Promise.all([order(1), order(2), order(3)])",
                                    CURFEW_NUL_ENDED, NULL, NULL, &options, &result));
    IS(curfew_result_json(result, NULL), "[10,20,30]");
    curfew_result_free(result);
    CHECK(pthread_join(answering, NULL) == 0);
    CHECK(contexts == 3);
    EXPECT_VALUE(loaded,
                 "import { now } from 'host:m'; const said = [];\n"
                 "for (const i of [1, 2]) await now(i).catch((e) => said.push(e.message.length > 5));\n"
                 "[(await now(0)).length, ...said]",
                 "[3,true,true]");
    SUCCEEDS(curfew_monitors_new(&monitors));
    SUCCEEDS(curfew_monitors_add(monitors, "wall-clock", "300ms"));
    error = curfew_loaded_evaluate(loaded, "import { keep } from 'host:m'; await keep()", CURFEW_NUL_ENDED, NULL,
                                   monitors, NULL, &result);
    CHECK(error && curfew_error_code(error) == CURFEW_CANCELLED);
    curfew_error_free(error);
    curfew_monitors_free(monitors);
    curfew_loaded_free(loaded);
    CHECK(curfew_async_reply_over(kept));
    CHECK(curfew_async_reply_json(kept, "1", 1) == 0); /* too late, and its sandbox is gone */
    CHECK(freed == 1);
    CHECK(curfew_async_reply_json(NULL, "1", 1) == 0 && curfew_async_reply_over(NULL));
    curfew_async_reply_free(NULL);
}

int main(int count, char** arguments) {
    static const struct test_case cases[] = {
        {"programs", programs},
        {"modules", modules},
        {"async_functions", async_functions},
    };
    return run_cases(cases, sizeof cases / sizeof *cases, count, arguments);
}
