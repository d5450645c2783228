// The library's way into Node's program: it is preloaded, and takes the place of the function that would run main().
//
//   CURFEW_PROGRAM, CURFEW_LIBRARY  descriptors of Node's program and of this library, which were open for the start
//   CURFEW_IMAGE                    descriptor of the file that becomes the image
//   CURFEW_JITLESS                  there: V8 compiles nothing, and no page is writable and executable
#include <asm/unistd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "guest/node/engine.h"
#include "guest/node/freeze.h"
#include "guest/node/pages.h"
#include "guest/node/pool_threads.h"
#include "guest/node/requests.h"
#include "guest/node/system.h"

namespace curfew::guest {

namespace {

int image = -1;
bool jitless = false;

int take_descriptor(const char* variable) {
    const char* const text = getenv(variable);
    if (!text) give_up("this library is for the freezer: there is no %s", variable);
    const int descriptor = atoi(text);
    unsetenv(variable);
    return descriptor;
}

void* run(void*) {
    Engine& engine = *new Engine(jitless);
    engine.warm();
    freeze(image);
    serve(engine);
}

int run_guest(int, char**, char**) {
    constexpr rlimit kNone{};
    kernel_call(__NR_prlimit64, 0, RLIMIT_CORE, word(&kNone));
    kernel_call(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL);
    kernel_call(__NR_close, take_descriptor("CURFEW_PROGRAM"));
    kernel_call(__NR_close, take_descriptor("CURFEW_LIBRARY"));
    image = take_descriptor("CURFEW_IMAGE");
    jitless = getenv("CURFEW_JITLESS") != nullptr;
    unsetenv("CURFEW_JITLESS");
    if (jitless) forbid_new_code();
    unsetenv("LD_PRELOAD");
    unsetenv("GLIBC_TUNABLES");
    setenv("UV_USE_IO_URING", "0", 1);
    setenv("UV_THREADPOOL_SIZE", "1", 1);  // more would be coroutines that take turns
    run_on_frozen_stack(run);
}

}  // namespace

}  // namespace curfew::guest

using Main = int(int, char**, char**);

CURFEW_INTERPOSED int __libc_start_main(Main*, int count, char** arguments, void (*init)(), void (*fini)(),
                                        void (*ld_fini)(), void* stack_end) {
    using Start = int(Main*, int, char**, void (*)(), void (*)(), void (*)(), void*);
    auto* const start = reinterpret_cast<Start*>(curfew::guest::hidden_function("__libc_start_main", "GLIBC_2.2.5"));
    return start(curfew::guest::run_guest, count, arguments, init, fini, ld_fini, stack_end);
}
