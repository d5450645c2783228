/* Values beyond JSON, through <curfew/c.h>: events, results and host functions in CBOR. */
#include "c/testing/check.h"

static const char script[] =
    "import * as h from 'host:h';\n"
    "export async function handler(event) {\n"
    "    if (typeof event === 'function') return event;\n"
    "    if (event?.call) return await (event.call === 'wait' ? h.wait(1) : h[event.call](event.with, 7n));\n"
    "    return event instanceof Uint8Array ? event.map((n) => n + 1) : event;\n"
    "}\n";

static void take_first(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                       curfew_reply* reply) {
    /* An array of two: the second is 7n, as a bigint of one byte. */
    const unsigned char* cbor = (const unsigned char*)arguments[0].data;
    const size_t length = arguments[0].length;
    (void)call;
    CHECK(count == 1 && arguments[0].is_bytes);
    CHECK(length > 4 && cbor[0] == 0x82 && memcmp(cbor + length - 3, "\xc2\x41\x07", 3) == 0);
    if (user) {
        curfew_reply_cbor(reply, user, CURFEW_NUL_ENDED);
    } else {
        curfew_reply_cbor(reply, cbor + 1, length - 4);
    }
}

static void take_first_later(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                             curfew_async_reply* reply) {
    (void)user, (void)call, (void)count;
    CHECK(curfew_async_reply_cbor(reply, arguments[0].data + 1, arguments[0].length - 4) == 1);
}

static curfew_loaded* loaded_with_functions(void) {
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_sandbox* sandbox = NULL;
    curfew_loaded* loaded = NULL;
    static char wrong[] = "\x82\x01";
    int freed = 0;
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_build(builder, &proto));
    SUCCEEDS(curfew_proto_add_cbor_function(proto, "h", "first", take_first, NULL, NULL));
    SUCCEEDS(curfew_proto_add_cbor_function(proto, "h", "wrong", take_first, wrong, NULL));
    SUCCEEDS(curfew_proto_add_async_cbor_function(proto, "h", "later", take_first_later, NULL, NULL));
    SUCCEEDS(curfew_proto_add_deferred(proto, "h", "wait"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_add_cbor_function(proto, "h", "none", NULL, &freed, count_free));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_add_async_cbor_function(NULL, "h", "a", take_first_later, NULL, NULL));
    CHECK(freed == 1);
    SUCCEEDS(curfew_proto_load_runtime(proto, &sandbox));
    SUCCEEDS(curfew_sandbox_add_handler(sandbox, "main", script, CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(builder);
    return loaded;
}

static const curfew_call_options with_cbor = {sizeof with_cbor, 0, 0, NULL, 1};

static void expect_cbor(curfew_loaded* loaded, const char* event, size_t size, const char* expected,
                        size_t expected_size, int line) {
    curfew_result* result = NULL;
    size_t length = 0;
    const void* cbor;
    SUCCEEDS(curfew_loaded_call(loaded, "main", event, size, NULL, &with_cbor, &result));
    cbor = curfew_result_cbor(result, &length);
    if (length != expected_size || memcmp(cbor, expected, length) != 0) {
        fprintf(stderr, "%s:%d: another result, of %zu bytes\n", __FILE__, line, length);
        ++failures;
    }
    curfew_result_free(result);
}

#define EXPECT_CBOR(loaded, event, expected) \
    expect_cbor((loaded), (event), sizeof(event) - 1, (expected), sizeof(expected) - 1, __LINE__)

static void events(void) {
    curfew_loaded* loaded = loaded_with_functions();
    curfew_result* result = NULL;
    const char* message;
    EXPECT_CBOR(loaded, "\x43\x01\x02\x03", "\x43\x02\x03\x04");         /* bytes */
    EXPECT_CBOR(loaded, "\xf7", "\xf7");                                 /* undefined */
    EXPECT_CBOR(loaded, "\xd9\x01\x02\x81\x01", "\xd9\x01\x02\x81\x01"); /* a set */
    message = fails(CURFEW_INVALID_ARGUMENT, curfew_loaded_call(loaded, "main", "{}", 2, NULL, &with_cbor, &result), "",
                    __LINE__);
    CHECK(strstr(message, "CBOR") != NULL && result == NULL);
    EXPECT_RESULT(loaded, "{\"a\":1}", "{\"a\":1}");
    SUCCEEDS(curfew_loaded_evaluate(loaded, "undefined", CURFEW_NUL_ENDED, NULL, NULL, &with_cbor, &result));
    CHECK(memcmp(curfew_result_cbor(result, NULL), "\xf7", 2) == 0);
    curfew_result_free(result);
    curfew_loaded_free(loaded);
}

static void functions(void) {
    curfew_loaded* loaded = loaded_with_functions();
    curfew_result* result = NULL;
    const char* message;
    EXPECT_CBOR(loaded,
                "\xa2\x64"
                "call\x65"
                "first\x64with\x43\x01\x02\x03",
                "\x43\x01\x02\x03");
    message = FAILS(CURFEW_HANDLER_ERROR,
                    curfew_loaded_call(loaded, "main", "{\"call\":\"wrong\"}", CURFEW_NUL_ENDED, NULL, NULL, &result));
    CHECK(strstr(message, "is not CBOR that can be read") != NULL);
    EXPECT_RESULT(loaded, "{\"call\":\"first\",\"with\":[1,\"a\"]}", "[1,\"a\"]");
    curfew_loaded_free(loaded);
}

static void async_functions_of_values(void) {
    curfew_loaded* loaded = loaded_with_functions();
    EXPECT_CBOR(loaded,
                "\xa2\x64"
                "call\x65later\x64with\x43\x01\x02\x03",
                "\x43\x01\x02\x03");
    curfew_loaded_free(loaded);
}

static void pending_values(void) {
    curfew_loaded* loaded = loaded_with_functions();
    curfew_pending* pending = NULL;
    curfew_result* result = NULL;
    curfew_waiting* waiting = NULL;
    curfew_open_call call = NO_CALL;
    size_t length = 0;
    SUCCEEDS(curfew_loaded_begin(loaded, "main",
                                 "\xa2\x64"
                                 "call\x64wait\x64with\x41\x01",
                                 18, NULL, &with_cbor, &pending));
    SUCCEEDS(curfew_pending_waiting(pending, &waiting));
    CHECK(curfew_waiting_call_at(waiting, 0, &call) == 1 && call.values == NULL && call.values_length == 0);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_resume_cbor(pending, call.id, "\x82", 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_resume_cbor(pending, call.id, NULL, 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pending_resume_cbor(NULL, call.id, "\x01", 1));
    SUCCEEDS(curfew_pending_resume_cbor(pending, call.id, "\xf7", 1));
    SUCCEEDS(curfew_pending_result(pending, &result));
    CHECK(curfew_result_is_cbor(result) && memcmp(curfew_result_cbor(result, &length), "\xf7", 1) == 0 && length == 1);
    curfew_result_free(result);
    curfew_waiting_free(waiting);
    curfew_pending_free(pending);
    curfew_loaded_free(loaded);
}

static void error_details(void) {
    curfew_loaded* loaded =
        loaded_with(NULL,
                    "export function handler(e) {\n"
                    "  if (e) throw new TypeError('no', {cause: Object.assign(new Error('why'), {n: 7n})});\n"
                    "  throw [1, 'two'];\n"
                    "}");
    curfew_result* result = NULL;
    curfew_text* text = NULL;
    curfew_error* error = curfew_loaded_call(loaded, "main", "1", 1, NULL, NULL, &result);
    SUCCEEDS(curfew_error_details(error, &text));
    CHECK(text != NULL);
    if (text) {
        const char* json = curfew_text_data(text, NULL);
        CHECK(strstr(json, "{\"name\":\"TypeError\",\"message\":\"no\"") == json);
        CHECK(strstr(json, "\"file\":\"handler.js\",\"line\":2"));
        CHECK(strstr(json, "\"cause\":{\"name\":\"Error\",\"message\":\"why\"") &&
              strstr(json, "\"value\":{\"n\":{\"$bigint\""));
    }
    curfew_text_free(text);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_error_details(error, NULL));
    curfew_error_free(error);
    error = curfew_loaded_call(loaded, "main", "0", 1, NULL, NULL, &result);
    SUCCEEDS(curfew_error_details(error, &text));
    CHECK(text && strstr(curfew_text_data(text, NULL), "\"value\":[1,\"two\"]"));
    curfew_text_free(text);
    curfew_error_free(error);
    error = curfew_loaded_call(loaded, "nobody", "0", 1, NULL, NULL, &result);
    SUCCEEDS(curfew_error_details(error, &text));
    CHECK(text == NULL);
    curfew_error_free(error);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_error_details(NULL, &text));
    SUCCEEDS(curfew_loaded_handlers(loaded, &result));
    CHECK(!curfew_result_is_cbor(result));
    curfew_result_free(result);
    curfew_loaded_free(loaded);
}

int main(int count, char** arguments) {
    static const struct test_case cases[] = {
        {"events", events},
        {"functions", functions},
        {"async_functions_of_values", async_functions_of_values},
        {"pending_values", pending_values},
        {"error_details", error_details},
    };
    return run_cases(cases, sizeof cases / sizeof *cases, count, arguments);
}
