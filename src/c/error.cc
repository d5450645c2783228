#include "c/boundary.h"

namespace curfew::c {

namespace {

// No default: a code that is new must get a number here.
curfew_code code_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::invalid_argument: return CURFEW_INVALID_ARGUMENT;
        case ErrorCode::consumed: return CURFEW_CONSUMED;
        case ErrorCode::poisoned: return CURFEW_POISONED;
        case ErrorCode::cancelled: return CURFEW_CANCELLED;
        case ErrorCode::not_run: return CURFEW_NOT_RUN;
        case ErrorCode::syntax_error: return CURFEW_SYNTAX_ERROR;
        case ErrorCode::stack_overflow: return CURFEW_STACK_OVERFLOW;
        case ErrorCode::handler_error: return CURFEW_HANDLER_ERROR;
        case ErrorCode::out_of_memory: return CURFEW_OUT_OF_MEMORY;
        case ErrorCode::guest_abort: return CURFEW_GUEST_ABORT;
        case ErrorCode::monitor_failed: return CURFEW_MONITOR_FAILED;
        case ErrorCode::unavailable: return CURFEW_UNAVAILABLE;
        case ErrorCode::overloaded: return CURFEW_OVERLOADED;
        case ErrorCode::internal: return CURFEW_INTERNAL;
    }
    return CURFEW_INTERNAL;
}

// Short enough to need no memory of its own.
curfew_error& no_memory() noexcept {
    static curfew_error error{Error{.code = ErrorCode::internal, .message = "out of memory"}, CURFEW_HOST_MEMORY};
    return error;
}

}  // namespace

curfew_error* give(Error error) noexcept {
    const curfew_code code = code_of(error.code);
    auto* made = new (std::nothrow) curfew_error{std::move(error), code};
    return made != nullptr ? made : out_of_memory();
}

curfew_error* refuse(ErrorCode code, const char* message) noexcept {
    try {
        return give(Error{.code = code, .message = message});
    } catch (const std::bad_alloc&) {
        return out_of_memory();
    }
}

curfew_error* out_of_memory() noexcept { return &no_memory(); }

curfew_error* missing(const char* what) noexcept {
    return guarded([&]() -> curfew_error* {
        return give(Error{.code = ErrorCode::invalid_argument,
                          .message = std::string(what) + " is NULL; pass one that an earlier function has given"});
    });
}

curfew_usage usage_of(const Usage& usage) noexcept {
    return {.struct_size = sizeof(curfew_usage),
            .wall_time_ns = usage.wall_time.count(),
            .cpu_time_ns = usage.cpu_time.count(),
            .host_cpu_time_ns = usage.host_cpu_time.count(),
            .peak_heap = usage.peak_heap,
            .host_calls = usage.host_calls,
            .bytes_in = usage.bytes_in,
            .bytes_out = usage.bytes_out,
            .bytes_printed = usage.bytes_printed,
            .pages_dirtied = usage.pages_dirtied,
            .waiting_time_ns = usage.waiting_time.count()};
}

std::shared_ptr<void> keep(void* user, curfew_free_user free_user) {
    return {user, [free_user](void* kept) {
                if (free_user != nullptr) free_user(kept);
            }};
}

}  // namespace curfew::c

using namespace curfew::c;

const char* curfew_text_data(const curfew_text* text, size_t* length) { return text_out(text->text, length); }

void curfew_text_free(curfew_text* text) { delete text; }  // NOLINT: C's

const char* curfew_version(void) { return CURFEW_VERSION; }

curfew_code curfew_error_code(const curfew_error* error) { return error->code; }

const char* curfew_error_code_name(const curfew_error* error) {
    if (error->code == CURFEW_HOST_MEMORY) return "host_memory";
    return to_string(error->error.code).data();  // a literal
}

const char* curfew_error_message(const curfew_error* error, size_t* length) {
    return text_out(error->error.message, length);
}

const char* curfew_error_terminated_by(const curfew_error* error, size_t* length) {
    return text_out(error->error.terminated_by, length);
}

const char* curfew_error_stack(const curfew_error* error, size_t* length) {
    return text_out(error->error.stack, length);
}

int curfew_error_ran(const curfew_error* error) { return error->error.ran ? 1 : 0; }

void curfew_error_usage(const curfew_error* error, curfew_usage* usage) {
    give_out(usage_of(error->error.usage), usage);
}

void curfew_error_free(curfew_error* error) {
    if (error != out_of_memory()) delete error;  // NOLINT: C's
}
