#include "guest/node/randomness.h"

#include <asm/unistd.h>
#include <sys/types.h>

#include "guest/node/system.h"
#include "guest/platform/exchange.h"
#include "guest/platform/random.h"

namespace curfew::guest {

namespace {

constexpr uint64_t kProcessNumbers = uint64_t{1} << 30;
constexpr size_t kLargestEntropy = 256;

Random random_state;
int number;

}  // namespace

void reseed() {
    random_state.seed(mailbox().seed);
    number = static_cast<int>(1 + random_state.next() % kProcessNumbers);
}

void fill_with_randomness(void* out, size_t size) {
    if (in_cell()) return random_state.fill(out, size);
    auto* to = static_cast<char*>(out);
    while (size > 0) {
        const long got = kernel_call(__NR_getrandom, word(to), static_cast<long>(size));
        if (got <= 0) give_up("the system gives no random numbers (error %ld)", -got);
        to += got;
        size -= static_cast<size_t>(got);
    }
}

int process_number() { return in_cell() ? number : static_cast<int>(kernel_call(__NR_getpid)); }

}  // namespace curfew::guest

using namespace curfew::guest;

CURFEW_INTERPOSED ssize_t getrandom(void* out, size_t size, unsigned) {
    fill_with_randomness(out, size);
    return static_cast<ssize_t>(size);
}

CURFEW_INTERPOSED int getentropy(void* out, size_t size) {
    if (size > kLargestEntropy) {
        errno = EIO;
        return -1;
    }
    fill_with_randomness(out, size);
    return 0;
}

CURFEW_INTERPOSED pid_t getpid() noexcept { return process_number(); }
