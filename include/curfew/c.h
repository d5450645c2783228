/* Curfew for C, and for whatever else calls C. Compiles as C99 and as C++. The library is libcurfew-c.so, which has all of
 * Curfew inside and shows nothing but what is declared here; <curfew/curfew.h> says more of what each thing does.
 *
 *     curfew_builder* builder = NULL;
 *     curfew_proto* proto = NULL;
 *     curfew_sandbox* sandbox = NULL;
 *     curfew_loaded* loaded = NULL;
 *     curfew_result* result = NULL;
 *     curfew_error* error = curfew_builder_new(&builder);
 *     if (!error) error = curfew_builder_build(builder, &proto);
 *     if (!error) error = curfew_proto_load_runtime(proto, &sandbox);
 *     if (!error) error = curfew_sandbox_add_handler(sandbox, "greet", source, CURFEW_NUL_ENDED, NULL);
 *     if (!error) error = curfew_sandbox_load(sandbox, NULL, &loaded);
 *     if (!error) error = curfew_loaded_call(loaded, "greet", "{\"name\":\"World\"}", CURFEW_NUL_ENDED, NULL, NULL, &result);
 *     if (error) fprintf(stderr, "%s\n", curfew_error_message(error, NULL)); else puts(curfew_result_json(result, NULL));
 *
 * Errors. What can fail returns a curfew_error*: NULL for success, else an object that the caller owns. A function that fails has
 * changed nothing, but for what it says, and has set its results to NULL. No C++ exception leaves this library.
 *
 * Ownership. Each object that a function gives through a curfew_X** belongs to the caller, who gives it back to curfew_X_free(),
 * once; NULL is fine there. An object that went on to its next state (a curfew_proto that was started, say) is empty, answers
 * everything with CURFEW_CONSUMED, and is freed like any other. Objects keep what they need of each other, so they may be freed
 * in any order. What a function returns as a const pointer belongs to the object that was asked, and lasts as long as that.
 *
 * Texts. A text comes in as its first byte and its length, or CURFEW_NUL_ENDED for one that ends with a zero byte; names, which hold
 * none, end with a zero byte. All are UTF-8 and copied. What goes out ends with a zero byte, which its length does not count; texts of
 * a guest may hold others. Where a function takes a size_t* for the length, it may be NULL.
 *
 * Threads. An object is used by one thread at a time, any one, unless its functions say otherwise; a loaded sandbox that is used
 * while it is busy gives CURFEW_INVALID_ARGUMENT. Callbacks say on which thread they run. Do not end a thread (pthread_cancel, a
 * longjmp out of a callback) that is inside of a function of this library.
 *
 * `user`. A callback gets it as it was given. `free_user`, if not NULL, is called with it once, when nothing will call the callback any
 * more; also when the function that took it fails. It may be called from any thread.
 *
 * ABI. Objects are known by pointers only. A structure begins with its size as its user was compiled, so that either side may be newer than
 * the other: fields are only ever added at the end, and what is beyond the size is taken for zero, or not written. Constants keep
 * their values. A library of version 0.N serves programs that were compiled with the headers of 0.N; from 1.0 on, those of all
 * versions with the same first number. Symbols carry the version in which they came (CURFEW_C_0.1).
 */
#ifndef CURFEW_C_H
#define CURFEW_C_H

/* NOLINTBEGIN: a header of C */
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define CURFEW_C_API __attribute__((visibility("default")))
#define CURFEW_C_CHECKED __attribute__((visibility("default"), warn_unused_result))
#else
#define CURFEW_C_API
#define CURFEW_C_CHECKED
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* For a length: the text ends with a zero byte. */
#define CURFEW_NUL_ENDED ((size_t)-1)

typedef struct curfew_error curfew_error;
typedef struct curfew_builder curfew_builder;
typedef struct curfew_proto curfew_proto;     /* a configuration that was checked */
typedef struct curfew_sandbox curfew_sandbox; /* a running runtime without handlers */
typedef struct curfew_loaded curfew_loaded;   /* a runtime with handlers, ready for events */
typedef struct curfew_result curfew_result;
typedef struct curfew_snapshot curfew_snapshot;
typedef struct curfew_pool curfew_pool;
typedef struct curfew_lease curfew_lease; /* a sandbox that a pool has lent */
typedef struct curfew_interrupt curfew_interrupt;
typedef struct curfew_monitors curfew_monitors; /* limits for a call */
typedef struct curfew_quota curfew_quota;
typedef struct curfew_invocation curfew_invocation; /* what a monitor may know of the call that it watches */
typedef struct curfew_call curfew_call;             /* what a host function may know of the call that it is called by */
typedef struct curfew_reply curfew_reply;           /* what a host function answers with */
typedef struct curfew_async_reply curfew_async_reply; /* what one answers with later */
typedef struct curfew_registration curfew_registration;
typedef struct curfew_pending curfew_pending;         /* an invocation that was begun, and may wait */
typedef struct curfew_waiting curfew_waiting;         /* what one waits for, at one time */
typedef struct curfew_ready_queue curfew_ready_queue; /* tells which of them can go on */
typedef struct curfew_signing_key curfew_signing_key;
typedef struct curfew_text curfew_text; /* a text that its caller owns */

typedef void (*curfew_free_user)(void* user);

/* The version of this library, "0.1.0". Lasts as long as the library; any thread. */
CURFEW_C_API const char* curfew_version(void);

CURFEW_C_API const char* curfew_text_data(const curfew_text* text, size_t* length);
CURFEW_C_API void curfew_text_free(curfew_text* text);

/* ---- Usage: what an invocation used ---------------------------------------------------------------------------------- */

typedef struct curfew_usage {
    size_t struct_size;       /* sizeof(curfew_usage), set by who gives the structure */
    int64_t wall_time_ns;     /* nanoseconds from the first monitor's start to the end */
    int64_t cpu_time_ns;      /* of the guest, by the kernel's account */
    int64_t host_cpu_time_ns; /* that the caller's thread burnt for it: host functions, printing, imports */
    uint64_t peak_heap;       /* most bytes on the guest's heap at one time */
    uint64_t host_calls;
    uint64_t bytes_in;       /* into the guest: events, host functions' results */
    uint64_t bytes_out;      /* out of it: results, host functions' arguments */
    uint64_t bytes_printed;  /* line feeds included; each text counts as 16 at least */
    uint64_t pages_dirtied;  /* pages of 4 KiB; zero unless curfew_call_options.count_pages asks for it */
    int64_t waiting_time_ns; /* the part of wall_time_ns in which it waited as a curfew_pending */
} curfew_usage;

/* ---- Errors ----------------------------------------------------------------------------------------------------------- */

typedef enum curfew_code {
    CURFEW_INVALID_ARGUMENT = 1, /* the caller passed something unusable; nothing was changed */
    CURFEW_CONSUMED = 2,         /* the object went on to its next state */
    CURFEW_POISONED = 3,         /* an earlier invocation was cut short; restore or unload first */
    CURFEW_CANCELLED = 4,        /* a monitor or an interrupt ended the invocation */
    CURFEW_HANDLER_ERROR = 5,    /* JavaScript threw, or returned what cannot be passed */
    CURFEW_OUT_OF_MEMORY = 6,    /* JavaScript filled the heap, and did not catch the Error that it got */
    CURFEW_GUEST_ABORT = 7,      /* the cell died, or broke the call protocol */
    CURFEW_MONITOR_FAILED = 8,   /* a monitor failed to start; the handler was not run */
    CURFEW_UNAVAILABLE = 9,      /* this machine lacks something that Curfew needs */
    CURFEW_OVERLOADED = 10,      /* a pool had no sandbox free in time */
    CURFEW_INTERNAL = 11,        /* a defect in Curfew */
    CURFEW_HOST_MEMORY = 12,  /* this process has no memory left; what the call was about is as after CURFEW_INTERNAL */
    CURFEW_NOT_RUN = 13,      /* a monitor or an interrupt came before the start; nothing was run */
    CURFEW_SYNTAX_ERROR = 14, /* JavaScript did not compile */
    CURFEW_STACK_OVERFLOW = 15 /* JavaScript called itself too deep, and did not catch the RangeError that it got */
} curfew_code;

/* These take any error but NULL, from any thread. */
CURFEW_C_API curfew_code curfew_error_code(const curfew_error* error);
CURFEW_C_API const char* curfew_error_code_name(const curfew_error* error); /* "invalid_argument" */
/* A sentence: what happened, to what, why, and what to do next. May hold a guest's text. */
CURFEW_C_API const char* curfew_error_message(const curfew_error* error, size_t* length);
/* Who ended a cancelled invocation: a monitor's name, or "kill"; else "". */
CURFEW_C_API const char* curfew_error_terminated_by(const curfew_error* error, size_t* length);
/* The JavaScript stack, a line a frame; or "". A guest's text. */
CURFEW_C_API const char* curfew_error_stack(const curfew_error* error, size_t* length);
/* What JavaScript threw, piece by piece, as a JSON object: name, message, stack, file, line, column, source_line, value (its own
 * properties, or what was thrown if that is no Error), cause and errors, which are such objects; without what is not known. NULL in `*out` if
 * nothing was thrown, or no more is known than the message says. See <curfew/error_details.h>. */
CURFEW_C_CHECKED curfew_error* curfew_error_details(const curfew_error* error, curfew_text** out);
/* 1: code of the invocation may have run. 0: none did, and it is safe to try again. */
CURFEW_C_API int curfew_error_ran(const curfew_error* error);
/* What the invocation had used by then. Fills as much of `usage` as its struct_size says. */
CURFEW_C_API void curfew_error_usage(const curfew_error* error, curfew_usage* usage);
CURFEW_C_API void curfew_error_free(curfew_error* error);

/* ---- Engines and limits that this build knows -------------------------------------------------------------------------- */

/* Names of the engines ("quickjs", "node"), the default first; NULL from curfew_engine_count() on. Any thread. */
CURFEW_C_API size_t curfew_engine_count(void);
CURFEW_C_API const char* curfew_engine_name(size_t index);

/* How a limit's value is written. */
typedef enum curfew_limit_form {
    CURFEW_LIMIT_DURATION = 1,      /* "500us", "20ms", "1.5s", "2m", "1h" */
    CURFEW_LIMIT_SIZE = 2,          /* "64KiB", "16MiB", "65536" */
    CURFEW_LIMIT_COUNT = 3,         /* "1000" */
    CURFEW_LIMIT_POINT_IN_TIME = 4, /* "2026-11-24T23:59:00Z", or "+1.5s" for so long from now */
    CURFEW_LIMIT_WITHOUT_TEXT = 5   /* not as text */
} curfew_limit_form;

typedef struct curfew_limit_kind {
    size_t struct_size;
    const char* name;    /* "cpu-time": for curfew_monitors_add() */
    const char* option;  /* the command's, "--cpu"; "" if there is none */
    const char* example; /* "100ms"; "" if its value cannot be written as text */
    const char* help;    /* what is limited: "the time that passes" */
    int form;            /* a curfew_limit_form */
} curfew_limit_kind;

/* The built-in limits, always in the same order. 1, and fills as much of `kind` as its struct_size says; 0 from the last one on. */
CURFEW_C_API int curfew_limit_kind_at(size_t index, curfew_limit_kind* kind);

/* ---- Monitors: the limits of a call ------------------------------------------------------------------------------------ */

/* An empty list. One list may serve any number of calls, of several threads at once, as long as nothing is added to it. */
CURFEW_C_CHECKED curfew_error* curfew_monitors_new(curfew_monitors** out);
CURFEW_C_API void curfew_monitors_free(curfew_monitors* monitors);

/* A built-in limit, by its name and a value as text: ("wall-clock", "1s"), ("memory", "32MiB"), ("host-calls", "100").
 * CURFEW_INVALID_ARGUMENT says what is wrong with either, and gives an example. */
CURFEW_C_CHECKED curfew_error* curfew_monitors_add(curfew_monitors* monitors, const char* name, const char* value);

/* The same, but it only warns: observers are told (CURFEW_MONITOR_WARNED), and the call goes on. */
CURFEW_C_CHECKED curfew_error* curfew_monitors_add_soft(curfew_monitors* monitors, const char* name, const char* value);

/* A limit of wall-clock time that leaves out the time in host calls, or the time in which the call waits as a curfew_pending: 1 each, or 0. */
CURFEW_C_CHECKED curfew_error* curfew_monitors_add_wall_clock(curfew_monitors* monitors, int64_t nanoseconds,
                                                              int without_host_calls, int without_pauses);

/* CPU time that many calls share: `budget` at first, and so much in each `period` from then on. Any thread; lists keep what they need of it. */
CURFEW_C_CHECKED curfew_error* curfew_quota_new(int64_t budget_ns, int64_t period_ns, curfew_quota** out);
CURFEW_C_API int64_t curfew_quota_available_ns(const curfew_quota* quota);
CURFEW_C_API void curfew_quota_free(curfew_quota* quota);
CURFEW_C_CHECKED curfew_error* curfew_monitors_add_quota(curfew_monitors* monitors, const curfew_quota* quota);

/* What a monitor may ask of its call, from any thread, while it watches. */
CURFEW_C_API const char* curfew_invocation_handler(const curfew_invocation* call);
CURFEW_C_API int64_t curfew_invocation_cpu_time_ns(const curfew_invocation* call); /* -1 if it cannot be measured */
CURFEW_C_API void curfew_invocation_usage(const curfew_invocation* call, curfew_usage* usage);

/* A monitor of the caller's own, in two phases. */
typedef struct curfew_monitor {
    size_t struct_size;
    void* user;
    curfew_free_user free_user;
    /* On the thread that makes the call, before the handler: 0 to begin, with the time until the first check in `*first_check_ns`, and
     * what check() and finish() are to get in `*state`. Anything else fails the call with CURFEW_MONITOR_FAILED; the handler does
     * not run, and finish() is not called. */
    int (*start)(void* user, const curfew_invocation* call, void** state, int64_t* first_check_ns);
    /* On a thread of the monitors: how many nanoseconds until the next check; 0 or less ends the invocation. It is due then, and late
     * by what the machine is late. A check that blocks delays its own call's end, nobody else's. */
    int64_t (*check)(void* user, const curfew_invocation* call, void* state);
    /* Once for each start() that gave 0, before the call returns. May be NULL. */
    void (*finish)(void* user, void* state);
} curfew_monitor;

/* `name` is what curfew_error_terminated_by() says when it has ended a call. The structure is copied; what it points to serves any
 * number of calls at once. */
CURFEW_C_CHECKED curfew_error* curfew_monitors_add_custom(curfew_monitors* monitors, const char* name,
                                                          const curfew_monitor* monitor);

/* ---- Builder ------------------------------------------------------------------------------------------------------------ */

CURFEW_C_CHECKED curfew_error* curfew_builder_new(curfew_builder** out);
CURFEW_C_API void curfew_builder_free(curfew_builder* builder);

/* All values are checked by curfew_builder_build(). See <curfew/sandbox.h> for ranges and defaults. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_heap_size(curfew_builder* builder, uint64_t bytes);
CURFEW_C_CHECKED curfew_error* curfew_builder_set_stack_size(curfew_builder* builder, uint64_t bytes);
CURFEW_C_CHECKED curfew_error* curfew_builder_set_output_limit(curfew_builder* builder, uint64_t bytes);
/* How many calls of asynchronous host functions an invocation may have open. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_open_host_calls(curfew_builder* builder, size_t most);
CURFEW_C_CHECKED curfew_error* curfew_builder_set_host_argument_limit(curfew_builder* builder, uint64_t bytes);
/* "quickjs" or "node"; CURFEW_INVALID_ARGUMENT for one that this build does not have. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_engine(curfew_builder* builder, const char* name);
/* 1: look for the answer for a while before blocking; for callers that have a CPU to spare. 0: block. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_spinning(curfew_builder* builder, int spins);
/* Everything that is strict: coarse clocks, restores that leave nothing, branch barriers where there are any. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_strict_isolation(curfew_builder* builder);
/* One by one: whichever of them is CURFEW_AS_IT_IS stays. See <curfew/isolation.h>. */
typedef enum curfew_isolation {
    CURFEW_AS_IT_IS = 0,
    CURFEW_BASIC = 1,         /* clocks of the machine; restores that are fast; no branch barrier */
    CURFEW_STRICT = 2,        /* coarse clocks; restores that leave nothing; a branch barrier, or no cells */
    CURFEW_WHERE_POSSIBLE = 3 /* for the branch barrier only: where the machine offers one */
} curfew_isolation;
CURFEW_C_CHECKED curfew_error* curfew_builder_set_isolation(curfew_builder* builder, curfew_isolation side_channels,
                                                            curfew_isolation restores, curfew_isolation branch_barrier);
/* 1: V8 does without its compiler, so that no page is ever writable and executable. 0: it does not. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_jitless(curfew_builder* builder, int jitless);
/* 1: host functions and the print function run on a thread that the library keeps for them, and a call ends at its limit whatever they
 * do: what they use has to live until they have returned. 0, which is so at first: they run on the thread that makes the call, which waits for them. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_host_thread(curfew_builder* builder, int kept);
/* How long a load or a call may take if its own monitors do not say; 0: as long as it likes. 30 s unless this is called. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_default_wall_limit(curfew_builder* builder, int64_t nanoseconds);
/* Monitors for every load and call. A call's own monitor takes the place of one of the same name. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_default_monitors(curfew_builder* builder,
                                                                   const curfew_monitors* monitors);
/* A control group of the cells' own; see <curfew/cgroup.h>. `parent` may be NULL; 0 for what is not to be limited. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_cgroup(curfew_builder* builder, const char* parent,
                                                         uint64_t memory_max, int64_t cpu_quota_us,
                                                         int64_t cpu_period_us, uint64_t pids_max);

typedef enum curfew_print_level {
    CURFEW_PRINT = 0, /* print(), and process.stdout on Node.js: as it is. All others: a line, with its end */
    CURFEW_LOG = 1,
    CURFEW_INFO = 2,
    CURFEW_WARN = 3,
    CURFEW_ERROR = 4,
    CURFEW_DEBUG = 5
} curfew_print_level;

/* Who gets what the guest prints: on the thread that makes the call, a guest's text of at most 64 KiB at a time. It does not end with a
 * zero byte. */
typedef void (*curfew_print)(void* user, curfew_print_level level, const char* text, size_t length);
CURFEW_C_CHECKED curfew_error* curfew_builder_set_print(curfew_builder* builder, curfew_print print, void* user,
                                                        curfew_free_user free_user);

/* Files for imports and require: one that is given here, by a path such as "/lib/tax.js"; or a folder of the machine's, seen at `mount`,
 * "/" for example (NULL: at its own real path, where scripts that are files find their neighbours). Either, not both. */
CURFEW_C_CHECKED curfew_error* curfew_builder_add_file(curfew_builder* builder, const char* path, const char* content,
                                                       size_t length);
CURFEW_C_CHECKED curfew_error* curfew_builder_set_folder(curfew_builder* builder, const char* folder,
                                                         const char* mount);

typedef struct curfew_fetch_header {
    size_t struct_size;
    const char* origin; /* whose requests get it; the guest never sees it */
    const char* name;
    const char* value;
} curfew_fetch_header;

/* Zero in any field: the default. The lists end with NULL, or are NULL; `headers` has `header_count` of them. <curfew/fetch/policy.h> says what
 * each of them means. */
typedef struct curfew_fetch_policy {
    size_t struct_size;
    const char* const* origins;   /* "https://api.example.com"; none: no request is allowed */
    const char* const* methods;   /* default: those that are usual */
    const char* const* addresses; /* that may be reached though they are not public: "10.0.0.0/8" */
    const curfew_fetch_header* headers;
    size_t header_count;
    uint64_t max_request_bytes;
    uint64_t max_response_bytes;
    uint64_t max_header_bytes;
    uint32_t max_requests;
    uint32_t max_concurrent;
    uint32_t max_redirects;
    int64_t time_limit_ns;
} curfew_fetch_policy;

/* Lets scripts fetch what the policy allows, by libcurl, which all sandboxes of the process share. CURFEW_UNAVAILABLE where that is
 * not there, or this library was built without it. */
CURFEW_C_CHECKED curfew_error* curfew_builder_set_fetch(curfew_builder* builder, const curfew_fetch_policy* policy);

/* May be called again. CURFEW_INVALID_ARGUMENT for values out of range, CURFEW_UNAVAILABLE where a cgroup cannot be made. */
CURFEW_C_CHECKED curfew_error* curfew_builder_build(const curfew_builder* builder, curfew_proto** out);

/* ---- Host functions ------------------------------------------------------------------------------------------------------ */

typedef struct curfew_argument {
    size_t struct_size;
    int is_bytes;     /* 1: the bytes of a typed array, DataView or ArrayBuffer. 0: JSON, as UTF-8 */
    const char* data; /* ends with a zero byte if it is JSON */
    size_t length;
} curfew_argument;

/* While the function runs, from any thread. */
CURFEW_C_API const char* curfew_call_handler(const curfew_call* call);
CURFEW_C_API int curfew_call_cancelled(const curfew_call* call); /* 1: it is being ended; return soon */
CURFEW_C_API void curfew_call_usage(const curfew_call* call, curfew_usage* usage);
/* What curfew_call_options.context was; NULL if nothing. */
CURFEW_C_API void* curfew_call_context(const curfew_call* call);

/* The answer; what is said last counts. A function that says nothing answers undefined. JSON that is none becomes an Error in the
 * guest. Texts and bytes are copied; one that there is no memory for becomes an Error. */
CURFEW_C_API void curfew_reply_json(curfew_reply* reply, const char* json, size_t length);
CURFEW_C_API void curfew_reply_bytes(curfew_reply* reply, const void* bytes, size_t length);
CURFEW_C_API void curfew_reply_error(curfew_reply* reply, const char* message, size_t length);

/* `arguments` and `reply` last until it returns. */
typedef void (*curfew_function)(void* user, const curfew_call* call, const curfew_argument* arguments, size_t count,
                                curfew_reply* reply);

/* Scripts import the module as "name" or "host:name". One of the same name takes the place of the first. Several sandboxes that are
 * made of one proto or snapshot call it at once. It must not use the sandbox that called it. */
CURFEW_C_CHECKED curfew_error* curfew_proto_add_function(curfew_proto* proto, const char* module, const char* name,
                                                         curfew_function function, void* user,
                                                         curfew_free_user free_user);

/* A function of values beyond JSON. It gets one argument: the array of all its arguments as CBOR (docs/values.md), one whole item,
 * nested no deeper than 200 levels. It may answer in each of these ways. */
CURFEW_C_CHECKED curfew_error* curfew_proto_add_cbor_function(curfew_proto* proto, const char* module, const char* name,
                                                              curfew_function function, void* user,
                                                              curfew_free_user free_user);
/* CBOR that is none becomes an Error in the guest. For every function. */
CURFEW_C_API void curfew_reply_cbor(curfew_reply* reply, const void* cbor, size_t length);

/* A function whose answer may come later. Its caller in the guest gets a promise at once, and goes on; other calls may be open beside
 * it. `reply` belongs to the function: it is answered once, from any thread, also when the sandbox is gone, or freed, which is an Error in
 * the guest. The arguments last until the function returns. */
typedef void (*curfew_async_function)(void* user, const curfew_call* call, const curfew_argument* arguments,
                                      size_t count, curfew_async_reply* reply);
CURFEW_C_CHECKED curfew_error* curfew_proto_add_async_function(curfew_proto* proto, const char* module,
                                                               const char* name, curfew_async_function function,
                                                               void* user, curfew_free_user free_user);

/* The same with the arguments of curfew_proto_add_cbor_function(). */
CURFEW_C_CHECKED curfew_error* curfew_proto_add_async_cbor_function(curfew_proto* proto, const char* module,
                                                                    const char* name, curfew_async_function function,
                                                                    void* user, curfew_free_user free_user);

/* Each of these answers and frees the reply. 1 if somebody still waited for it; 0 if its invocation is over. */
CURFEW_C_API int curfew_async_reply_json(curfew_async_reply* reply, const char* json, size_t length);
CURFEW_C_API int curfew_async_reply_bytes(curfew_async_reply* reply, const void* bytes, size_t length);
CURFEW_C_API int curfew_async_reply_cbor(curfew_async_reply* reply, const void* cbor, size_t length);
CURFEW_C_API int curfew_async_reply_error(curfew_async_reply* reply, const char* message, size_t length);
/* 1: nobody waits for it any more, since the invocation is over. */
CURFEW_C_API int curfew_async_reply_over(const curfew_async_reply* reply);
CURFEW_C_API void curfew_async_reply_free(curfew_async_reply* reply);

/* A function without a body. Its caller in the guest gets a promise; the call stays open until curfew_pending_resume() or
 * curfew_pending_fail() answers it. In curfew_loaded_call(), where nobody does, it is rejected. */
CURFEW_C_CHECKED curfew_error* curfew_proto_add_deferred(curfew_proto* proto, const char* module, const char* name);

/* An ES module that whoever imports `module` gets in its place; it imports the functions themselves by the module's own name. */
CURFEW_C_CHECKED curfew_error* curfew_proto_set_front(curfew_proto* proto, const char* module, const char* source,
                                                      size_t length);

/* What curfew_proto_describe() says of a function. NULL in any field: nothing. */
typedef struct curfew_description {
    size_t struct_size;
    const char* comment;           /* what it does; may have several lines */
    const char* signature;         /* TypeScript, "(city: string): Promise<number>"; in place of the two below */
    const char* input_schema;      /* JSON Schemas: of the only argument, */
    const char* output_schema;     /* and of the result */
    const char* const* parameters; /* the parameters' names, ended by NULL */
} curfew_description;

/* The function may be added later; what is said last holds. CURFEW_INVALID_ARGUMENT for a schema that is none. */
CURFEW_C_CHECKED curfew_error* curfew_proto_describe_function(curfew_proto* proto, const char* module, const char* name,
                                                              const curfew_description* description);
/* All host functions as TypeScript declares them, for people and language models who write code that calls them. */
CURFEW_C_CHECKED curfew_error* curfew_proto_describe(const curfew_proto* proto, curfew_text** out);

/* ---- The life cycle ------------------------------------------------------------------------------------------------------ */

CURFEW_C_API void curfew_proto_free(curfew_proto* proto);

/* Makes the cell and starts the runtime in it; `proto` is consumed. */
CURFEW_C_CHECKED curfew_error* curfew_proto_load_runtime(curfew_proto* proto, curfew_sandbox** out);

CURFEW_C_API void curfew_sandbox_free(curfew_sandbox* sandbox);

typedef struct curfew_script_options {
    size_t struct_size;
    const char* name;   /* in stack traces; NULL: "handler.js", or "handler.ts" */
    const char* folder; /* where its imports are looked for: a path like "/app"; NULL: it has none */
    int is_typescript;  /* 1: its types are taken away */
    int is_program; /* 1: code rather than a handler: a call runs it from its beginning, with the event as `event` */
    const char* source_map; /* JSON, of whatever made the script; NULL: none, or the one in its last comment */
} curfew_script_options;

/* Noted, and compiled by curfew_sandbox_load(). The options may be NULL. */
CURFEW_C_CHECKED curfew_error* curfew_sandbox_add_handler(curfew_sandbox* sandbox, const char* name, const char* source,
                                                          size_t length, const curfew_script_options* options);
/* The script is this file of the machine's. */
CURFEW_C_CHECKED curfew_error* curfew_sandbox_add_handler_file(curfew_sandbox* sandbox, const char* name,
                                                               const char* path);
CURFEW_C_CHECKED curfew_error* curfew_sandbox_remove_handler(curfew_sandbox* sandbox, const char* name);
CURFEW_C_CHECKED curfew_error* curfew_sandbox_clear_handlers(curfew_sandbox* sandbox);

/* Source that scripts import as "user:name", or as "space:name". `space` may be NULL. */
CURFEW_C_CHECKED curfew_error* curfew_sandbox_add_module(curfew_sandbox* sandbox, const char* name, const char* source,
                                                         size_t length, const char* space);
CURFEW_C_CHECKED curfew_error* curfew_sandbox_remove_module(curfew_sandbox* sandbox, const char* name,
                                                            const char* space);
CURFEW_C_CHECKED curfew_error* curfew_sandbox_clear_modules(curfew_sandbox* sandbox);

/* Runs every script's top level under the monitors, which may be NULL. `sandbox` is consumed; if it fails, it is as it was. */
CURFEW_C_CHECKED curfew_error* curfew_sandbox_load(curfew_sandbox* sandbox, const curfew_monitors* monitors,
                                                   curfew_loaded** out);

/* The same without handlers, for curfew_loaded_evaluate() and curfew_loaded_add_handler(). Nothing runs. */
CURFEW_C_CHECKED curfew_error* curfew_sandbox_load_without_handlers(curfew_sandbox* sandbox, curfew_loaded** out);

CURFEW_C_API void curfew_loaded_free(curfew_loaded* loaded);

typedef struct curfew_call_options {
    size_t struct_size;
    int leave_garbage; /* 1: do not collect the guest's garbage after the handler's end */
    int count_pages;   /* 1: fill in curfew_usage.pages_dirtied, which costs some microseconds */
    void* context;     /* the caller's own, for host functions: curfew_call_context() */
    int cbor;          /* 1: the event and the result are CBOR (docs/values.md) in place of JSON */
} curfew_call_options;

/* Calls a handler with an event (JSON, or CBOR: curfew_call_options.cbor). Blocks until the invocation is over. `monitors` and
 * `options` may be NULL. */
CURFEW_C_CHECKED curfew_error* curfew_loaded_call(curfew_loaded* loaded, const char* handler, const char* event,
                                                  size_t length, const curfew_monitors* monitors,
                                                  const curfew_call_options* options, curfew_result** out);

/* Evaluates some code, in the state that what ran before has left; its value is what it returns, or that of its last expression. It may
 * await and import at its top level. `name` stands in stack traces; NULL: "program.js". */
CURFEW_C_CHECKED curfew_error* curfew_loaded_evaluate(curfew_loaded* loaded, const char* program, size_t length,
                                                      const char* name, const curfew_monitors* monitors,
                                                      const curfew_call_options* options, curfew_result** out);

/* Loads one more handler, and keeps the state. */
CURFEW_C_CHECKED curfew_error* curfew_loaded_add_handler(curfew_loaded* loaded, const char* name, const char* source,
                                                         size_t length, const curfew_script_options* options,
                                                         const curfew_monitors* monitors);
CURFEW_C_CHECKED curfew_error* curfew_loaded_remove_handler(curfew_loaded* loaded, const char* name);

/* The result, as JSON. */
CURFEW_C_API const char* curfew_result_json(const curfew_result* result, size_t* length);
/* The result of a call with CBOR: one item. What goes out is bounded by the output limit only; little CBOR can be a large value. */
CURFEW_C_API const void* curfew_result_cbor(const curfew_result* result, size_t* length);
/* 1: it is CBOR; 0: JSON. That of a saved invocation is what it was begun with. */
CURFEW_C_API int curfew_result_is_cbor(const curfew_result* result);
CURFEW_C_API void curfew_result_usage(const curfew_result* result, curfew_usage* usage);
CURFEW_C_API void curfew_result_free(curfew_result* result);

/* ---- Invocations that wait without a thread; see docs/pauses.md -------------------------------------------------------------- */

/* As curfew_loaded_call(), but gives the thread back when the handler has nothing left to do but to wait. The monitors are copied, and
 * hold to the end. While it waits, of the sandbox only curfew_loaded_snapshot() may be called. Fails if nothing was run. */
CURFEW_C_CHECKED curfew_error* curfew_loaded_begin(curfew_loaded* loaded, const char* handler, const char* event,
                                                   size_t length, const curfew_monitors* monitors,
                                                   const curfew_call_options* options, curfew_pending** out);

/* 1: the sandbox is in the middle of an invocation that was saved. */
CURFEW_C_API int curfew_loaded_waits(const curfew_loaded* loaded);
/* Goes on with that: nothing is run again. What it used before counts for the monitors, the time in the snapshot does not. Only
 * curfew_pending_resume() and curfew_pending_fail() answer the calls that were open. If it fails, the sandbox still waits. */
CURFEW_C_CHECKED curfew_error* curfew_loaded_continue(curfew_loaded* loaded, const curfew_monitors* monitors,
                                                      const curfew_call_options* options, curfew_pending** out);

/* Freed while it waits: the invocation is ended, and the sandbox poisoned. Used by one thread at a time; with its sandbox it counts
 * as one object. */
CURFEW_C_API void curfew_pending_free(curfew_pending* pending);

/* 1: it is over, also if a monitor or an interrupt has ended it since. 0: it waits. */
CURFEW_C_API int curfew_pending_done(curfew_pending* pending);
/* What curfew_loaded_call() would have given, once. CURFEW_INVALID_ARGUMENT while it waits. */
CURFEW_C_CHECKED curfew_error* curfew_pending_result(curfew_pending* pending, curfew_result** out);
CURFEW_C_API void curfew_pending_usage(const curfew_pending* pending, curfew_usage* usage); /* so far */

/* Answers an open call, and runs the handler to its next wait or its end. The JSON may be empty: undefined. CURFEW_INVALID_ARGUMENT, and
 * nothing has changed, if no call of that id is open, or it is no JSON. What becomes of the handler shows in the result. */
CURFEW_C_CHECKED curfew_error* curfew_pending_resume(curfew_pending* pending, uint32_t id, const char* json,
                                                     size_t length);
/* The same with a value as CBOR, whatever the function's arguments came as. */
CURFEW_C_CHECKED curfew_error* curfew_pending_resume_cbor(curfew_pending* pending, uint32_t id, const void* cbor,
                                                          size_t length);
/* The same with an Error, which the handler can catch. */
CURFEW_C_CHECKED curfew_error* curfew_pending_fail(curfew_pending* pending, uint32_t id, const char* message,
                                                   size_t length);

/* Goes on if an asynchronous reply has come, or a timer is due; otherwise does nothing. */
CURFEW_C_CHECKED curfew_error* curfew_pending_go_on(curfew_pending* pending);
/* 1: it is over, or curfew_pending_go_on() would do something. */
CURFEW_C_API int curfew_pending_can_go_on(curfew_pending* pending);
/* Blocks until that is so, or the time is over; less than 0: for as long as it takes. Gives what curfew_pending_can_go_on() would. */
CURFEW_C_API int curfew_pending_wait(curfew_pending* pending, int64_t nanoseconds);
/* Blocks to the end. CURFEW_INVALID_ARGUMENT if it waits for nothing but calls that only curfew_pending_resume() and
 * curfew_pending_fail() can answer. */
CURFEW_C_CHECKED curfew_error* curfew_pending_finish(curfew_pending* pending, curfew_result** out);

/* What it waits for now; NULL in `*out` if it is over. */
CURFEW_C_CHECKED curfew_error* curfew_pending_waiting(const curfew_pending* pending, curfew_waiting** out);

typedef struct curfew_open_call {
    size_t struct_size;
    uint32_t id; /* by which it is answered */
    const char* module;
    const char* function;
    const char* arguments; /* a JSON array; bytes are objects {"$bytes": BASE64} in it, and so on. A guest's text */
    size_t arguments_length;
    const void*
        values; /* of a function that takes values: the array of its arguments as CBOR (docs/values.md); else NULL */
    size_t values_length;
} curfew_open_call;

/* These are of the time at which it was asked for, may be asked by any thread, and last until it is freed. */
CURFEW_C_API const char* curfew_waiting_handler(const curfew_waiting* waiting);
CURFEW_C_API void curfew_waiting_usage(const curfew_waiting* waiting, curfew_usage* usage);
/* In how many nanoseconds it goes on by itself, because a timer is due; -1: there is no timer. In a snapshot, time stands still. */
CURFEW_C_API int64_t curfew_waiting_due_ns(const curfew_waiting* waiting);
/* The open calls, in the order in which they were made. 1, and fills as much of `call` as its struct_size says; 0 from the last one on. */
CURFEW_C_API int curfew_waiting_call_at(const curfew_waiting* waiting, size_t index, curfew_open_call* call);
CURFEW_C_API void curfew_waiting_free(curfew_waiting* waiting);

/* For event loops: which of many can go on, through one file descriptor. Any thread. */
CURFEW_C_CHECKED curfew_error* curfew_ready_queue_new(curfew_ready_queue** out);
/* Readable as long as there is something to take, but for what a call had no room for. The queue's own: not to be read or closed. */
CURFEW_C_API int curfew_ready_queue_descriptor(const curfew_ready_queue* queue);
/* From now on the queue gets `token` when the invocation can go on; at once if it can now. It takes the place of the one before. */
CURFEW_C_CHECKED curfew_error* curfew_pending_notify(curfew_pending* pending, const curfew_ready_queue* queue,
                                                     uint64_t token);
/* Waits for tokens as curfew_pending_wait() does, 0: not at all; and writes up to `room` of them. Gives how many; call it again if it was
 * `room`. What was freed, or has gone on meanwhile, may be among them. */
CURFEW_C_API size_t curfew_ready_queue_take(curfew_ready_queue* queue, int64_t nanoseconds, uint64_t* tokens,
                                            size_t room);
CURFEW_C_API void curfew_ready_queue_free(curfew_ready_queue* queue);

/* ---- What a loaded sandbox says of itself ------------------------------------------------------------------------------------- */

/* 1 after an invocation that did not run to its end. */
CURFEW_C_API int curfew_loaded_poisoned(const curfew_loaded* loaded);
CURFEW_C_API const char* curfew_loaded_engine(const curfew_loaded* loaded);
/* Names of the handlers as a JSON array of strings, which the caller owns as a result. */
CURFEW_C_CHECKED curfew_error* curfew_loaded_handlers(const curfew_loaded* loaded, curfew_result** out);

/* Drops all handlers and their state, also when poisoned; `loaded` is consumed. */
CURFEW_C_CHECKED curfew_error* curfew_loaded_unload(curfew_loaded* loaded, curfew_sandbox** out);

/* ---- Interrupts ---------------------------------------------------------------------------------------------------------- */

CURFEW_C_CHECKED curfew_error* curfew_sandbox_interrupt(const curfew_sandbox* sandbox, curfew_interrupt** out);
CURFEW_C_CHECKED curfew_error* curfew_loaded_interrupt(const curfew_loaded* loaded, curfew_interrupt** out);
/* Ends the invocation that is running now; 1 if this is what ended it. Any thread, also when the sandbox is gone. */
CURFEW_C_API int curfew_interrupt_kill(const curfew_interrupt* interrupt);
CURFEW_C_API void curfew_interrupt_free(curfew_interrupt* interrupt);

/* ---- Snapshots ------------------------------------------------------------------------------------------------------------ */

/* An immutable state, which any number of threads and sandboxes may use at once. */
CURFEW_C_CHECKED curfew_error* curfew_loaded_snapshot(curfew_loaded* loaded, curfew_snapshot** out);
CURFEW_C_CHECKED curfew_error* curfew_loaded_restore(curfew_loaded* loaded, const curfew_snapshot* snapshot);
CURFEW_C_CHECKED curfew_error* curfew_snapshot_save(const curfew_snapshot* snapshot, const char* path);
CURFEW_C_CHECKED curfew_error* curfew_snapshot_load(const char* path, curfew_snapshot** out);
CURFEW_C_API uint64_t curfew_snapshot_size(const curfew_snapshot* snapshot); /* bytes that it holds in memory */
CURFEW_C_API void curfew_snapshot_free(curfew_snapshot* snapshot);

/* The secret by which files are known again: any 16 to 4096 bytes, or the whole content of a file. It is overwritten when nobody has it any
 * more; any number of threads may use it. */
CURFEW_C_CHECKED curfew_error* curfew_signing_key_new(const void* bytes, size_t length, curfew_signing_key** out);
CURFEW_C_CHECKED curfew_error* curfew_signing_key_from_file(const char* path, curfew_signing_key** out);
CURFEW_C_API void curfew_signing_key_free(curfew_signing_key* key);
CURFEW_C_CHECKED curfew_error* curfew_snapshot_save_signed(const curfew_snapshot* snapshot, const char* path,
                                                           const curfew_signing_key* key);
/* Refuses a file that was not signed with this key, before anything else of it is believed. */
CURFEW_C_CHECKED curfew_error* curfew_snapshot_load_signed(const char* path, const curfew_signing_key* key,
                                                           curfew_snapshot** out);

typedef enum curfew_snapshot_kind {
    CURFEW_SNAPSHOT_OF_SANDBOX = 1, /* a curfew_sandbox: what was added to it, and not loaded yet */
    CURFEW_SNAPSHOT_OF_LOADED = 2   /* a curfew_loaded: its memory */
} curfew_snapshot_kind;

/* What is known of a snapshot. A file may claim anything that a builder takes. */
typedef struct curfew_snapshot_info {
    size_t struct_size;
    int kind;            /* a curfew_snapshot_kind */
    uint64_t size;       /* bytes that it holds in memory */
    uint64_t heap_size;  /* with which the sandbox was made */
    uint64_t stack_size; /* likewise */
    int jitless;         /* likewise */
    int waits;           /* 1: it is of a sandbox whose invocation waits */
} curfew_snapshot_info;

CURFEW_C_API void curfew_snapshot_look(const curfew_snapshot* snapshot, curfew_snapshot_info* info);
/* Names of the handlers, as a JSON array. */
CURFEW_C_CHECKED curfew_error* curfew_snapshot_handlers(const curfew_snapshot* snapshot, curfew_text** out);
/* The host modules that a sandbox that starts from it needs, as JSON: {"tools":["join","weather"]}. */
CURFEW_C_CHECKED curfew_error* curfew_snapshot_requirements(const curfew_snapshot* snapshot, curfew_text** out);
/* What the sandbox was in the middle of; NULL in `*out` if it was at rest. */
CURFEW_C_CHECKED curfew_error* curfew_snapshot_waiting(const curfew_snapshot* snapshot, curfew_waiting** out);

/* Snapshots in a folder: a tag may come to mean another one, a digest ("sha256:...") is that of one content for ever. The folder is made
 * if it is not there. Any number of threads and processes may use one at once; see <curfew/snapshot_folder.h>. */
CURFEW_C_CHECKED curfew_error* curfew_snapshot_save_as(const curfew_snapshot* snapshot, const char* folder,
                                                       const char* tag, curfew_text** digest);
CURFEW_C_CHECKED curfew_error* curfew_snapshot_load_from(const char* folder, const char* tag_or_digest,
                                                         curfew_snapshot** out);
CURFEW_C_CHECKED curfew_error* curfew_folder_tags(const char* folder, curfew_text** out); /* sorted, a JSON array */
CURFEW_C_CHECKED curfew_error* curfew_folder_digest(const char* folder, const char* tag, curfew_text** out);
CURFEW_C_CHECKED curfew_error* curfew_folder_remove(const char* folder, const char* tag);
/* Deletes what no tag means any more; not while others save into the folder. How many goes to `*count`, which may be NULL. */
CURFEW_C_CHECKED curfew_error* curfew_folder_remove_untagged(const char* folder, size_t* count);

/* A new sandbox in the saved state. Its host is the saved one's, or `host`, which is not consumed; NULL: the former. Heap and stack of
 * `host` are the most that the saved ones may have: give one for a file, which can claim anything. */
CURFEW_C_CHECKED curfew_error* curfew_loaded_from_snapshot(const curfew_snapshot* snapshot, const curfew_proto* host,
                                                           curfew_loaded** out);

/* The same of a sandbox that is not loaded: what was added to it. Nothing is run. */
CURFEW_C_CHECKED curfew_error* curfew_sandbox_snapshot(curfew_sandbox* sandbox, curfew_snapshot** out);
CURFEW_C_CHECKED curfew_error* curfew_sandbox_restore(curfew_sandbox* sandbox, const curfew_snapshot* snapshot);
CURFEW_C_CHECKED curfew_error* curfew_sandbox_from_snapshot(const curfew_snapshot* snapshot, const curfew_proto* host,
                                                            curfew_sandbox** out);

/* ---- Pools ---------------------------------------------------------------------------------------------------------------- */

typedef enum curfew_restore_policy {
    CURFEW_RESTORE_AFTER_EVERY_REQUEST = 0,
    CURFEW_RESTORE_AFTER_ERRORS = 1,
    CURFEW_RESTORE_NEVER = 2
} curfew_restore_policy;

/* Zero in any field: the default. */
typedef struct curfew_pool_options {
    size_t struct_size;
    size_t size;           /* sandboxes at most; default: this machine's CPUs */
    size_t made_at_start;  /* default: all */
    int restore;           /* a curfew_restore_policy */
    size_t queue_limit;    /* requests that may wait at a time; default: 1024 */
    int64_t wait_limit_ns; /* for each of them; default: 10 s */
} curfew_pool_options;

typedef struct curfew_pool_report {
    size_t struct_size;
    size_t ready;
    size_t in_use;
    size_t waiting;
    uint64_t requests;
    uint64_t created;
    uint64_t restored;
    uint64_t replaced;
    uint64_t not_created;
    uint64_t queue_full;
    uint64_t waited_too_long;
} curfew_pool_report;

/* `host` and `options` may be NULL. A pool's functions may be called from any thread, but for freeing it. */
CURFEW_C_CHECKED curfew_error* curfew_pool_new(const curfew_snapshot* snapshot, const curfew_proto* host,
                                               const curfew_pool_options* options, curfew_pool** out);
CURFEW_C_CHECKED curfew_error* curfew_pool_call(curfew_pool* pool, const char* handler, const char* event,
                                                size_t length, const curfew_monitors* monitors,
                                                const curfew_call_options* options, curfew_result** out);
/* Lends a sandbox until the lease is freed. */
CURFEW_C_CHECKED curfew_error* curfew_pool_acquire(curfew_pool* pool, curfew_lease** out);
CURFEW_C_API curfew_loaded* curfew_lease_sandbox(
    curfew_lease* lease);                                         /* the lease's own: not to be freed or unloaded */
CURFEW_C_API void curfew_lease_note_failure(curfew_lease* lease); /* have it restored when it comes back */
CURFEW_C_API void curfew_lease_free(curfew_lease* lease);
CURFEW_C_API void curfew_pool_report_now(const curfew_pool* pool, curfew_pool_report* report);
CURFEW_C_API void curfew_pool_shut_down(curfew_pool* pool);
CURFEW_C_API void curfew_pool_free(curfew_pool* pool);

/* ---- Observers ------------------------------------------------------------------------------------------------------------- */

typedef enum curfew_event_kind {
    CURFEW_SANDBOX_MADE = 1,     /* stage */
    CURFEW_SANDBOX_LOADED = 2,   /* */
    CURFEW_SANDBOX_RESTORED = 3, /* */
    CURFEW_SANDBOX_UNLOADED = 4, /* */
    CURFEW_SANDBOX_DROPPED = 5,  /* stage */
    CURFEW_INVOCATION_BEGUN = 6, /* handler */
    CURFEW_INVOCATION_ENDED = 7, /* handler, outcome ("completed" ...), error (NULL if completed), usage */
    CURFEW_HOST_CALL_BEGUN = 8,  /* handler, module, function */
    CURFEW_HOST_CALL_ENDED = 9,  /* handler, module, function, text (of the error; "" if it returned), time_ns */
    CURFEW_PRINTED = 10,         /* handler, text, level */
    CURFEW_ALARM = 11,           /* handler, outcome (the alarm's kind: "refused_system_call" ...), text */
    CURFEW_ENGINE_READY = 12,    /* text (the image's file), time_ns */
    CURFEW_MONITOR_FIRED = 13,   /* handler, monitor, text (the limit, in words) */
    CURFEW_MONITOR_WARNED = 14   /* handler, monitor, text (a sentence) */
} curfew_event_kind;

/* What does not belong to an event is 0 or "". Texts end with a zero byte, last until the observer returns, and may be a guest's. */
typedef struct curfew_event {
    size_t struct_size; /* set by the library */
    int kind;           /* a curfew_event_kind; there may be more of them in later versions */
    uint64_t sandbox;   /* a number that no other sandbox of this process has; 0: none */
    const char* stage;  /* "proto", "runtime" or "loaded" */
    const char* handler;
    const char* module;
    const char* function;
    const char* monitor;
    const char* outcome;
    const char* text;
    size_t text_length;
    int level; /* a curfew_print_level */
    int64_t time_ns;
    const curfew_error* error; /* not to be freed */
    const curfew_usage* usage; /* NULL if there is none */
} curfew_event;

/* On the thread on which it happens, from many threads at once; must not use the sandbox that it is told of. */
typedef void (*curfew_observer)(void* user, const curfew_event* event);

/* Of one builder's sandboxes, and what is made of them. */
CURFEW_C_CHECKED curfew_error* curfew_builder_add_observer(curfew_builder* builder, curfew_observer observer,
                                                           void* user, curfew_free_user free_user);
/* Of everything in this process, until the registration is freed. */
CURFEW_C_CHECKED curfew_error* curfew_observe(curfew_observer observer, void* user, curfew_free_user free_user,
                                              curfew_registration** out);
CURFEW_C_API void curfew_registration_free(curfew_registration* registration);

#ifdef __cplusplus
}
#endif
/* NOLINTEND */

#endif
