// Where a line that a guest prints comes from.
#ifndef CURFEW_PRINT_LEVEL_H
#define CURFEW_PRINT_LEVEL_H

namespace curfew {

// print(), or the console's method.
enum class PrintLevel { print, log, info, warn, error, debug };

}  // namespace curfew

#endif
