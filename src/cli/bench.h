// curfew bench: measures Curfew on this machine.
#ifndef CURFEW_CLI_BENCH_H
#define CURFEW_CLI_BENCH_H

#include "cli/console.h"
#include "cli/request.h"

namespace curfew::cli {

// Becomes the program curfew-bench, which lies beside the command: what Curfew is measured against, a JavaScript engine
// without a cell around it among them, is no part of the command. Returns the exit status if that program is missing.
int bench(const BenchOptions& options, Console& console);

}  // namespace curfew::cli

#endif
