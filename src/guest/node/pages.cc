#include "guest/node/pages.h"

#include <asm/unistd.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "guest/node/memory_account.h"
#include "guest/node/page_set.h"
#include "guest/node/system.h"
#include "wire/frozen_image.h"

namespace curfew::guest {

namespace {

constexpr size_t kPage = wire::kPageSize;
constexpr uintptr_t kBase = wire::kFrozenArenaBase;
constexpr size_t kPages = wire::kFrozenArenaSize / kPage;

// The sets lie in the arena's first pages.
using Pages = PageSet<kPages>;
struct Sets {
    Pages taken;      // reserved or committed
    Pages committed;  // may be used; a part of those taken
    Pages dirty;      // not committed, and not known to be zero
};
constexpr size_t kSetPages = (sizeof(Sets) + kPage - 1) / kPage;

Sets* sets;
size_t lowest_free;     // no page below is free
size_t extent;          // no page from there on was ever taken
size_t limit = kPages;  // the arena's end

uintptr_t address_of(size_t page) { return kBase + page * kPage; }
size_t page_of(uintptr_t address) { return (address - kBase) / kPage; }
size_t pages_in(size_t length) { return (length + kPage - 1) / kPage; }

bool in_arena(uintptr_t where, size_t length) {
    return where >= kBase && where % kPage == 0 && where - kBase <= limit * kPage &&
           length <= limit * kPage - (where - kBase);
}

void make_arena() {
    const long made =
        kernel_call(__NR_mmap, static_cast<long>(kBase), wire::kFrozenArenaSize, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (made != static_cast<long>(kBase)) {
        give_up("this system does not give memory that is writable and executable at %p (error %ld)",
                reinterpret_cast<void*>(kBase), -made);
    }
    kernel_call(__NR_madvise, static_cast<long>(kBase), wire::kFrozenArenaSize, MADV_NOHUGEPAGE);
    sets = reinterpret_cast<Sets*>(kBase);
    sets->taken.set(0, kSetPages);
    sets->committed.set(0, kSetPages);
    add_committed_pages(kSetPages * kPage);
    lowest_free = extent = kSetPages;
}

void make_zero(size_t page, size_t count) {
    if (!in_cell()) {
        kernel_call(__NR_madvise, static_cast<long>(address_of(page)), static_cast<long>(count * kPage), MADV_DONTNEED);
        sets->dirty.clear(page, count);
        return;
    }
    const size_t end = page + count;
    for (size_t dirty = sets->dirty.find(page, end); dirty < end; dirty = sets->dirty.find(dirty, end)) {
        memset(reinterpret_cast<void*>(address_of(dirty)), 0, kPage);
        sets->dirty.clear(dirty, 1);
    }
}

// What is committed already keeps its content.
long commit(size_t page, size_t count) {
    const size_t more = count - sets->committed.count(page, count);
    if (more == 0) return 0;
    if (!memory_allows_pages(more * kPage)) {
        note_allocation_failure();
        return -ENOMEM;
    }
    const size_t end = page + count;
    for (size_t from = sets->committed.find_clear(page, end); from < end;) {
        const size_t to = sets->committed.find(from, end);
        make_zero(from, to - from);
        sets->committed.set(from, to - from);
        from = sets->committed.find_clear(to, end);
    }
    add_committed_pages(more * kPage);
    return 0;
}

void uncommit(size_t page, size_t count) {
    const size_t end = page + count;
    for (size_t from = sets->committed.find(page, end); from < end;) {
        const size_t to = sets->committed.find_clear(from, end);
        sets->dirty.set(from, to - from);
        sets->committed.clear(from, to - from);
        remove_committed_pages((to - from) * kPage);
        from = sets->committed.find(to, end);
    }
}

void take(size_t page, size_t count) {
    sets->taken.set(page, count);
    if (page + count > extent) extent = page + count;
}

// The first place where as many pages are free; the limit if there is none.
size_t find_free(size_t count) {
    size_t from = lowest_free = sets->taken.find_clear(lowest_free, limit);
    while (from + count <= limit) {
        const size_t taken = from < extent ? sets->taken.find(from, from + count) : from + count;
        if (taken == from + count) return from;
        from = sets->taken.find_clear(taken, limit);
    }
    return limit;
}

// A file's pages come from the kernel, and there is no way to have them in a cell.
long map_by_kernel(uintptr_t where, size_t length, int protection, int flags, int descriptor, long offset) {
    if (in_cell()) return -ENODEV;
    const long made = kernel_call(__NR_mmap, static_cast<long>(where), static_cast<long>(length), protection, flags,
                                  descriptor, offset);
    if (made > 0 && in_arena(static_cast<uintptr_t>(made), length)) {
        const size_t page = page_of(static_cast<uintptr_t>(made));
        const size_t count = pages_in(length);
        take(page, count);
        add_committed_pages((count - sets->committed.count(page, count)) * kPage);
        sets->committed.set(page, count);
        sets->dirty.clear(page, count);
    }
    return made;
}

}  // namespace

long map_pages(uintptr_t where, size_t length, int protection, int flags, int descriptor, long offset) {
    if (!sets) make_arena();
    if (length == 0) return -EINVAL;
    const bool fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
    if ((flags & MAP_ANONYMOUS) == 0 || (fixed && !in_arena(where, length))) {
        return map_by_kernel(where, length, protection, flags, descriptor, offset);
    }
    const size_t count = pages_in(length);
    const size_t page = fixed ? page_of(where) : find_free(count);
    if (page >= limit) {
        note_allocation_failure();
        return -ENOMEM;
    }
    if (fixed && (flags & MAP_FIXED) == 0 && sets->taken.find(page, page + count) != page + count) return -EEXIST;
    uncommit(page, count);
    const bool was_free = !fixed;
    take(page, count);
    if (protection != PROT_NONE) {
        if (const long failed = commit(page, count); failed != 0) {
            if (was_free) sets->taken.clear(page, count);
            return failed;
        }
    }
    return static_cast<long>(address_of(page));
}

void forbid_new_code() {
    if (!sets) make_arena();
    const long failed =
        kernel_call(__NR_mprotect, static_cast<long>(kBase), wire::kFrozenArenaSize, PROT_READ | PROT_WRITE);
    if (failed != 0) give_up("this system does not take the right to execute from memory (error %ld)", -failed);
}

long unmap_pages(uintptr_t where, size_t length) {
    if (length == 0 || where % kPage != 0) return -EINVAL;
    if (!sets || !in_arena(where, length)) {
        return in_cell() ? -EINVAL : kernel_call(__NR_munmap, static_cast<long>(where), static_cast<long>(length));
    }
    const size_t page = page_of(where);
    const size_t count = pages_in(length);
    uncommit(page, count);
    sets->taken.clear(page, count);
    if (page < lowest_free) lowest_free = page;
    return 0;
}

// Taking a protection away leaves the page's content, so it stays in use.
long protect_pages(uintptr_t where, size_t length, int protection) {
    if (!sets || !in_arena(where, length)) {
        return in_cell() ? -EACCES
                         : kernel_call(__NR_mprotect, static_cast<long>(where), static_cast<long>(length), protection);
    }
    return protection == PROT_NONE ? 0 : commit(page_of(where), pages_in(length));
}

// In a cell nobody could give the pages back. What engines let go in this way may have any content afterwards.
long advise_pages(uintptr_t where, size_t length, int advice) {
    if (in_cell()) return 0;
    if (sets && in_arena(where, length) && advice != MADV_DONTNEED && advice != MADV_FREE) return 0;
    return kernel_call(__NR_madvise, static_cast<long>(where), static_cast<long>(length),
                       advice == MADV_FREE ? MADV_DONTNEED : advice);
}

uint64_t extent_of_pages() { return extent * kPage; }

void drop_free_pages() {
    for (size_t from = sets->committed.find_clear(0, extent); from < extent;) {
        const size_t to = sets->committed.find(from, extent);
        make_zero(from, to - from);
        from = sets->committed.find_clear(to, extent);
    }
}

void limit_pages(uint64_t bytes) {
    const size_t end = extent + bytes / kPage;
    limit = end < kPages ? end : kPages;
}

}  // namespace curfew::guest

using namespace curfew::guest;

CURFEW_INTERPOSED void* mmap(void* where, size_t length, int protection, int flags, int descriptor,
                             off_t offset) noexcept {
    return reinterpret_cast<void*>(
        with_errno(map_pages(reinterpret_cast<uintptr_t>(where), length, protection, flags, descriptor, offset)));
}

CURFEW_INTERPOSED void* mmap64(void* where, size_t length, int protection, int flags, int descriptor,
                               off_t offset) noexcept {
    return mmap(where, length, protection, flags, descriptor, offset);
}

CURFEW_INTERPOSED int munmap(void* where, size_t length) noexcept {
    return static_cast<int>(with_errno(unmap_pages(reinterpret_cast<uintptr_t>(where), length)));
}

CURFEW_INTERPOSED int mprotect(void* where, size_t length, int protection) noexcept {
    return static_cast<int>(with_errno(protect_pages(reinterpret_cast<uintptr_t>(where), length, protection)));
}

CURFEW_INTERPOSED int madvise(void* where, size_t length, int advice) noexcept {
    return static_cast<int>(with_errno(advise_pages(reinterpret_cast<uintptr_t>(where), length, advice)));
}

// Whoever asks has another way.
CURFEW_INTERPOSED void* mremap(void*, size_t, size_t, int, ...) noexcept {
    errno = ENOMEM;
    return MAP_FAILED;
}

// Engines would protect their code by keys, which are registers that a cell's reset does not know.
CURFEW_INTERPOSED int pkey_alloc(unsigned, unsigned) noexcept {
    errno = ENOSYS;
    return -1;
}

CURFEW_INTERPOSED int pkey_mprotect(void* where, size_t length, int protection, int) noexcept {
    return mprotect(where, length, protection);
}

CURFEW_INTERPOSED int mlock(const void*, size_t) noexcept { return 0; }
