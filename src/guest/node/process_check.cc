#include "guest/node/process_check.h"

#include <asm/unistd.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "guest/node/system.h"

namespace curfew::guest {

namespace {

constexpr int kThreads = 2;
constexpr int kLastStandard = 2;

// What the kernel says of a folder's entry.
struct Entry {
    uint64_t inode;
    int64_t offset;
    uint16_t size;
    uint8_t type;
    char name[];
};

template <typename Do>
void for_entries(const char* path, Do&& then) {
    const long folder = kernel_call(__NR_openat, AT_FDCWD, word(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) give_up("%s cannot be read (error %ld)", path, -folder);
    alignas(Entry) char buffer[4096];
    for (long size = 0; (size = kernel_call(__NR_getdents64, folder, word(buffer), sizeof(buffer))) > 0;) {
        for (long at = 0; at < size;) {
            const auto* const entry = reinterpret_cast<const Entry*>(buffer + at);
            if (entry->name[0] != '.') then(atoi(entry->name), static_cast<int>(folder));
            at += entry->size;
        }
    }
    kernel_call(__NR_close, folder);
}

void refuse_descriptor(int descriptor) {
    char link[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    char target[256] = {};
    kernel_call(__NR_readlinkat, AT_FDCWD, word(link), word(target), sizeof(target) - 1);
    give_up("descriptor %d is still open before the freeze: %s", descriptor, target);
}

}  // namespace

void check_process(int image) {
    int threads = 0;
    for_entries("/proc/self/task", [&](int, int) { ++threads; });
    if (threads != kThreads) give_up("%d threads are left before the freeze, and not one", threads - 1);
    for_entries("/proc/self/fd", [&](int descriptor, int folder) {
        if (descriptor > kLastStandard && descriptor != image && descriptor != folder) refuse_descriptor(descriptor);
    });
}

}  // namespace curfew::guest
