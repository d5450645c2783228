/* The life cycle, through <curfew/c.h>. */
#include <unistd.h>

#include "c/testing/check.h"

static void life_cycle(void) {
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_sandbox* sandbox = NULL;
    curfew_loaded* loaded = NULL;
    curfew_result* result = NULL;
    curfew_script_options options = {sizeof options, "greeting.js", "/app", 0, 0, NULL};
    curfew_call_options call = {sizeof call, 1, 1, NULL, 0};
    curfew_usage usage = NO_USAGE;
    size_t length = 0;
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_set_heap_size(builder, 8 << 20));
    SUCCEEDS(curfew_builder_set_stack_size(builder, 512 << 10));
    SUCCEEDS(curfew_builder_set_output_limit(builder, 1 << 20));
    SUCCEEDS(curfew_builder_set_host_argument_limit(builder, 1 << 16));
    SUCCEEDS(curfew_builder_set_open_host_calls(builder, 8));
    SUCCEEDS(curfew_builder_set_spinning(builder, 0));
    SUCCEEDS(curfew_builder_set_engine(builder, curfew_engine_name(0)));
    SUCCEEDS(curfew_builder_build(builder, &proto));
    SUCCEEDS(curfew_proto_load_runtime(proto, &sandbox));
    SUCCEEDS(curfew_sandbox_add_handler(sandbox, "gone", "function handler() {}", CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_clear_handlers(sandbox));
    SUCCEEDS(curfew_sandbox_add_handler(sandbox, "gone", "function handler() {}", CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_remove_handler(sandbox, "gone"));
    /* Of the text, only so much. */
    SUCCEEDS(curfew_sandbox_add_handler(sandbox, "greet", "export const handler = (e) => 'Hello, ' + e.name; garbage",
                                        48, &options));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    IS(curfew_loaded_engine(loaded), curfew_engine_name(0));
    SUCCEEDS(curfew_loaded_handlers(loaded, &result));
    IS(curfew_result_json(result, NULL), "[\"greet\"]");
    curfew_result_free(result);
    SUCCEEDS(curfew_loaded_call(loaded, "greet", "{\"name\":\"World\"} and more", 16, NULL, &call, &result));
    IS(curfew_result_json(result, &length), "\"Hello, World\"");
    CHECK(length == 14);
    curfew_result_usage(result, &usage);
    CHECK(usage.wall_time_ns > 0 && usage.cpu_time_ns > 0 && usage.peak_heap > 0);
    CHECK(usage.bytes_in >= 16 && usage.bytes_out >= 14 && usage.pages_dirtied > 0);
    curfew_result_free(result);

    curfew_sandbox_free(sandbox); /* which is empty */
    FAILS(CURFEW_CONSUMED, curfew_proto_load_runtime(proto, &sandbox));
    CHECK(sandbox == NULL);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_call(loaded, "nobody", "{}", CURFEW_NUL_ENDED, NULL, NULL, &result));
    CHECK(result == NULL);
    SUCCEEDS(curfew_loaded_unload(loaded, &sandbox));
    FAILS(CURFEW_CONSUMED, curfew_loaded_call(loaded, "greet", "{}", CURFEW_NUL_ENDED, NULL, NULL, &result));
    curfew_loaded_free(loaded);
    SUCCEEDS(curfew_sandbox_add_handler(sandbox, "main", "function handler() { return 2 }", CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    EXPECT_RESULT(loaded, "null", "2");
    curfew_loaded_free(loaded);
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(builder);
}

static void errors(void) {
    curfew_loaded* loaded =
        loaded_with(NULL, "function handler(e) { if (e) throw new TypeError('no ' + e); for (;;); }");
    curfew_monitors* monitors = NULL;
    curfew_result* result = NULL;
    curfew_usage usage = NO_USAGE;
    size_t length = 0;
    curfew_error* error = curfew_loaded_call(loaded, "main", "\"way\"", CURFEW_NUL_ENDED, NULL, NULL, &result);
    CHECK(error && curfew_error_code(error) == CURFEW_HANDLER_ERROR && curfew_error_ran(error));
    IS(curfew_error_code_name(error), "handler_error");
    CHECK(strstr(curfew_error_message(error, &length), "no way") &&
          length == strlen(curfew_error_message(error, NULL)));
    CHECK(strstr(curfew_error_stack(error, NULL), "handler.js:1"));
    IS(curfew_error_terminated_by(error, NULL), "");
    curfew_error_free(error);
    CHECK(!curfew_loaded_poisoned(loaded));

    SUCCEEDS(curfew_monitors_new(&monitors));
    SUCCEEDS(curfew_monitors_add(monitors, "cpu-time", "500ms"));
    SUCCEEDS(curfew_monitors_add(monitors, "wall-clock", "20s"));
    CHECK(strstr(FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add(monitors, "cpu-time", "soon")), "500ms"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add(monitors, "patience", "1s"));
    error = curfew_loaded_call(loaded, "main", "null", CURFEW_NUL_ENDED, monitors, NULL, &result);
    CHECK(error && curfew_error_code(error) == CURFEW_CANCELLED);
    IS(curfew_error_terminated_by(error, NULL), "cpu-time");
    curfew_error_usage(error, &usage);
    CHECK(usage.cpu_time_ns + usage.host_cpu_time_ns >= 19000000);
    curfew_error_free(error);
    CHECK(curfew_loaded_poisoned(loaded));
    FAILS(CURFEW_POISONED, curfew_loaded_call(loaded, "main", "null", CURFEW_NUL_ENDED, monitors, NULL, &result));
    curfew_monitors_free(monitors);
    curfew_loaded_free(loaded);
}

/* Each place where something has to be given, and is not. */
static void nothing_given(void) {
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_sandbox* sandbox = NULL;
    curfew_sandbox* other = NULL;
    curfew_loaded* not_loaded = NULL;
    curfew_result* result = NULL;
    curfew_snapshot* snapshot = NULL;
    curfew_pool* pool = NULL;
    curfew_lease* lease = NULL;
    curfew_interrupt* interrupt = NULL;
    curfew_monitors* monitors = NULL;
    curfew_registration* registration = NULL;
    int freed = 0;
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_monitors_new(&monitors));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_new(NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_heap_size(NULL, 1));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_engine(builder, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_engine(builder, "spidermonkey"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_add_file(builder, NULL, "", 0));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_add_file(builder, "/a.js", NULL, CURFEW_NUL_ENDED));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_folder(builder, NULL, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_folder(builder, "/no/such/folder", NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_add_observer(builder, NULL, &freed, count_free));
    CHECK(freed == 1);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_build(NULL, &proto));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_build(builder, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_load_runtime(NULL, &sandbox));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_add_function(NULL, "m", "f", NULL, &freed, count_free));
    CHECK(freed == 2);
    SUCCEEDS(curfew_builder_build(builder, &proto));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_add_function(proto, "m", "f", NULL, NULL, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_load_runtime(proto, NULL));
    SUCCEEDS(curfew_proto_load_runtime(proto, &sandbox));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_add_handler(sandbox, NULL, "", 0, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_add_handler(sandbox, "a", NULL, CURFEW_NUL_ENDED, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_add_handler(sandbox, "", "", 0, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_add_handler_file(sandbox, "a", NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_add_handler_file(sandbox, "a", "/no/such/file.js"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_remove_handler(sandbox, "a"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_clear_handlers(NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_load(NULL, NULL, &not_loaded));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_interrupt(NULL, &interrupt));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_call(NULL, "main", "1", 1, NULL, NULL, &result));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_snapshot(NULL, &snapshot));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_restore(NULL, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_unload(NULL, &other));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_handlers(NULL, &result));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_interrupt(NULL, &interrupt));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_save(NULL, "x"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_load("/no/such/file", &snapshot));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_from_snapshot(NULL, NULL, &not_loaded));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pool_new(NULL, NULL, NULL, &pool));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pool_call(NULL, "main", "1", 1, NULL, NULL, &result));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pool_acquire(NULL, &lease));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add(NULL, "cpu-time", "1s"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add(monitors, NULL, "1s"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_monitors_add_custom(monitors, "mine", NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_observe(NULL, &freed, count_free, &registration));
    CHECK(freed == 3);
    CHECK(!curfew_interrupt_kill(NULL) && !curfew_loaded_poisoned(NULL) && curfew_lease_sandbox(NULL) == NULL);
    CHECK(curfew_snapshot_size(NULL) == 0);
    curfew_error_free(NULL);
    curfew_builder_free(NULL);
    curfew_proto_free(NULL);
    curfew_sandbox_free(NULL);
    curfew_loaded_free(NULL);
    curfew_result_free(NULL);
    curfew_snapshot_free(NULL);
    curfew_pool_free(NULL);
    curfew_lease_free(NULL);
    curfew_interrupt_free(NULL);
    curfew_monitors_free(NULL);
    curfew_registration_free(NULL);
    curfew_monitors_free(monitors);
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(builder);
}

static void join(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                 curfew_reply* reply) {
    char text[256] = "";
    curfew_usage usage = NO_USAGE;
    size_t i;
    ++*(int*)user;
    IS(curfew_call_handler(call), "main");
    CHECK(!curfew_call_cancelled(call));
    curfew_call_usage(call, &usage);
    CHECK(usage.host_calls >= 1);
    for (i = 0; i < count; ++i) {
        if (arguments[i].is_bytes) {
            snprintf(text + strlen(text), sizeof text - strlen(text), "<%u bytes>", (unsigned)arguments[i].length);
        } else {
            CHECK(strlen(arguments[i].data) == arguments[i].length);
            strncat(text, arguments[i].data, sizeof text - strlen(text) - 1);
        }
    }
    if (count == 0) {
        curfew_reply_error(reply, "nothing to join", CURFEW_NUL_ENDED);
    } else if (count == 1) {
        curfew_reply_json(reply, arguments[0].data, arguments[0].length);
    } else {
        curfew_reply_bytes(reply, text, strlen(text));
    }
}

static void silent(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                   curfew_reply* reply) {
    (void)user, (void)call, (void)arguments, (void)count, (void)reply;
}

static void host_functions(void) {
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_sandbox* sandbox = NULL;
    curfew_loaded* loaded = NULL;
    int calls = 0;
    int freed = 0;
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_build(builder, &proto));
    SUCCEEDS(curfew_proto_add_function(proto, "tools", "replaced", silent, &freed, count_free));
    SUCCEEDS(curfew_proto_add_function(proto, "tools", "replaced", silent, NULL, NULL));
    CHECK(freed == 1);
    SUCCEEDS(curfew_proto_add_function(proto, "tools", "silent", silent, &freed, count_free));
    SUCCEEDS(curfew_proto_add_function(proto, "tools", "join", join, &calls, NULL));
    SUCCEEDS(curfew_proto_load_runtime(proto, &sandbox));
    SUCCEEDS(curfew_sandbox_add_handler(
        sandbox, "main",
        "import * as tools from 'host:tools';\n"
        "export function handler() {\n"
        "  let said; try { tools.join() } catch (e) { said = e.message }\n"
        "  return [tools.join({a: [1]}), String.fromCharCode(...tools.join('x', new Uint8Array(3), 7)), said,\n"
        "          tools.silent() === undefined];\n"
        "}",
        CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    EXPECT_RESULT(loaded, "1", "[{\"a\":[1]},\"\\\"x\\\"<3 bytes>7\",\"nothing to join\",true]");
    CHECK(calls == 3);
    FAILS(CURFEW_CONSUMED, curfew_proto_add_function(proto, "tools", "late", silent, NULL, NULL));
    curfew_loaded_free(loaded);
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(builder);
    CHECK(freed == 2);
}

static char printed[256];

static void take_print(void* user, curfew_print_level level, const char* text, size_t length) {
    snprintf(printed + strlen(printed), sizeof printed - strlen(printed), "%d:%.*s", (int)level, (int)length, text);
    ++*(int*)user;
}

static void printing_and_files(void) {
    curfew_builder* builder = NULL;
    curfew_loaded* loaded = NULL;
    int prints = 0;
    int freed = 0;
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_set_print(builder, take_print, &freed, count_free));
    SUCCEEDS(curfew_builder_set_print(builder, take_print, &prints, NULL));
    CHECK(freed == 1);
    SUCCEEDS(curfew_builder_add_file(builder, "/lib/tax.js", "export const tax = 19;", CURFEW_NUL_ENDED));
    SUCCEEDS(curfew_builder_add_file(builder, "/lib/empty.js", NULL, 0));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_set_folder(builder, "/", NULL));
    loaded = loaded_with(builder,
                         "import { tax } from '/lib/tax.js'; import '/lib/empty.js';\n"
                         "export function handler() { console.warn('tax'); print('!'); return tax }");
    EXPECT_RESULT(loaded, "1", "19");
    IS(printed, "3:tax\n0:!");
    CHECK(prints == 2);
    curfew_loaded_free(loaded);
    SUCCEEDS(curfew_builder_set_print(builder, NULL, NULL, NULL));
    curfew_builder_free(builder);
}

static void folders_and_files(void) {
    char folder[] = "/tmp/curfew-c-XXXXXX";
    char path[64];
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_sandbox* sandbox = NULL;
    curfew_loaded* loaded = NULL;
    FILE* file;
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/two.js", folder);
    file = fopen(path, "w");
    CHECK(file && fputs("export const two = 2; export const handler = () => two;", file) >= 0 && fclose(file) == 0);
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_set_folder(builder, folder, "/"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_builder_add_file(builder, "/a.js", "", 0));
    SUCCEEDS(curfew_builder_build(builder, &proto));
    SUCCEEDS(curfew_proto_load_runtime(proto, &sandbox));
    SUCCEEDS(curfew_sandbox_add_handler_file(sandbox, "other", path));
    SUCCEEDS(curfew_sandbox_add_handler(
        sandbox, "main", "import { two } from '/two.js'; export const handler = () => two;", CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    EXPECT_RESULT(loaded, "1", "2");
    curfew_loaded_free(loaded);
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(builder);
    remove(path);
    rmdir(folder);
}

static void snapshots(void) {
    char path[] = "/tmp/curfew-c-XXXXXX";
    curfew_loaded* loaded = loaded_with(NULL, "let n = 0; function handler() { return ++n }");
    curfew_loaded* other = NULL;
    curfew_snapshot* snapshot = NULL;
    curfew_snapshot* read = NULL;
    curfew_builder* builder = NULL;
    curfew_proto* host = NULL;
    const int descriptor = mkstemp(path);
    EXPECT_RESULT(loaded, "1", "1");
    SUCCEEDS(curfew_loaded_snapshot(loaded, &snapshot));
    CHECK(curfew_snapshot_size(snapshot) > 0);
    EXPECT_RESULT(loaded, "1", "2");
    SUCCEEDS(curfew_loaded_restore(loaded, snapshot));
    EXPECT_RESULT(loaded, "1", "2");
    SUCCEEDS(curfew_loaded_from_snapshot(snapshot, NULL, &other));
    EXPECT_RESULT(other, "1", "2");
    curfew_loaded_free(other);
    SUCCEEDS(curfew_snapshot_save(snapshot, path));
    curfew_snapshot_free(snapshot);
    SUCCEEDS(curfew_snapshot_load(path, &read));
    SUCCEEDS(curfew_builder_new(&builder));
    SUCCEEDS(curfew_builder_build(builder, &host));
    SUCCEEDS(curfew_loaded_from_snapshot(read, host, &other));
    curfew_snapshot_free(read);
    EXPECT_RESULT(other, "1", "2");
    curfew_loaded_free(other);
    curfew_loaded_free(loaded);
    curfew_proto_free(host);
    curfew_builder_free(builder);
    close(descriptor);
    remove(path);
}

static void pools(void) {
    curfew_loaded* loaded = loaded_with(NULL, "let n = 0; function handler() { return ++n }");
    curfew_snapshot* snapshot = NULL;
    curfew_pool_options options = {sizeof options, 2, 1, CURFEW_RESTORE_AFTER_EVERY_REQUEST, 4, 1000000000};
    curfew_pool_report report = {sizeof report, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    curfew_pool* pool = NULL;
    curfew_lease* lease = NULL;
    curfew_result* result = NULL;
    curfew_sandbox* sandbox = NULL;
    int i;
    SUCCEEDS(curfew_loaded_snapshot(loaded, &snapshot));
    curfew_loaded_free(loaded);
    SUCCEEDS(curfew_pool_new(snapshot, NULL, &options, &pool));
    for (i = 0; i < 3; ++i) {
        SUCCEEDS(curfew_pool_call(pool, "main", "1", 1, NULL, NULL, &result));
        IS(curfew_result_json(result, NULL), "1");
        curfew_result_free(result);
    }
    SUCCEEDS(curfew_pool_acquire(pool, &lease));
    EXPECT_RESULT(curfew_lease_sandbox(lease), "1", "1");
    EXPECT_RESULT(curfew_lease_sandbox(lease), "1", "2");
    curfew_loaded_free(curfew_lease_sandbox(lease)); /* does nothing: it is the lease's */
    EXPECT_RESULT(curfew_lease_sandbox(lease), "1", "3");
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_unload(curfew_lease_sandbox(lease), &sandbox));
    curfew_pool_report_now(pool, &report);
    CHECK(report.requests == 4 && report.in_use == 1 && report.created >= 1);
    curfew_lease_note_failure(lease);
    curfew_lease_free(lease);
    curfew_pool_shut_down(pool);
    FAILS(CURFEW_CONSUMED, curfew_pool_call(pool, "main", "1", 1, NULL, NULL, &result));
    curfew_pool_free(pool);
    options.restore = 7;
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_pool_new(snapshot, NULL, &options, &pool));
    curfew_snapshot_free(snapshot);
}

static void tables(void) {
    curfew_limit_kind kind = {sizeof kind, NULL, NULL, NULL, NULL, 0};
    /* As somebody has it who was compiled when there were two fields. */
    curfew_limit_kind older = {2 * sizeof(size_t), NULL, NULL, NULL, NULL, 0};
    size_t i;
    int wall = 0;
    for (i = 0; curfew_limit_kind_at(i, &kind); ++i) {
        CHECK(strlen(kind.name) > 0 && strlen(kind.help) > 0 && kind.option && kind.example);
        CHECK(kind.form >= CURFEW_LIMIT_DURATION && kind.form <= CURFEW_LIMIT_WITHOUT_TEXT);
        if (strcmp(kind.name, "wall-clock") == 0) wall = kind.form == CURFEW_LIMIT_DURATION;
    }
    CHECK(wall && i >= 6);
    CHECK(curfew_limit_kind_at(0, &older));
    CHECK(older.name != NULL && older.option == NULL);
    CHECK(curfew_engine_count() >= 1);
    for (i = 0; i < curfew_engine_count(); ++i) CHECK(strlen(curfew_engine_name(i)) > 0);
    CHECK(curfew_engine_name(i) == NULL);
    CHECK(strchr(curfew_version(), '.') != NULL);
}

int main(int count, char** arguments) {
    static const struct test_case cases[] = {
        {"life_cycle", life_cycle},
        {"errors", errors},
        {"nothing_given", nothing_given},
        {"host_functions", host_functions},
        {"printing_and_files", printing_and_files},
        {"folders_and_files", folders_and_files},
        {"snapshots", snapshots},
        {"pools", pools},
        {"tables", tables},
    };
    return run_cases(cases, sizeof cases / sizeof *cases, count, arguments);
}
