// curfew describe
#ifndef CURFEW_CLI_DESCRIBE_H
#define CURFEW_CLI_DESCRIBE_H

#include "cli/console.h"
#include "cli/request.h"

namespace curfew::cli {

int describe(const DescribeOptions& options, Console& console);

}  // namespace curfew::cli

#endif
