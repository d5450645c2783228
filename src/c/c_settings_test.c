/* What a builder and a script may be told, through <curfew/c.h>. */
#include "c/testing/check.h"

static curfew_loaded* of_script(const char* source, const curfew_script_options* options) {
    curfew_sandbox* sandbox = sandbox_of(plain_proto());
    curfew_loaded* loaded = NULL;
    SUCCEEDS(curfew_sandbox_add_handler(sandbox, "main", source, CURFEW_NUL_ENDED, options));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    curfew_sandbox_free(sandbox);
    return loaded;
}

static void scripts(void) {
    /* Line 1 of what runs is line 3 of "cake.ts". */
    static const char map[] = "{\"version\":3,\"sources\":[\"cake.ts\"],\"names\":[],\"mappings\":\"AAEA\"}";
    curfew_script_options typescript = {sizeof typescript, NULL, NULL, 1, 0, NULL};
    curfew_script_options program = {sizeof program, NULL, NULL, 0, 1, NULL};
    curfew_script_options mapped = {sizeof mapped, "cake.js", NULL, 0, 0, map};
    /* As somebody has it who was compiled when there were two fields; what lies behind them is not looked at. */
    curfew_script_options older = {3 * sizeof(size_t), "old.js", NULL, 1, 1, "no map"};
    curfew_loaded* loaded = of_script("export const handler = (n: number): number => n + 1;", &typescript);
    curfew_result* result = NULL;
    curfew_error* error;
    EXPECT_RESULT(loaded, "1", "2");
    curfew_loaded_free(loaded);
    loaded = of_script("event * 10", &program);
    EXPECT_RESULT(loaded, "4", "40");
    curfew_loaded_free(loaded);
    loaded = of_script("export function handler() { throw new Error('flat') }", &mapped);
    error = curfew_loaded_call(loaded, "main", "1", 1, NULL, NULL, &result);
    CHECK(error && strstr(curfew_error_stack(error, NULL), "cake.ts:3"));
    curfew_error_free(error);
    curfew_loaded_free(loaded);
    loaded = of_script("export const handler = () => 'old';", &older);
    EXPECT_RESULT(loaded, "1", "\"old\"");
    curfew_loaded_free(loaded);
}

static void isolation(void) {
    curfew_builder* builder = NULL;
    curfew_loaded* loaded;
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_set_isolation(builder, CURFEW_STRICT, CURFEW_STRICT, CURFEW_WHERE_POSSIBLE));
    SUCCEEDS(curfew_builder_set_isolation(builder, CURFEW_BASIC, CURFEW_BASIC, CURFEW_BASIC));
    SUCCEEDS(curfew_builder_set_isolation(builder, CURFEW_AS_IT_IS, CURFEW_AS_IT_IS, CURFEW_AS_IT_IS));
    FAILS(CURFEW_INVALID_ARGUMENT,
          curfew_builder_set_isolation(builder, CURFEW_WHERE_POSSIBLE, CURFEW_AS_IT_IS, CURFEW_AS_IT_IS));
    FAILS(CURFEW_INVALID_ARGUMENT,
          curfew_builder_set_isolation(builder, CURFEW_AS_IT_IS, (curfew_isolation)9, CURFEW_AS_IT_IS));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_isolation(NULL, CURFEW_BASIC, CURFEW_BASIC, CURFEW_BASIC));
    SUCCEEDS(curfew_builder_set_jitless(builder, 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_jitless(NULL, 1));
    loaded = loaded_with(builder, "function handler() { return 1 }");
    EXPECT_RESULT(loaded, "1", "1");
    curfew_loaded_free(loaded);
    curfew_builder_free(builder);
}

static void hang(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                 curfew_reply* reply) {
    (void)user, (void)arguments, (void)count, (void)reply;
    while (!curfew_call_cancelled(call)) {
    }
}

static void host_threads(void) {
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_monitors* monitors = NULL;
    curfew_loaded* loaded;
    curfew_result* result = NULL;
    curfew_error* error;
    SUCCEEDS(curfew_builder_new(&builder));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_host_thread(NULL, 1));
    SUCCEEDS(curfew_builder_set_host_thread(builder, 0));
    SUCCEEDS(curfew_builder_set_host_thread(builder, 1));
    SUCCEEDS(curfew_builder_build(builder, &proto));
    SUCCEEDS(curfew_proto_add_function(proto, "m", "hang", hang, NULL, NULL));
    loaded = load_main(sandbox_of(proto), "import { hang } from 'm'; export const handler = () => hang();");
    SUCCEEDS(curfew_monitors_new(&monitors));
    SUCCEEDS(curfew_monitors_add(monitors, "wall-clock", "300ms"));
    error = curfew_loaded_call(loaded, "main", "1", 1, monitors, NULL, &result);
    CHECK(error && curfew_error_code(error) == CURFEW_CANCELLED);
    curfew_error_free(error);
    curfew_monitors_free(monitors);
    curfew_loaded_free(loaded);
    curfew_builder_free(builder);
}

static void fetching(void) {
    static const char* const origins[] = {"http://127.0.0.1:9", NULL};
    static const char* const methods[] = {"GET", NULL};
    static const char* const addresses[] = {"127.0.0.1", NULL};
    static const char* const broken[] = {"ftp://example.com", NULL};
    curfew_fetch_header header = {sizeof header, "http://127.0.0.1:9", "authorization", "secret"};
    curfew_fetch_header nameless = {sizeof nameless, "http://127.0.0.1:9", NULL, "secret"};
    curfew_fetch_policy policy = {sizeof policy, origins, methods, addresses, &header, 1,         1 << 20,
                                  1 << 20,       1 << 14, 3,       2,         1,       1000000000};
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_loaded* loaded;
    curfew_error* error;
    SUCCEEDS(curfew_builder_new(&builder));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_fetch(NULL, &policy));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_fetch(builder, NULL));
    policy.headers = &nameless;
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_fetch(builder, &policy));
    policy.headers = &header;
    error = curfew_builder_set_fetch(builder, &policy);
    if (error) { /* there is no libcurl here */
        CHECK(curfew_error_code(error) == CURFEW_UNAVAILABLE);
        curfew_error_free(error);
        curfew_builder_free(builder);
        return;
    }
    loaded =
        loaded_with(builder,
                    "async function handler(url) {\n"
                    "  return await fetch(url).then(() => 'fetched', (e) => e.cause ? e.cause.message : e.message) }");
    {
        curfew_result* result = NULL;
        SUCCEEDS(curfew_loaded_call(loaded, "main", "\"https://example.com/\"", CURFEW_NUL_ENDED, NULL, NULL, &result));
        CHECK(strstr(curfew_result_json(result, NULL), "fetched") == NULL);
        curfew_result_free(result);
    }
    curfew_loaded_free(loaded);
    policy.origins = broken;
    SUCCEEDS(curfew_builder_set_fetch(builder, &policy));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_build(builder, &proto));
    curfew_builder_free(builder);
}

int main(int count, char** arguments) {
    static const struct test_case cases[] = {
        {"scripts", scripts},
        {"isolation", isolation},
        {"host_threads", host_threads},
        {"fetching", fetching},
    };
    return run_cases(cases, sizeof cases / sizeof *cases, count, arguments);
}
