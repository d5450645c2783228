/* A plug-in of a server, in C: customers write filters for requests, in JavaScript; the server runs each request through one, in a
 * state that no other request has touched, and goes on whatever the filter does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curfew/c.h>

/* What the customer wrote. */
static const char filter[] =
    "import { lookup } from 'host:server';\n"
    "let seen = 0;\n"
    "export function handler(request) {\n"
    "    ++seen;  // of this request's own state: always 1\n"
    "    if (request.path === '/spin') for (;;);\n"
    "    if (request.path.startsWith('/admin')) return { status: 403 };\n"
    "    return { status: 200, to: lookup(request.path), seen };\n"
    "}\n";

/* A function of the server's that filters can call. */
static void lookup(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                   curfew_reply* reply) {
    const char* table = user;
    (void)call;
    if (count == 1 && strcmp(arguments[0].data, "\"/home\"") == 0) {
        curfew_reply_json(reply, table, CURFEW_NUL_ENDED);
    } else {
        curfew_reply_error(reply, "no such page", CURFEW_NUL_ENDED);
    }
}

struct plugin {
    curfew_monitors* limits;
    curfew_pool* pool;
};

static curfew_error* plugin_open(struct plugin* plugin, const char* source) {
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_sandbox* sandbox = NULL;
    curfew_loaded* loaded = NULL;
    curfew_snapshot* snapshot = NULL;
    curfew_pool_options options = {sizeof options, 2, 0, CURFEW_RESTORE_AFTER_EVERY_REQUEST, 0, 0};
    curfew_error* error = curfew_monitors_new(&plugin->limits);
    if (!error) error = curfew_monitors_add(plugin->limits, "cpu-time", "50ms");
    if (!error) error = curfew_monitors_add(plugin->limits, "wall-clock", "2s");
    if (!error) error = curfew_builder_new(&builder);
    if (!error) error = curfew_builder_build(builder, &proto);
    if (!error) error = curfew_proto_add_function(proto, "server", "lookup", lookup, "\"/index.html\"", NULL);
    if (!error) error = curfew_proto_load_runtime(proto, &sandbox);
    if (!error) error = curfew_sandbox_add_handler(sandbox, "filter", source, CURFEW_NUL_ENDED, NULL);
    if (!error) error = curfew_sandbox_load(sandbox, plugin->limits, &loaded);
    if (!error) error = curfew_loaded_snapshot(loaded, &snapshot);
    if (!error) error = curfew_pool_new(snapshot, NULL, &options, &plugin->pool);
    curfew_snapshot_free(snapshot);
    curfew_loaded_free(loaded);
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(builder);
    return error;
}

/* May be called from any thread of the server. */
static void plugin_filter(struct plugin* plugin, const char* path) {
    char request[256];
    curfew_result* result = NULL;
    curfew_error* error;
    snprintf(request, sizeof request, "{\"path\":\"%s\"}", path);
    error = curfew_pool_call(plugin->pool, "filter", request, CURFEW_NUL_ENDED, plugin->limits, NULL, &result);
    if (error) {
        printf("%s: %s, %s\n", path, curfew_error_code_name(error), curfew_error_terminated_by(error, NULL));
    } else {
        printf("%s: %s\n", path, curfew_result_json(result, NULL));
    }
    curfew_error_free(error);
    curfew_result_free(result);
}

static void plugin_close(struct plugin* plugin) {
    curfew_pool_free(plugin->pool);
    curfew_monitors_free(plugin->limits);
}

int main(void) {
    struct plugin plugin = {NULL, NULL};
    curfew_error* error = plugin_open(&plugin, filter);
    if (error) {
        fprintf(stderr, "%s\n", curfew_error_message(error, NULL));
        curfew_error_free(error);
        return EXIT_FAILURE;
    }
    plugin_filter(&plugin, "/home");
    plugin_filter(&plugin, "/admin/users");
    plugin_filter(&plugin, "/spin");
    plugin_filter(&plugin, "/home");
    plugin_close(&plugin);
    return EXIT_SUCCESS;
}
