// Freezing: the process writes all its memory into a file, in the form of wire/frozen_image.h, and ends. What goes on in cells is what
// it was then.
#ifndef CURFEW_GUEST_NODE_FREEZE_H
#define CURFEW_GUEST_NODE_FREEZE_H

namespace curfew::guest {

// Comes back in cells only, each time that one starts from the image. Fails, with a message and the process's end, if something is
// left that no cell could have: another thread, a descriptor, memory that is shared. REQUIRES: the thread of
// run_on_frozen_stack().
void freeze(int image);

}  // namespace curfew::guest

#endif
