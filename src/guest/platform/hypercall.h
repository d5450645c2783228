// The guest's one door: the function that the cell's back end puts at one address.
#ifndef CURFEW_GUEST_PLATFORM_HYPERCALL_H
#define CURFEW_GUEST_PLATFORM_HYPERCALL_H

#include "wire/mailbox.h"

namespace curfew::guest {

inline uint64_t hypercall(uint64_t operation) {
    return reinterpret_cast<wire::Hypercall>(wire::kHypercallEntry)(operation);
}

}  // namespace curfew::guest

#endif
