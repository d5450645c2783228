/* Invocations that wait without a thread, through <curfew/c.h>. */
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "c/testing/check.h"

static const char asks_twice[] =
    "import { approve } from 'host:tools';\n"
    "export async function handler(names) {\n"
    "  const said = [];\n"
    "  for (const name of names) said.push(await approve(name, new Uint8Array([1])).catch((e) => e.message));\n"
    "  return said;\n"
    "}";

static curfew_proto* deferring_proto(void) {
    curfew_proto* proto = plain_proto();
    SUCCEEDS(curfew_proto_add_deferred(proto, "tools", "approve"));
    return proto;
}

static curfew_pending* begun(curfew_loaded* loaded, const char* event) {
    curfew_pending* pending = NULL;
    SUCCEEDS(curfew_loaded_begin(loaded, "main", event, CURFEW_NUL_ENDED, NULL, NULL, &pending));
    return pending;
}

/* The only call that is open, which is to have these arguments. */
static uint32_t only_call(curfew_waiting* waiting, const char* arguments, int line) {
    curfew_open_call call = NO_CALL;
    curfew_open_call none = NO_CALL;
    CHECK(curfew_waiting_call_at(waiting, 0, &call) && !curfew_waiting_call_at(waiting, 1, &none));
    is(call.module, "tools", line);
    is(call.function, "approve", line);
    is(call.arguments, arguments, line);
    CHECK(call.arguments_length == strlen(arguments));
    curfew_waiting_free(waiting);
    return call.id;
}

static uint32_t only_call_of(const curfew_pending* pending, const char* arguments, int line) {
    curfew_waiting* waiting = NULL;
    curfew_usage usage = NO_USAGE;
    SUCCEEDS(curfew_pending_waiting(pending, &waiting));
    is(curfew_waiting_handler(waiting), "main", line);
    curfew_waiting_usage(waiting, &usage);
    CHECK(usage.host_calls >= 1);
    CHECK(curfew_waiting_due_ns(waiting) == -1);
    return only_call(waiting, arguments, line);
}

static void expect_end(curfew_pending* pending, const char* expected, int line) {
    curfew_result* result = NULL;
    CHECK(curfew_pending_done(pending));
    SUCCEEDS(curfew_pending_result(pending, &result));
    is(curfew_result_json(result, NULL), expected, line);
    curfew_result_free(result);
    curfew_pending_free(pending);
}

static void resuming(void) {
    curfew_loaded* loaded = load_main(sandbox_of(deferring_proto()), asks_twice);
    curfew_pending* pending = begun(loaded, "[\"ada\",\"bob\"]");
    curfew_result* result = NULL;
    curfew_waiting* waiting = NULL;
    curfew_usage usage = NO_USAGE;
    uint32_t id = only_call_of(pending, "[\"ada\",{\"$bytes\":\"AQ==\"}]", __LINE__);
    CHECK(!curfew_pending_done(pending) && !curfew_pending_can_go_on(pending));
    CHECK(curfew_pending_wait(pending, 1000000) == 0);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_result(pending, &result));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_finish(pending, &result));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_resume(pending, id + 100, "1", 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_resume(pending, id, "{", 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_resume(pending, id, NULL, CURFEW_NUL_ENDED));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_fail(pending, id + 100, "no", 2));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_fail(pending, id, NULL, CURFEW_NUL_ENDED));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_call(loaded, "main", "[]", 2, NULL, NULL, &result)); /* it waits */
    SUCCEEDS(curfew_pending_go_on(pending)); /* there is nothing to do */
    SUCCEEDS(curfew_pending_resume(pending, id, "{\"yes\":true} and more", 12));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_resume(pending, id, "1", 1)); /* it has its answer */
    id = only_call_of(pending, "[\"bob\",{\"$bytes\":\"AQ==\"}]", __LINE__);
    SUCCEEDS(curfew_pending_fail(pending, id, "not today", CURFEW_NUL_ENDED));
    SUCCEEDS(curfew_pending_waiting(pending, &waiting));
    CHECK(waiting == NULL);
    curfew_pending_usage(pending, &usage);
    CHECK(usage.host_calls == 2 && usage.waiting_time_ns > 0 && usage.wall_time_ns > usage.waiting_time_ns);
    CHECK(curfew_pending_can_go_on(pending) && curfew_pending_wait(pending, -1));
    SUCCEEDS(curfew_pending_result(pending, &result));
    IS(curfew_result_json(result, NULL), "[{\"yes\":true},\"not today\"]");
    curfew_result_free(result);
    FAILS(CURFEW_CONSUMED, curfew_pending_result(pending, &result));
    curfew_pending_free(pending);

    /* Where nobody is there to answer. */
    SUCCEEDS(curfew_loaded_call(loaded, "main", "[1]", CURFEW_NUL_ENDED, NULL, NULL, &result));
    CHECK(strlen(curfew_result_json(result, NULL)) > 10);
    curfew_result_free(result);

    /* One that nobody waits for any more. */
    curfew_pending_free(begun(loaded, "[1]"));
    CHECK(curfew_loaded_poisoned(loaded));
    curfew_loaded_free(loaded);
}

static void saved_while_it_waits(void) {
    char path[] = "/tmp/curfew-c-XXXXXX";
    curfew_loaded* loaded = load_main(sandbox_of(deferring_proto()), asks_twice);
    curfew_pending* pending = begun(loaded, "[\"ada\"]");
    curfew_loaded* other = NULL;
    curfew_snapshot* snapshot = NULL;
    curfew_waiting* waiting = NULL;
    curfew_snapshot_info info = {sizeof info, 0, 0, 0, 0, 0, 0};
    curfew_result* result = NULL;
    curfew_proto* host = deferring_proto();
    curfew_usage usage = NO_USAGE;
    uint32_t id;
    const int descriptor = mkstemp(path);
    SUCCEEDS(curfew_loaded_snapshot(loaded, &snapshot));
    SUCCEEDS(curfew_snapshot_save(snapshot, path));
    curfew_snapshot_free(snapshot);
    curfew_pending_free(pending);
    curfew_loaded_free(loaded);

    SUCCEEDS(curfew_snapshot_load(path, &snapshot));
    curfew_snapshot_look(snapshot, &info);
    CHECK(info.waits);
    SUCCEEDS(curfew_snapshot_waiting(snapshot, &waiting));
    IS(curfew_waiting_handler(waiting), "main");
    curfew_waiting_usage(waiting, &usage);
    CHECK(usage.host_calls == 1);
    id = only_call(waiting, "[\"ada\",{\"$bytes\":\"AQ==\"}]", __LINE__);
    SUCCEEDS(curfew_loaded_from_snapshot(snapshot, host, &other));
    CHECK(curfew_loaded_waits(other));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_call(other, "main", "[]", 2, NULL, NULL, &result));
    SUCCEEDS(curfew_loaded_continue(other, NULL, NULL, &pending));
    SUCCEEDS(curfew_pending_resume(pending, id, "7", 1));
    expect_end(pending, "[7]", __LINE__);
    CHECK(!curfew_loaded_waits(other));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_continue(other, NULL, NULL, &pending));

    /* Once more, with another answer. */
    SUCCEEDS(curfew_loaded_restore(other, snapshot));
    SUCCEEDS(curfew_loaded_continue(other, NULL, NULL, &pending));
    SUCCEEDS(curfew_pending_resume(pending, id, "8", 1));
    expect_end(pending, "[8]", __LINE__);
    curfew_snapshot_free(snapshot);

    SUCCEEDS(curfew_loaded_snapshot(other, &snapshot));
    SUCCEEDS(curfew_snapshot_waiting(snapshot, &waiting));
    CHECK(waiting == NULL);
    curfew_snapshot_free(snapshot);
    curfew_loaded_free(other);
    curfew_proto_free(host);
    close(descriptor);
    remove(path);
}

static void timers_and_limits(void) {
    curfew_loaded* loaded =
        load_main(sandbox_of(plain_proto()),
                  "export async function handler(ms) { await new Promise((r) => setTimeout(r, ms)); return 'late' }");
    curfew_pending* pending = begun(loaded, "5");
    curfew_waiting* waiting = NULL;
    curfew_monitors* monitors = NULL;
    curfew_result* result = NULL;
    curfew_error* error;
    SUCCEEDS(curfew_pending_finish(pending, &result));
    IS(curfew_result_json(result, NULL), "\"late\"");
    curfew_result_free(result);
    curfew_pending_free(pending);

    pending = begun(loaded, "20");
    SUCCEEDS(curfew_pending_waiting(pending, &waiting));
    if (waiting) CHECK(curfew_waiting_due_ns(waiting) >= 0 && curfew_waiting_due_ns(waiting) <= 20000000);
    curfew_waiting_free(waiting);
    while (!curfew_pending_done(pending)) {
        CHECK(curfew_pending_wait(pending, -1));
        SUCCEEDS(curfew_pending_go_on(pending));
    }
    expect_end(pending, "\"late\"", __LINE__);

    SUCCEEDS(curfew_monitors_new(&monitors));
    SUCCEEDS(curfew_monitors_add(monitors, "wall-clock", "300ms"));
    SUCCEEDS(curfew_loaded_begin(loaded, "main", "600000", CURFEW_NUL_ENDED, monitors, NULL, &pending));
    curfew_monitors_free(monitors); /* they were copied */
    CHECK(curfew_pending_wait(pending, -1));
    error = curfew_pending_result(pending, &result);
    CHECK(error && curfew_error_code(error) == CURFEW_CANCELLED);
    IS(curfew_error_terminated_by(error, NULL), "wall-clock");
    curfew_error_free(error);
    curfew_pending_free(pending);
    curfew_loaded_free(loaded);
}

static curfew_async_reply* kept = NULL;

static void keep_reply(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                       curfew_async_reply* reply) {
    (void)user, (void)call, (void)arguments, (void)count;
    kept = reply;
}

static void* answer(void* unused) {
    CHECK(curfew_async_reply_json(kept, "\"here\"", CURFEW_NUL_ENDED) == 1);
    return unused;
}

static void ready_queues(void) {
    static const char source[] = "import { ask } from 'host:m'; export const handler = async () => await ask();";
    curfew_ready_queue* queue = NULL;
    curfew_pending* pending[3];
    curfew_loaded* loaded[3];
    uint64_t tokens[3] = {0, 0, 0};
    pthread_t thread;
    struct pollfd waits = {-1, POLLIN, 0};
    int i;
    SUCCEEDS(curfew_ready_queue_new(&queue));
    waits.fd = curfew_ready_queue_descriptor(queue);
    for (i = 0; i < 3; ++i) {
        curfew_proto* proto = plain_proto();
        SUCCEEDS(curfew_proto_add_async_function(proto, "m", "ask", keep_reply, NULL, NULL));
        loaded[i] = load_main(sandbox_of(proto), source);
        pending[i] = begun(loaded[i], "1");
        SUCCEEDS(curfew_pending_notify(pending[i], queue, (uint64_t)i + 7));
        if (i < 2) CHECK(poll(&waits, 1, 0) == 0 && curfew_ready_queue_take(queue, 0, tokens, 3) == 0);
        CHECK(pthread_create(&thread, NULL, answer, NULL) == 0 && pthread_join(thread, NULL) == 0);
        if (i > 0) continue;
        CHECK(poll(&waits, 1, -1) == 1);
        CHECK(curfew_ready_queue_take(queue, -1, tokens, 3) == 1 && tokens[0] == 7);
        CHECK(curfew_ready_queue_take(queue, 1000000, tokens, 3) == 0);
        SUCCEEDS(curfew_pending_go_on(pending[0]));
        expect_end(pending[0], "\"here\"", __LINE__);
        CHECK(curfew_ready_queue_take(queue, 0, tokens, 3) <= 1); /* that it is done */
    }
    /* Two of them, and room for one. */
    CHECK(curfew_ready_queue_take(queue, -1, tokens, 1) == 1 && tokens[0] == 8);
    CHECK(curfew_ready_queue_take(queue, -1, tokens, 1) == 1 && tokens[0] == 9);
    CHECK(curfew_ready_queue_take(queue, -1, tokens, 0) == 0);
    for (i = 0; i < 3; ++i) {
        if (i > 0) curfew_pending_free(pending[i]);
        curfew_loaded_free(loaded[i]);
    }
    curfew_ready_queue_free(queue);
}

static void nothing_pending(void) {
    curfew_loaded* loaded = load_main(sandbox_of(deferring_proto()), asks_twice);
    curfew_pending* pending = NULL;
    curfew_result* result = NULL;
    curfew_waiting* waiting = NULL;
    curfew_snapshot* snapshot = NULL;
    curfew_usage usage = NO_USAGE;
    curfew_open_call call = NO_CALL;
    uint64_t token;
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_begin(loaded, "nobody", "1", 1, NULL, NULL, &pending));
    pending = begun(loaded, "{"); /* which the guest finds out */
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_result(pending, &result));
    curfew_pending_free(pending);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_begin(NULL, "main", "1", 1, NULL, NULL, &pending));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_begin(loaded, NULL, "1", 1, NULL, NULL, &pending));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_begin(loaded, "main", NULL, 1, NULL, NULL, &pending));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_begin(loaded, "main", "1", 1, NULL, NULL, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_continue(NULL, NULL, NULL, &pending));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_continue(loaded, NULL, NULL, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_continue(loaded, NULL, NULL, &pending));
    CHECK(pending == NULL);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_result(NULL, &result));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_resume(NULL, 1, "1", 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_fail(NULL, 1, "1", 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_go_on(NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_finish(NULL, &result));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_waiting(NULL, &waiting));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_notify(NULL, NULL, 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_waiting(NULL, &waiting));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_ready_queue_new(NULL));
    SUCCEEDS(curfew_loaded_snapshot(loaded, &snapshot));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_waiting(snapshot, NULL));
    curfew_snapshot_free(snapshot);
    CHECK(curfew_pending_done(NULL) && curfew_pending_can_go_on(NULL) && curfew_pending_wait(NULL, -1));
    CHECK(!curfew_loaded_waits(NULL) && !curfew_loaded_waits(loaded));
    CHECK(curfew_ready_queue_descriptor(NULL) == -1 && curfew_ready_queue_take(NULL, -1, &token, 1) == 0);
    IS(curfew_waiting_handler(NULL), "");
    CHECK(curfew_waiting_due_ns(NULL) == -1 && !curfew_waiting_call_at(NULL, 0, &call));
    curfew_waiting_usage(NULL, &usage);
    curfew_pending_usage(NULL, &usage);
    CHECK(usage.wall_time_ns == 0);
    curfew_pending_free(NULL);
    curfew_waiting_free(NULL);
    curfew_ready_queue_free(NULL);

    pending = begun(loaded, "[1]");
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_notify(pending, NULL, 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_waiting(pending, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_result(pending, NULL));
    curfew_loaded_free(loaded); /* first: the invocation is done then, with an error */
    CHECK(curfew_pending_done(pending));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_resume(pending, 1, "1", 1));
    curfew_pending_free(pending);
}

int main(int count, char** arguments) {
    static const struct test_case cases[] = {
        {"resuming", resuming},
        {"saved_while_it_waits", saved_while_it_waits},
        {"timers_and_limits", timers_and_limits},
        {"ready_queues", ready_queues},
        {"nothing_pending", nothing_pending},
    };
    return run_cases(cases, sizeof cases / sizeof *cases, count, arguments);
}
