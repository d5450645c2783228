/* What the tests of <curfew/c.h> share. A program of them runs all its cases, or the one that it is given the name of. */
#ifndef CURFEW_C_TESTING_CHECK_H
#define CURFEW_C_TESTING_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curfew/c.h>

static int failures = 0;

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            ++failures;                                                             \
        }                                                                           \
    } while (0)

#define NO_USAGE {sizeof(curfew_usage), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
#define NO_CALL {sizeof(curfew_open_call), 0, NULL, NULL, NULL, 0, NULL, 0}

#define SUCCEEDS(call) succeeds((call), #call, __LINE__)
#define FAILS(code, call) fails((code), (call), #call, __LINE__)
#define IS(text, expected) is((text), (expected), __LINE__)

static inline int succeeds(curfew_error* error, const char* what, int line) {
    if (!error) return 1;
    fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, line, what, curfew_error_message(error, NULL));
    curfew_error_free(error);
    exit(1);
}

/* The message is the caller's until the next failure. */
static inline const char* fails(curfew_code code, curfew_error* error, const char* what, int line) {
    static char message[1024];
    message[0] = '\0';
    if (!error || curfew_error_code(error) != code) {
        fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, line, what,
                error ? curfew_error_message(error, NULL) : "no error");
        ++failures;
    }
    if (error) {
        snprintf(message, sizeof message, "%s", curfew_error_message(error, NULL));
        CHECK(strlen(message) > 10);
    }
    curfew_error_free(error);
    return message;
}

static inline void is(const char* text, const char* expected, int line) {
    if (text && strcmp(text, expected) == 0) return;
    fprintf(stderr, "%s:%d: is: %s\n   expected: %s\n", __FILE__, line, text ? text : "NULL", expected);
    ++failures;
}

static inline void count_free(void* user) { ++*(int*)user; }

static inline curfew_loaded* loaded_with(curfew_builder* builder, const char* source) {
    curfew_proto* proto = NULL;
    curfew_sandbox* sandbox = NULL;
    curfew_loaded* loaded = NULL;
    curfew_builder* own = NULL;
    if (!builder) SUCCEEDS(curfew_builder_new(&own));
    SUCCEEDS(curfew_builder_build(builder ? builder : own, &proto));
    SUCCEEDS(curfew_proto_load_runtime(proto, &sandbox));
    SUCCEEDS(curfew_sandbox_add_handler(sandbox, "main", source, CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(own);
    return loaded;
}

static inline curfew_proto* plain_proto(void) {
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_build(builder, &proto));
    curfew_builder_free(builder);
    return proto;
}

static inline curfew_sandbox* sandbox_of(curfew_proto* proto) {
    curfew_sandbox* sandbox = NULL;
    SUCCEEDS(curfew_proto_load_runtime(proto, &sandbox));
    curfew_proto_free(proto);
    return sandbox;
}

static inline curfew_loaded* load_main(curfew_sandbox* sandbox, const char* source) {
    curfew_loaded* loaded = NULL;
    SUCCEEDS(curfew_sandbox_add_handler(sandbox, "main", source, CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    curfew_sandbox_free(sandbox);
    return loaded;
}

static inline void expect_text(curfew_text* text, const char* expected, int line) {
    is(curfew_text_data(text, NULL), expected, line);
    curfew_text_free(text);
}

#define EXPECT_TEXT(text, expected) expect_text((text), (expected), __LINE__)

static inline void expect_result(curfew_loaded* loaded, const char* event, const char* expected, int line) {
    curfew_result* result = NULL;
    SUCCEEDS(curfew_loaded_call(loaded, "main", event, CURFEW_NUL_ENDED, NULL, NULL, &result));
    is(curfew_result_json(result, NULL), expected, line);
    curfew_result_free(result);
}

#define EXPECT_RESULT(loaded, event, expected) expect_result((loaded), (event), (expected), __LINE__)

struct test_case {
    const char* name;
    void (*run)(void);
};

static inline int run_cases(const struct test_case* cases, size_t size, int count, char** arguments) {
    size_t i;
    int ran = 0;
    for (i = 0; i < size; ++i) {
        if (count == 2 && strcmp(arguments[1], cases[i].name) != 0) continue;
        cases[i].run();
        ++ran;
    }
    if (ran == 0) fprintf(stderr, "there is no such case\n");
    return ran == 0 || failures != 0;
}

#endif
