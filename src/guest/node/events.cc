#include "guest/node/events.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "guest/node/clock.h"
#include "guest/node/host_messages.h"
#include "guest/node/pool_threads.h"
#include "guest/node/system.h"

namespace curfew::guest {

namespace {

// No other descriptor is as high. The numbers are indexes in libuv's tables, so they are small.
constexpr int kFirst = 64;
constexpr int kCount = 32;
constexpr size_t kPipeSize = 512;
constexpr uint64_t kPerMillisecond = 1'000'000;

enum class Kind : uint8_t { none, epoll, counter, pipe_reader, pipe_writer };

struct Source {
    Kind kind;
    int peer;        // of a pipe: the other end
    uint64_t count;  // of a counter; of a reader: bytes in `bytes`
    unsigned char bytes[kPipeSize];
};

struct Watch {
    int epoll;
    int descriptor;
    epoll_event event;
};

Source sources[kCount];
Watch watches[kCount];
int watch_count;

Source& source_of(int descriptor) { return sources[descriptor - kFirst]; }

bool is(int descriptor, Kind kind) { return is_event_source(descriptor) && source_of(descriptor).kind == kind; }

int add(Kind kind) {
    for (int i = 0; i < kCount; ++i) {
        if (sources[i].kind != Kind::none) continue;
        sources[i].kind = kind;
        sources[i].peer = -1;
        sources[i].count = 0;
        return kFirst + i;
    }
    return -EMFILE;
}

uint32_t ready(const Source& source) {
    switch (source.kind) {
        case Kind::counter: return EPOLLOUT | (source.count > 0 ? EPOLLIN : 0U);
        case Kind::pipe_reader: return (source.count > 0 ? EPOLLIN : 0U) | (source.peer < 0 ? EPOLLHUP : 0U);
        case Kind::pipe_writer: return EPOLLOUT;
        case Kind::epoll:
        case Kind::none: break;
    }
    return 0;
}

int collect(int epoll, epoll_event* out, int most) {
    int count = 0;
    for (int i = 0; i < watch_count && count < most; ++i) {
        const Watch& watch = watches[i];
        if (watch.epoll != epoll) continue;
        const uint32_t events = ready(source_of(watch.descriptor)) & (watch.event.events | EPOLLHUP | EPOLLERR);
        if (events != 0) out[count++] = {.events = events, .data = watch.event.data};
    }
    return count;
}

Watch* find(int epoll, int descriptor) {
    for (int i = 0; i < watch_count; ++i) {
        if (watches[i].epoll == epoll && watches[i].descriptor == descriptor) return &watches[i];
    }
    return nullptr;
}

}  // namespace

bool is_event_source(int descriptor) {
    return descriptor >= kFirst && descriptor < kFirst + kCount && source_of(descriptor).kind != Kind::none;
}

long read_events(int descriptor, void* out, size_t size) {
    Source& source = source_of(descriptor);
    if (source.kind == Kind::counter) {
        if (size < sizeof(source.count)) return -EINVAL;
        if (source.count == 0) return -EAGAIN;
        memcpy(out, &source.count, sizeof(source.count));
        source.count = 0;
        return sizeof(source.count);
    }
    if (source.kind != Kind::pipe_reader) return -EBADF;
    if (source.count == 0) return source.peer < 0 ? 0 : -EAGAIN;
    const size_t some = source.count < size ? source.count : size;
    memcpy(out, source.bytes, some);
    source.count -= some;
    memmove(source.bytes, source.bytes + some, source.count);
    return static_cast<long>(some);
}

long write_events(int descriptor, const void* from, size_t size) {
    Source& source = source_of(descriptor);
    if (source.kind == Kind::counter) {
        uint64_t more = 0;
        if (size < sizeof(more)) return -EINVAL;
        memcpy(&more, from, sizeof(more));
        source.count += more;
        return sizeof(more);
    }
    if (source.kind != Kind::pipe_writer) return -EBADF;
    if (source.peer < 0) return -EPIPE;
    Source& reader = source_of(source.peer);
    const size_t room = kPipeSize - reader.count;
    if (room == 0) return -EAGAIN;
    const size_t some = size < room ? size : room;
    memcpy(reader.bytes + reader.count, from, some);
    reader.count += some;
    return static_cast<long>(some);
}

long close_events(int descriptor) {
    for (int i = watch_count; i-- > 0;) {
        if (watches[i].descriptor == descriptor || watches[i].epoll == descriptor) watches[i] = watches[--watch_count];
    }
    Source& source = source_of(descriptor);
    if (is_event_source(source.peer)) source_of(source.peer).peer = -1;
    source.kind = Kind::none;
    return 0;
}

long make_eventfd(unsigned count) {
    const int made = add(Kind::counter);
    if (made >= 0) source_of(made).count = count;
    return made;
}

long make_pipe(int descriptors[2]) {
    const int reader = add(Kind::pipe_reader);
    if (reader < 0) return reader;
    const int writer = add(Kind::pipe_writer);
    if (writer < 0) {
        close_events(reader);
        return writer;
    }
    source_of(reader).peer = writer;
    source_of(writer).peer = reader;
    descriptors[0] = reader;
    descriptors[1] = writer;
    return 0;
}

long make_epoll() { return add(Kind::epoll); }

long change_epoll(int epoll, int operation, int descriptor, const epoll_event* event) {
    if (!is(epoll, Kind::epoll)) return -EBADF;
    if (!is_event_source(descriptor)) return -EPERM;
    Watch* watch = find(epoll, descriptor);
    switch (operation) {
        case EPOLL_CTL_ADD:
            if (watch) return -EEXIST;
            if (watch_count == kCount) return -ENOSPC;
            watches[watch_count++] = {.epoll = epoll, .descriptor = descriptor, .event = *event};
            return 0;
        case EPOLL_CTL_MOD:
            if (!watch) return -ENOENT;
            watch->event = *event;
            return 0;
        case EPOLL_CTL_DEL:
            if (!watch) return -ENOENT;
            *watch = watches[--watch_count];
            return 0;
        default: return -EINVAL;
    }
}

long wait_for_events(int epoll, epoll_event* out, int most, int milliseconds) {
    if (!is(epoll, Kind::epoll)) return -EBADF;
    const uint64_t end =
        milliseconds > 0 ? monotonic_time() + static_cast<uint64_t>(milliseconds) * kPerMillisecond : 0;
    run_pool_threads();
    const int found = collect(epoll, out, most);
    // The engine takes the replies when the loop has gone round. A loop that always has something to do does not keep them
    // waiting.
    if (calls_are_open() && !reply_has_come()) {
        const bool is_idle = found == 0 && milliseconds != 0;
        wait_for_reply(!is_idle ? 0 : milliseconds < 0 ? kNoEnd : end);
        return found;
    }
    if (found > 0 || milliseconds == 0 || reply_has_come()) return found;
    if (milliseconds < 0) give_up("the event loop waits for something that can never happen");
    sleep_until(end);
    return 0;
}

bool events_are_pending() {
    if (pool_threads_can_run()) return true;
    for (int i = 0; i < watch_count; ++i) {
        if ((ready(source_of(watches[i].descriptor)) & watches[i].event.events) != 0) return true;
    }
    return false;
}

}  // namespace curfew::guest

using namespace curfew::guest;

CURFEW_INTERPOSED int eventfd(unsigned count, int) noexcept {
    return static_cast<int>(with_errno(make_eventfd(count)));
}

CURFEW_INTERPOSED int pipe2(int descriptors[2], int) noexcept {
    return static_cast<int>(with_errno(make_pipe(descriptors)));
}

CURFEW_INTERPOSED int pipe(int descriptors[2]) noexcept { return static_cast<int>(with_errno(make_pipe(descriptors))); }

CURFEW_INTERPOSED int epoll_create1(int) noexcept { return static_cast<int>(with_errno(make_epoll())); }

CURFEW_INTERPOSED int epoll_create(int) noexcept { return static_cast<int>(with_errno(make_epoll())); }

CURFEW_INTERPOSED int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) noexcept {
    return static_cast<int>(with_errno(change_epoll(epoll, operation, descriptor, event)));
}

CURFEW_INTERPOSED int epoll_pwait(int epoll, epoll_event* out, int most, int milliseconds, const sigset_t*) {
    return static_cast<int>(with_errno(wait_for_events(epoll, out, most, milliseconds)));
}

CURFEW_INTERPOSED int epoll_wait(int epoll, epoll_event* out, int most, int milliseconds) {
    return static_cast<int>(with_errno(wait_for_events(epoll, out, most, milliseconds)));
}
