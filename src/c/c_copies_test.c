/* Two copies of the library in one process: each has its own sandboxes, limits and observers. */
#include <dlfcn.h>
#include <pthread.h>

#include "c/testing/check.h"

/* The functions that are used here, of one copy. */
struct copy {
    curfew_error* (*builder_new)(curfew_builder**);
    curfew_error* (*builder_build)(const curfew_builder*, curfew_proto**);
    void (*builder_free)(curfew_builder*);
    curfew_error* (*load_runtime)(curfew_proto*, curfew_sandbox**);
    void (*proto_free)(curfew_proto*);
    curfew_error* (*add_handler)(curfew_sandbox*, const char*, const char*, size_t, const curfew_script_options*);
    curfew_error* (*load)(curfew_sandbox*, const curfew_monitors*, curfew_loaded**);
    void (*sandbox_free)(curfew_sandbox*);
    curfew_error* (*call)(curfew_loaded*, const char*, const char*, size_t, const curfew_monitors*,
                          const curfew_call_options*, curfew_result**);
    void (*loaded_free)(curfew_loaded*);
    curfew_error* (*monitors_new)(curfew_monitors**);
    curfew_error* (*monitors_add)(curfew_monitors*, const char*, const char*);
    void (*monitors_free)(curfew_monitors*);
    const char* (*terminated_by)(const curfew_error*, size_t*);
    void (*error_free)(curfew_error*);
    curfew_error* (*observe)(curfew_observer, void*, curfew_free_user, curfew_registration**);
    void (*registration_free)(curfew_registration*);

    const char* limit; /* with which this copy ends its calls */
    int fired;         /* of those that its observer was told of */
};

static void find(void* library, const char* name, void* function) {
    void* const found = dlsym(library, name);
    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

static struct copy copy_of(const char* path, const char* limit) {
    struct copy copy;
    void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* never closed: its threads run in it */
    memset(&copy, 0, sizeof copy);
    if (!library) fprintf(stderr, "%s\n", dlerror());
    CHECK(library != NULL);
    copy.limit = limit;
    find(library, "curfew_builder_new", &copy.builder_new);
    find(library, "curfew_builder_build", &copy.builder_build);
    find(library, "curfew_builder_free", &copy.builder_free);
    find(library, "curfew_proto_load_runtime", &copy.load_runtime);
    find(library, "curfew_proto_free", &copy.proto_free);
    find(library, "curfew_sandbox_add_handler", &copy.add_handler);
    find(library, "curfew_sandbox_load", &copy.load);
    find(library, "curfew_sandbox_free", &copy.sandbox_free);
    find(library, "curfew_loaded_call", &copy.call);
    find(library, "curfew_loaded_free", &copy.loaded_free);
    find(library, "curfew_monitors_new", &copy.monitors_new);
    find(library, "curfew_monitors_add", &copy.monitors_add);
    find(library, "curfew_monitors_free", &copy.monitors_free);
    find(library, "curfew_error_terminated_by", &copy.terminated_by);
    find(library, "curfew_error_free", &copy.error_free);
    find(library, "curfew_observe", &copy.observe);
    find(library, "curfew_registration_free", &copy.registration_free);
    return copy;
}

static void hear(void* user, const curfew_event* event) {
    struct copy* const copy = user;
    if (event->kind != CURFEW_MONITOR_FIRED) return;
    IS(event->monitor, copy->limit);
    ++copy->fired;
}

static void* run_limited(void* user) {
    struct copy* const copy = user;
    curfew_builder* builder = NULL;
    curfew_proto* proto = NULL;
    curfew_sandbox* sandbox = NULL;
    curfew_loaded* loaded = NULL;
    curfew_monitors* monitors = NULL;
    curfew_registration* registration = NULL;
    curfew_result* result = NULL;
    curfew_error* error;
    CHECK(!copy->observe(hear, copy, NULL, &registration));
    CHECK(!copy->builder_new(&builder) && !copy->builder_build(builder, &proto));
    CHECK(!copy->load_runtime(proto, &sandbox));
    CHECK(!copy->add_handler(sandbox, "main", "function handler() { for (;;); }", CURFEW_NUL_ENDED, NULL));
    CHECK(!copy->load(sandbox, NULL, &loaded));
    CHECK(!copy->monitors_new(&monitors) && !copy->monitors_add(monitors, copy->limit, "20ms"));
    error = copy->call(loaded, "main", "1", 1, monitors, NULL, &result);
    CHECK(error != NULL);
    if (error) IS(copy->terminated_by(error, NULL), copy->limit);
    copy->error_free(error);
    copy->monitors_free(monitors);
    copy->loaded_free(loaded);
    copy->sandbox_free(sandbox);
    copy->proto_free(proto);
    copy->builder_free(builder);
    copy->registration_free(registration);
    CHECK(copy->fired == 1); /* and was not told of the other one's */
    return NULL;
}

int main(int count, char** arguments) {
    struct copy copies[2];
    pthread_t thread;
    if (count != 3) return 2;
    copies[0] = copy_of(arguments[1], "cpu-time");
    copies[1] = copy_of(arguments[2], "wall-clock");
    if (failures != 0) return 1;
    CHECK(copies[0].call != copies[1].call);
    CHECK(pthread_create(&thread, NULL, run_limited, &copies[0]) == 0);
    run_limited(&copies[1]);
    CHECK(pthread_join(thread, NULL) == 0);
    return failures != 0;
}
