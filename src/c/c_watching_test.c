/* Limits, interrupts and observers, through <curfew/c.h>. */
#include "c/testing/check.h"

struct watch {
    int started, checked, finished, freed;
    int refuses;
    int64_t first_check_ns;
};

static int start_watch(void* user, const curfew_invocation* call, void** state, int64_t* first_check_ns) {
    struct watch* watch = (struct watch*)user;
    IS(curfew_invocation_handler(call), "main");
    if (watch->refuses) return 1;
    ++watch->started;
    *state = &watch->checked;
    *first_check_ns = watch->first_check_ns;
    return 0;
}

static int64_t check_watch(void* user, const curfew_invocation* call, void* state) {
    curfew_usage usage = NO_USAGE;
    (void)user;
    curfew_invocation_usage(call, &usage);
    CHECK(usage.wall_time_ns > 0 && curfew_invocation_cpu_time_ns(call) >= 0);
    return ++*(int*)state < 3 ? 1000000 : 0;
}

static void finish_watch(void* user, void* state) {
    struct watch* watch = (struct watch*)user;
    CHECK(state == &watch->checked);
    ++watch->finished;
}

static void free_watch(void* user) { ++((struct watch*)user)->freed; }

static void custom_monitors(void) {
    struct watch watch = {0, 0, 0, 0, 0, 1000000};
    curfew_monitor monitor = {sizeof monitor, &watch, free_watch, start_watch, check_watch, finish_watch};
    curfew_monitors* monitors = NULL;
    curfew_loaded* loaded = loaded_with(NULL, "function handler(e) { while (e); return 'done' }");
    curfew_result* result = NULL;
    curfew_error* error;
    SUCCEEDS(curfew_monitors_new(&monitors));
    SUCCEEDS(curfew_monitors_add_custom(monitors, "third-time", &monitor));
    error = curfew_loaded_call(loaded, "main", "true", CURFEW_NUL_ENDED, monitors, NULL, &result);
    /* Before the handler was entered, perhaps, on a machine that has other work. */
    CHECK(error && (curfew_error_code(error) == CURFEW_CANCELLED || curfew_error_code(error) == CURFEW_NOT_RUN));
    IS(curfew_error_terminated_by(error, NULL), "third-time");
    curfew_error_free(error);
    CHECK(watch.started == 1 && watch.checked == 3 && watch.finished == 1);
    curfew_loaded_free(loaded);

    loaded = loaded_with(NULL, "function handler(e) { while (e); return 'done' }");
    watch.first_check_ns = 60000000000;
    SUCCEEDS(curfew_loaded_call(loaded, "main", "false", CURFEW_NUL_ENDED, monitors, NULL, &result));
    curfew_result_free(result);
    CHECK(watch.started == 2 && watch.finished == 2);
    watch.refuses = 1;
    FAILS(CURFEW_MONITOR_FAILED,
          curfew_loaded_call(loaded, "main", "false", CURFEW_NUL_ENDED, monitors, NULL, &result));
    CHECK(watch.finished == 2 && watch.freed == 0);
    curfew_monitors_free(monitors);
    CHECK(watch.freed == 1);
    monitor.check = NULL;
    SUCCEEDS(curfew_monitors_new(&monitors));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add_custom(monitors, "mine", &monitor));
    CHECK(watch.freed == 2);
    curfew_monitors_free(monitors);
    curfew_loaded_free(loaded);
}

static void default_limits(void) {
    curfew_builder* builder = NULL;
    curfew_monitors* monitors = NULL;
    curfew_loaded* loaded;
    curfew_result* result = NULL;
    curfew_error* error;
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_set_default_wall_limit(builder, 30000000));
    loaded = loaded_with(builder, "function handler() { for (;;); }");
    error = curfew_loaded_call(loaded, "main", "1", 1, NULL, NULL, &result);
    CHECK(error);
    IS(curfew_error_terminated_by(error, NULL), "wall-clock");
    curfew_error_free(error);
    curfew_loaded_free(loaded);
    SUCCEEDS(curfew_builder_set_default_wall_limit(builder, 0));
    SUCCEEDS(curfew_monitors_new(&monitors));
    SUCCEEDS(curfew_monitors_add(monitors, "cpu-time", "50ms"));
    SUCCEEDS(curfew_builder_set_default_monitors(builder, monitors));
    curfew_monitors_free(monitors);
    SUCCEEDS(curfew_builder_set_strict_isolation(builder));
    loaded = loaded_with(builder, "function handler() { for (;;); }");
    error = curfew_loaded_call(loaded, "main", "1", 1, NULL, NULL, &result);
    CHECK(error);
    IS(curfew_error_terminated_by(error, NULL), "cpu-time");
    curfew_error_free(error);
    curfew_loaded_free(loaded);
    SUCCEEDS(curfew_builder_set_heap_size(builder, 1));
    {
        curfew_proto* proto = NULL;
        FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_build(builder, &proto));
        SUCCEEDS(curfew_builder_set_heap_size(builder, 16 << 20));
        SUCCEEDS(curfew_builder_set_cgroup(builder, NULL, 0, -1, 0, 0));
        FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_build(builder, &proto));
    }
    curfew_builder_free(builder);
}

static void built_in_limits(void) {
    static const char source[] = "function handler(forever) { while (forever); return 1 }";
    curfew_loaded* loaded = loaded_with(NULL, source);
    curfew_loaded* other = loaded_with(NULL, source);
    curfew_monitors* monitors = NULL;
    curfew_monitors* soft = NULL;
    curfew_quota* quota = NULL;
    curfew_result* result = NULL;
    curfew_error* error;
    SUCCEEDS(curfew_monitors_new(&monitors));
    SUCCEEDS(curfew_monitors_add_wall_clock(monitors, 20000000, 1, 1));
    error = curfew_loaded_call(loaded, "main", "true", CURFEW_NUL_ENDED, monitors, NULL, &result);
    CHECK(error != NULL);
    if (error) IS(curfew_error_terminated_by(error, NULL), "wall-clock");
    curfew_error_free(error);
    curfew_monitors_free(monitors);
    curfew_loaded_free(loaded);

    SUCCEEDS(curfew_quota_new(20000000, 1000000000000000, &quota));
    CHECK(curfew_quota_available_ns(quota) == 20000000 && curfew_quota_available_ns(NULL) == 0);
    SUCCEEDS(curfew_monitors_new(&monitors));
    SUCCEEDS(curfew_monitors_add_quota(monitors, quota));
    error = curfew_loaded_call(other, "main", "true", CURFEW_NUL_ENDED, monitors, NULL, &result);
    CHECK(error != NULL);
    if (error) IS(curfew_error_terminated_by(error, NULL), "quota");
    curfew_error_free(error);
    CHECK(curfew_quota_available_ns(quota) < 20000000);
    curfew_loaded_free(other);

    SUCCEEDS(curfew_monitors_new(&soft));
    SUCCEEDS(curfew_monitors_add_soft(soft, "wall-clock", "1us"));
    loaded = loaded_with(NULL, source);
    SUCCEEDS(curfew_loaded_call(loaded, "main", "false", CURFEW_NUL_ENDED, soft, NULL, &result));
    curfew_result_free(result);
    curfew_loaded_free(loaded);

    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add_soft(soft, "patience", "1s"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add_wall_clock(soft, 0, 0, 0));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add_wall_clock(NULL, 1, 0, 0));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add_quota(NULL, quota));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add_quota(soft, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_quota_new(1, 1, NULL));
    curfew_quota_free(quota);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_quota_new(-1, 1, &quota));
    CHECK(quota == NULL);
    curfew_quota_free(NULL);
    curfew_monitors_free(soft);
    curfew_monitors_free(monitors);
}

static void kill_it(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                    curfew_reply* reply) {
    (void)arguments, (void)count, (void)reply;
    CHECK(curfew_interrupt_kill(*(curfew_interrupt**)user) == 1);
    CHECK(curfew_call_cancelled(call));
}

static void interrupts(void) {
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_sandbox* sandbox = NULL;
    curfew_loaded* loaded = NULL;
    curfew_result* result = NULL;
    curfew_interrupt* interrupt = NULL;
    curfew_interrupt* other = NULL;
    curfew_error* error;
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_build(builder, &proto));
    SUCCEEDS(curfew_proto_add_function(proto, "m", "kill", kill_it, &interrupt, NULL));
    SUCCEEDS(curfew_proto_load_runtime(proto, &sandbox));
    SUCCEEDS(curfew_sandbox_interrupt(sandbox, &interrupt));
    SUCCEEDS(curfew_sandbox_add_handler(sandbox, "main",
                                        "import { kill } from 'm'; export function handler() { kill(); for (;;); }",
                                        CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    SUCCEEDS(curfew_loaded_interrupt(loaded, &other));
    CHECK(!curfew_interrupt_kill(other)); /* nothing runs */
    error = curfew_loaded_call(loaded, "main", "1", 1, NULL, NULL, &result);
    CHECK(error && curfew_error_code(error) == CURFEW_CANCELLED);
    IS(curfew_error_terminated_by(error, NULL), "kill");
    curfew_error_free(error);
    curfew_loaded_free(loaded);
    CHECK(!curfew_interrupt_kill(other)); /* its sandbox is gone */
    curfew_interrupt_free(interrupt);
    curfew_interrupt_free(other);
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(builder);
}

struct heard {
    int kinds[16];
    char text[256];
    int freed;
};

static void hear(void* user, const curfew_event* event) {
    struct heard* heard = (struct heard*)user;
    CHECK(event->struct_size == sizeof *event && event->kind > 0 && event->kind < 16);
    ++heard->kinds[event->kind];
    if (event->kind == CURFEW_INVOCATION_ENDED) {
        snprintf(heard->text, sizeof heard->text, "%s:%s:%s", event->handler, event->outcome,
                 event->error ? curfew_error_code_name(event->error) : "");
        CHECK(event->usage && event->usage->wall_time_ns > 0);
    }
    if (event->kind == CURFEW_PRINTED) {
        IS(event->text, "hello");
        CHECK(event->text_length == 5 && event->level == CURFEW_LOG);
    }
    if (event->kind == CURFEW_MONITOR_FIRED) IS(event->monitor, "cpu-time");
    if (event->kind == CURFEW_SANDBOX_DROPPED) CHECK(strlen(event->stage) > 0);
}

static void free_heard(void* user) { ++((struct heard*)user)->freed; }

static void observers(void) {
    static struct heard own, all;
    curfew_builder* builder = NULL;
    curfew_registration* registration = NULL;
    curfew_monitors* monitors = NULL;
    curfew_loaded* loaded;
    curfew_result* result = NULL;
    SUCCEEDS(curfew_observe(hear, &all, free_heard, &registration));
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_add_observer(builder, hear, &own, free_heard));
    loaded = loaded_with(builder, "function handler(e) { console.log('hello'); while (e); return 1 }");
    EXPECT_RESULT(loaded, "false", "1");
    IS(own.text, "main:completed:");
    SUCCEEDS(curfew_monitors_new(&monitors));
    SUCCEEDS(curfew_monitors_add(monitors, "cpu-time", "10ms"));
    FAILS(CURFEW_CANCELLED, curfew_loaded_call(loaded, "main", "true", CURFEW_NUL_ENDED, monitors, NULL, &result));
    IS(own.text, "main:terminated:cancelled");
    curfew_monitors_free(monitors);
    curfew_loaded_free(loaded);
    curfew_builder_free(builder);
    CHECK(own.freed == 1);
    CHECK(own.kinds[CURFEW_SANDBOX_LOADED] == 1 && own.kinds[CURFEW_PRINTED] == 2);
    CHECK(own.kinds[CURFEW_INVOCATION_BEGUN] == 3 && own.kinds[CURFEW_INVOCATION_ENDED] == 3);
    CHECK(own.kinds[CURFEW_MONITOR_FIRED] == 1 && own.kinds[CURFEW_SANDBOX_DROPPED] >= 1);
    CHECK(memcmp(own.kinds, all.kinds, sizeof own.kinds) == 0);
    curfew_registration_free(registration);
    loaded = loaded_with(NULL, "function handler() {}");
    curfew_loaded_free(loaded);
    CHECK(all.kinds[CURFEW_SANDBOX_LOADED] == 1);
    CHECK(all.freed == 1);
}

int main(int count, char** arguments) {
    static const struct test_case cases[] = {
        {"custom_monitors", custom_monitors}, {"default_limits", default_limits}, {"built_in_limits", built_in_limits},
        {"interrupts", interrupts},           {"observers", observers},
    };
    return run_cases(cases, sizeof cases / sizeof *cases, count, arguments);
}
