// The test guest as a frozen image: the same memory at the same addresses, but told by segments of a file.
#ifndef CURFEW_CELL_TESTING_FROZEN_TEST_GUEST_H
#define CURFEW_CELL_TESTING_FROZEN_TEST_GUEST_H

#include <memory>

#include "cell/memory_image.h"
#include "wire/frozen_image.h"

namespace curfew::cell::testing {

// Its header. Tests change it.
wire::FrozenHeader frozen_test_header();

// The image with such a header, checked.
Result<std::shared_ptr<const GuestImage>> make_frozen_test_guest(const wire::FrozenHeader& header);

// Its state before the first instruction is frozen_test_image(). The heap has the same size, whatever the sizes say.

}  // namespace curfew::cell::testing

#endif
