/* Snapshots of every kind, and what they say of themselves, through <curfew/c.h>. */
#include <dirent.h>
#include <unistd.h>

#include "c/testing/check.h"

static curfew_snapshot* counter_snapshot(void) {
    curfew_loaded* loaded = loaded_with(NULL, "let n = 0; function handler() { return ++n }");
    curfew_snapshot* snapshot = NULL;
    SUCCEEDS(curfew_loaded_snapshot(loaded, &snapshot));
    curfew_loaded_free(loaded);
    return snapshot;
}

static void expect_count(const curfew_snapshot* snapshot) {
    curfew_loaded* loaded = NULL;
    SUCCEEDS(curfew_loaded_from_snapshot(snapshot, NULL, &loaded));
    EXPECT_RESULT(loaded, "1", "1");
    curfew_loaded_free(loaded);
}

static void unloaded_sandboxes(void) {
    curfew_sandbox* sandbox = sandbox_of(plain_proto());
    curfew_sandbox* other = NULL;
    curfew_sandbox* none = NULL;
    curfew_loaded* not_loaded = NULL;
    curfew_snapshot* no_snapshot = NULL;
    curfew_snapshot* snapshot = NULL;
    curfew_snapshot* of_loaded = counter_snapshot();
    curfew_loaded* loaded = NULL;
    curfew_proto* host = plain_proto();
    curfew_text* text = NULL;
    curfew_snapshot_info info = {sizeof info, 0, 0, 0, 0, 0, 0};
    SUCCEEDS(
        curfew_sandbox_add_handler(sandbox, "main", "export const handler = () => 'saved'", CURFEW_NUL_ENDED, NULL));
    SUCCEEDS(curfew_sandbox_snapshot(sandbox, &snapshot));
    curfew_snapshot_look(snapshot, &info);
    CHECK(info.kind == CURFEW_SNAPSHOT_OF_SANDBOX && info.heap_size == 16 << 20 && info.stack_size > 0 && !info.waits);
    CHECK(info.size == 0 && !info.jitless);
    SUCCEEDS(curfew_snapshot_handlers(snapshot, &text));
    EXPECT_TEXT(text, "[\"main\"]");
    SUCCEEDS(curfew_sandbox_clear_handlers(sandbox));
    SUCCEEDS(curfew_sandbox_restore(sandbox, snapshot));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_restore(sandbox, of_loaded));
    SUCCEEDS(curfew_sandbox_load(sandbox, NULL, &loaded));
    EXPECT_RESULT(loaded, "1", "\"saved\"");
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_restore(loaded, snapshot));
    curfew_loaded_free(loaded);
    SUCCEEDS(curfew_sandbox_from_snapshot(snapshot, NULL, &other));
    curfew_sandbox_free(other);
    SUCCEEDS(curfew_sandbox_from_snapshot(snapshot, host, &other));
    SUCCEEDS(curfew_sandbox_load(other, NULL, &loaded));
    EXPECT_RESULT(loaded, "1", "\"saved\"");
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_loaded_from_snapshot(snapshot, NULL, &not_loaded));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_from_snapshot(of_loaded, NULL, &none));
    CHECK(not_loaded == NULL && none == NULL);
    curfew_loaded_free(loaded);
    curfew_sandbox_free(other);
    curfew_snapshot_look(of_loaded, &info);
    CHECK(info.kind == CURFEW_SNAPSHOT_OF_LOADED && info.size == curfew_snapshot_size(of_loaded));

    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_snapshot(NULL, &no_snapshot));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_restore(sandbox, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_sandbox_from_snapshot(NULL, NULL, &none));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_handlers(NULL, &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_requirements(NULL, &text));
    curfew_snapshot_look(NULL, &info);
    curfew_snapshot_free(snapshot);
    curfew_snapshot_free(of_loaded);
    curfew_sandbox_free(sandbox);
    curfew_proto_free(host);
}

static void signed_files(void) {
    char path[] = "/tmp/curfew-c-XXXXXX";
    char key_path[] = "/tmp/curfew-c-XXXXXX";
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    curfew_snapshot* snapshot = counter_snapshot();
    curfew_snapshot* read = NULL;
    curfew_signing_key* key = NULL;
    curfew_signing_key* same = NULL;
    curfew_signing_key* other = NULL;
    curfew_signing_key* none = NULL;
    const int descriptor = mkstemp(path);
    const int key_descriptor = mkstemp(key_path);
    CHECK(write(key_descriptor, secret, 32) == 32);
    SUCCEEDS(curfew_signing_key_new(secret, 32, &key));
    SUCCEEDS(curfew_signing_key_from_file(key_path, &same));
    SUCCEEDS(curfew_signing_key_new("somebody else's secret", 22, &other));
    SUCCEEDS(curfew_snapshot_save_signed(snapshot, path, key));
    SUCCEEDS(curfew_snapshot_load_signed(path, same, &read));
    expect_count(read);
    curfew_snapshot_free(read);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_load_signed(path, other, &read));
    SUCCEEDS(curfew_snapshot_save(snapshot, path));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_load_signed(path, key, &read));

    FAILS(CURFEW_INVALID_ARGUMENT, curfew_signing_key_new("short", 5, &none));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_signing_key_new(NULL, 32, &none));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_signing_key_from_file("/no/such/file", &none));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_signing_key_from_file(NULL, &none));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_save_signed(snapshot, path, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_save_signed(NULL, path, key));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_load_signed(path, NULL, &read));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_load_signed(NULL, key, &read));
    curfew_signing_key_free(key);
    curfew_signing_key_free(same);
    curfew_signing_key_free(other);
    curfew_signing_key_free(NULL);
    curfew_snapshot_free(snapshot);
    close(descriptor);
    close(key_descriptor);
    remove(path);
    remove(key_path);
}

static void empty_folder(const char* folder) {
    char path[512];
    struct dirent* entry;
    DIR* open = opendir(folder);
    CHECK(open != NULL);
    while (open && (entry = readdir(open)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.') remove(path);
    }
    if (open) closedir(open);
    rmdir(folder);
}

static void folders(void) {
    char folder[] = "/tmp/curfew-c-XXXXXX";
    curfew_snapshot* snapshot = counter_snapshot();
    curfew_snapshot* read = NULL;
    curfew_text* digest = NULL;
    curfew_text* text = NULL;
    size_t count = 7;
    size_t length = 0;
    CHECK(mkdtemp(folder) != NULL);
    SUCCEEDS(curfew_folder_tags(folder, &text));
    EXPECT_TEXT(text, "[]");
    SUCCEEDS(curfew_snapshot_save_as(snapshot, folder, "nightly", &digest));
    CHECK(strncmp(curfew_text_data(digest, &length), "sha256:", 7) == 0 && length == 7 + 64);
    SUCCEEDS(curfew_snapshot_save_as(snapshot, folder, "also", NULL));
    SUCCEEDS(curfew_folder_tags(folder, &text));
    EXPECT_TEXT(text, "[\"also\",\"nightly\"]");
    SUCCEEDS(curfew_folder_digest(folder, "nightly", &text));
    EXPECT_TEXT(text, curfew_text_data(digest, NULL));
    SUCCEEDS(curfew_snapshot_load_from(folder, "also", &read));
    expect_count(read);
    curfew_snapshot_free(read);
    SUCCEEDS(curfew_snapshot_load_from(folder, curfew_text_data(digest, NULL), &read));
    curfew_snapshot_free(read);
    SUCCEEDS(curfew_folder_remove(folder, "also"));
    SUCCEEDS(curfew_folder_remove_untagged(folder, &count));
    CHECK(count == 0); /* another tag means the same */
    SUCCEEDS(curfew_folder_remove(folder, "nightly"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_folder_remove(folder, "nightly"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_folder_digest(folder, "nightly", &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_load_from(folder, "nightly", &read));
    SUCCEEDS(curfew_folder_remove_untagged(folder, &count));
    CHECK(count == 1);
    SUCCEEDS(curfew_folder_remove_untagged(folder, NULL));

    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_save_as(snapshot, folder, "../up", &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_save_as(NULL, folder, "a", &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_save_as(snapshot, NULL, "a", &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_save_as(snapshot, folder, NULL, &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_load_from(NULL, "a", &read));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_snapshot_load_from(folder, NULL, &read));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_folder_tags(NULL, &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_folder_digest(folder, NULL, &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_folder_digest(NULL, "a", &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_folder_remove(folder, NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_folder_remove_untagged(NULL, &count));
    CHECK(text == NULL);
    curfew_text_free(digest);
    curfew_text_free(NULL);
    curfew_snapshot_free(snapshot);
    empty_folder(folder);
}

static void answer_null(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                        curfew_reply* reply) {
    (void)user, (void)call, (void)arguments, (void)count;
    curfew_reply_json(reply, "null", CURFEW_NUL_ENDED);
}

static void descriptions(void) {
    static const char* const names[] = {"city", NULL};
    curfew_description by_names = {sizeof by_names, "The degrees there.", NULL, NULL, NULL, names};
    curfew_description by_signature = {sizeof by_signature, NULL, "(id: string): Promise<Row[]>", NULL, NULL, NULL};
    curfew_description by_schema = {
        sizeof by_schema, NULL, NULL, "{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"string\"}}}", NULL, NULL};
    curfew_description broken = {sizeof broken, NULL, NULL, "[", NULL, NULL};
    curfew_proto* proto = plain_proto();
    curfew_text* text = NULL;
    curfew_loaded* loaded;
    curfew_snapshot* snapshot = NULL;
    SUCCEEDS(curfew_proto_describe_function(proto, "shop", "weather", &by_names));
    SUCCEEDS(curfew_proto_add_function(proto, "shop", "weather", answer_null, NULL, NULL));
    SUCCEEDS(curfew_proto_add_function(proto, "shop", "rows", answer_null, NULL, NULL));
    SUCCEEDS(curfew_proto_describe_function(proto, "shop", "rows", &by_signature));
    SUCCEEDS(curfew_proto_add_deferred(proto, "shop", "find"));
    SUCCEEDS(curfew_proto_describe_function(proto, "shop", "find", &by_schema));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_describe_function(proto, "shop", "find", &broken));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_describe_function(proto, "shop", "find", NULL));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_describe_function(proto, "shop", NULL, &by_schema));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_describe_function(proto, NULL, "find", &by_schema));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_describe_function(NULL, "shop", "find", &by_schema));
    SUCCEEDS(curfew_proto_describe(proto, &text));
    CHECK(strstr(curfew_text_data(text, NULL), "declare module") &&
          strstr(curfew_text_data(text, NULL), "weather(city: any): any"));
    CHECK(strstr(curfew_text_data(text, NULL), "The degrees there."));
    CHECK(strstr(curfew_text_data(text, NULL), "rows(id: string): Promise<Row[]>"));
    CHECK(strstr(curfew_text_data(text, NULL), "q?: string"));
    curfew_text_free(text);
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_describe(NULL, &text));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_describe(proto, NULL));

    SUCCEEDS(curfew_proto_set_front(
        proto, "shop", "import * as own from 'shop'; export const front = () => own.rows();", CURFEW_NUL_ENDED));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_set_front(proto, "shop", NULL, CURFEW_NUL_ENDED));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_set_front(proto, NULL, "", 0));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_set_front(NULL, "shop", "", 0));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_add_deferred(NULL, "shop", "x"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_add_deferred(proto, NULL, "x"));
    FAILS(CURFEW_INVALID_ARGUMENT, curfew_proto_add_deferred(proto, "shop", NULL));
    loaded = load_main(sandbox_of(proto), "import { front } from 'shop'; export const handler = () => front();");
    EXPECT_RESULT(loaded, "1", "null");
    SUCCEEDS(curfew_loaded_snapshot(loaded, &snapshot));
    SUCCEEDS(curfew_snapshot_requirements(snapshot, &text));
    EXPECT_TEXT(text, "{\"shop\":[\"find\",\"rows\",\"weather\"]}");
    curfew_snapshot_free(snapshot);
    curfew_loaded_free(loaded);
}

int main(int count, char** arguments) {
    static const struct test_case cases[] = {
        {"unloaded_sandboxes", unloaded_sandboxes},
        {"signed_files", signed_files},
        {"folders", folders},
        {"descriptions", descriptions},
    };
    return run_cases(cases, sizeof cases / sizeof *cases, count, arguments);
}
