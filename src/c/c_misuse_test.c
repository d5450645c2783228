/* A sandbox that others use: another thread, and a child of a fork. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "c/testing/check.h"

static int begun[2];

static void begin(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                  curfew_reply* reply) {
    (void)user, (void)call, (void)arguments, (void)count, (void)reply;
    CHECK(write(begun[1], "b", 1) == 1);
}

static void* run(void* user) {
    curfew_result* result = NULL;
    FAILS(CURFEW_CANCELLED, curfew_loaded_call(user, "main", "1", 1, NULL, NULL, &result));
    return NULL;
}

static curfew_loaded* endless(void) {
    curfew_proto* proto = plain_proto();
    SUCCEEDS(curfew_proto_add_function(proto, "m", "begin", begin, NULL, NULL));
    return load_main(sandbox_of(proto), "import { begin } from 'm'; export function handler() { begin(); for (;;); }");
}

static void two_threads(void) {
    curfew_loaded* loaded = endless();
    curfew_interrupt* interrupt = NULL;
    curfew_result* result = NULL;
    curfew_snapshot* snapshot = NULL;
    pthread_t thread;
    char byte;
    CHECK(pipe(begun) == 0);
    SUCCEEDS(curfew_loaded_interrupt(loaded, &interrupt));
    CHECK(pthread_create(&thread, NULL, run, loaded) == 0);
    CHECK(read(begun[0], &byte, 1) == 1);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_call(loaded, "main", "1", 1, NULL, NULL, &result));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_snapshot(loaded, &snapshot));
    while (!curfew_interrupt_kill(interrupt)) {
    }
    CHECK(pthread_join(thread, NULL) == 0);
    curfew_interrupt_free(interrupt);
    curfew_loaded_free(loaded);
    close(begun[0]);
    close(begun[1]);
}

/* What is made before a fork belongs to the parent; what the child does to it does nothing. */
static void a_forked_child(void) {
    curfew_loaded* loaded = loaded_with(NULL, "let n = 0; function handler() { return ++n }");
    int status = 0;
    pid_t child;
    EXPECT_RESULT(loaded, "1", "1");
    child = fork();
    if (child == 0) {
        curfew_result* result = NULL;
        curfew_snapshot* snapshot = NULL;
        curfew_pending* pending = NULL;
        curfew_loaded* own;
        failures = 0;
        FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_call(loaded, "main", "1", 1, NULL, NULL, &result));
        FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_snapshot(loaded, &snapshot));
        FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_begin(loaded, "main", "1", 1, NULL, NULL, &pending));
        curfew_loaded_free(loaded);
        own = loaded_with(NULL, "function handler() { return 'own' }");
        EXPECT_RESULT(own, "1", "\"own\"");
        curfew_loaded_free(own);
        _exit(failures != 0);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    EXPECT_RESULT(loaded, "1", "2");
    curfew_loaded_free(loaded);
}

int main(int count, char** arguments) {
    static const struct test_case cases[] = {
        {"two_threads", two_threads},
        {"a_forked_child", a_forked_child},
    };
    return run_cases(cases, sizeof cases / sizeof *cases, count, arguments);
}
