/* An order that waits for a person's yes, in C. Nothing runs while it waits; it is saved, and another sandbox goes on with it. */
#include <stdio.h>
#include <stdlib.h>

#include <curfew/c.h>

static const char program[] =
    "import { approve } from 'host:shop';\n"
    "export async function handler(order) {\n"
    "    return (await approve(order.item, order.price)) ? 'sent: ' + order.item : 'not sent';\n"
    "}\n";

static void check(curfew_error* error) {
    if (!error) return;
    fprintf(stderr, "%s\n", curfew_error_message(error, NULL));
    exit(EXIT_FAILURE);
}

/* What scripts may call: a function without a body, which whoever goes on with the invocation answers. */
static curfew_proto* make_host(void) {
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    check(curfew_builder_new(&builder));
    check(curfew_builder_build(builder, &proto));
    check(curfew_proto_add_deferred(proto, "shop", "approve"));
    curfew_builder_free(builder);
    return proto;
}

static curfew_snapshot* begin(void) {
    curfew_proto* proto = make_host();
    curfew_sandbox* sandbox = NULL;
    curfew_loaded* loaded = NULL;
    curfew_pending* pending = NULL;
    curfew_snapshot* saved = NULL;
    check(curfew_proto_load_runtime(proto, &sandbox));
    check(curfew_sandbox_add_handler(sandbox, "order", program, CURFEW_NUL_ENDED, NULL));
    check(curfew_sandbox_load(sandbox, NULL, &loaded));
    check(curfew_loaded_begin(loaded, "order", "{\"item\":\"cake\",\"price\":40}", CURFEW_NUL_ENDED, NULL, NULL,
                              &pending));
    printf("done: %d\n", curfew_pending_done(pending));
    check(curfew_loaded_snapshot(loaded, &saved)); /* curfew_snapshot_save() would put it into a file */
    curfew_pending_free(pending);
    curfew_loaded_free(loaded);
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    return saved;
}

static void answer(const curfew_snapshot* saved, const char* yes_or_no) {
    curfew_proto* host = make_host();
    curfew_loaded* loaded = NULL;
    curfew_pending* pending = NULL;
    curfew_waiting* waiting = NULL;
    curfew_result* result = NULL;
    curfew_open_call call = {sizeof call, 0, NULL, NULL, NULL, 0, NULL, 0};
    check(curfew_loaded_from_snapshot(saved, host, &loaded));
    check(curfew_loaded_continue(loaded, NULL, NULL, &pending));
    check(curfew_pending_waiting(pending, &waiting));
    if (curfew_waiting_call_at(waiting, 0, &call)) {
        printf("%s.%s%s? %s\n", call.module, call.function, call.arguments, yes_or_no);
        check(curfew_pending_resume(pending, call.id, yes_or_no, CURFEW_NUL_ENDED));
    }
    curfew_waiting_free(waiting);
    check(curfew_pending_result(pending, &result));
    puts(curfew_result_json(result, NULL));
    curfew_result_free(result);
    curfew_pending_free(pending);
    curfew_loaded_free(loaded);
    curfew_proto_free(host);
}

int main(void) {
    curfew_snapshot* saved = begin();
    answer(saved, "true");
    answer(saved, "false"); /* once more, from the same place */
    curfew_snapshot_free(saved);
    return EXIT_SUCCESS;
}
