#!/bin/bash
# Checks that layering.sh finds what it is there to find, on a small tree that has every fault once.
set -euo pipefail
check=$(cd "$(dirname "$0")" && pwd)/layering.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"

mkdir -p src/{cell,monitor,guest,cli,new_part} include/curfew/monitor bench examples tests
cat >src/cell/cell.cc <<'END'
#include <sys/mman.h>
#include "cell.h"
#include "wire/layout.h"
#include "sandbox/core.h"
#include <curfew/error.h>
#include <curfew/sandbox.h>
END
printf '#include <curfew/monitor.h>\n#  include "cell/cell.h"\n' >src/monitor/runtime.cc
printf '#include "support/subprocess.h"\n' >src/monitor/runtime.h
printf '#include "cell/process/cell.h"\n#include "embedded/program.h"\n' >src/cell/make.cc
printf '#include "cell/process/cell.h"\n#include "cell/cell.h"\n' >bench/cells.cc
printf '#include "cell/process/cell.h"\n' >src/cli/cells_test.cc
printf '#include "support/subprocess.h"\n#include "cli/run.h"\n#include <curfew/curfew.h>\n' >src/cli/run_test.cc
printf '#include <curfew/error.h>\n#include "cell/cell.h"\n' >src/guest/main.cc
printf '#include "cell/cell.h"\n' >src/guest/guest_test.cc

# Rings: of two files; through a source whose header is innocent; through public headers; between folders whose files are in
# no ring. Not one: tests, a header of the same name as its source, and folders with a known ring.
mkdir -p src/monitor/{limits,runtime} src/wire/deep src/sandbox
touch src/cell/cell.h
printf '#include "cell/ring.h"\n' >src/cell/ring_end.h
printf '#include "ring_end.h"\n' >src/cell/ring.h
printf '#include "monitor/runtime/task.h"\n' >src/monitor/runtime/pool.h
touch src/monitor/runtime/task.h
printf '#include "monitor/runtime/task.h"\n  #  include "monitor/runtime/pool.h"\n' >src/monitor/runtime/task.cc
printf '#include <curfew/monitor/task.h>\n' >src/monitor/runtime/task_test.cc
printf '#include <curfew/monitor/quota.h>\n#include "monitor/runtime/task.h"\n' >src/monitor/limits/quota.cc
touch include/curfew/monitor/quota.h
printf '#include <curfew/monitor/set.h>\n' >src/monitor/supervision.cc
printf '#include <curfew/monitor/quota.h>\n' >include/curfew/monitor/set.h
printf '#include <curfew/monitor/call.h>\n' >src/monitor/call.cc
printf '#include <curfew/monitor/call.h>\n' >src/monitor/limits/clock.cc
touch include/curfew/monitor/call.h
printf '#include "wire/deep/b.h"\n' >src/wire/a.h
printf '#include "wire/c.h"\n' >src/wire/deep/b.h
touch src/wire/c.h
printf '#include "sandbox/core.h"\n' >src/sandbox/pool.h
printf '#include "sandbox/pool.h"\n' >src/sandbox/core.h
mkdir -p src/guest/{platform,quickjs/engine,engine}
printf '#include "wire/layout.h"\n#include "guest/quickjs/value.h"\n' >src/guest/platform/heap.cc
printf '#include "exchange.h"\n#include "guest/platform/exchange.h"\n' >src/guest/platform/heap.h
printf '#include "guest/platform/heap.h"\n#include "quickjs.c"\n#include "guest/engine/a.h"\n' >src/guest/quickjs/engine/a.c
printf '#include "new_part/other.h"\n' >src/new_part/part.cc
printf '#include "monitor/runtime.h"\n#include <curfew/sandbox.h>\n' >include/curfew/monitor/wait.h
seq 401 >tests/long.cc
seq 400 >tests/short.cc
seq 600 >tests/short_test.cc
seq 601 >tests/long_test.cc

expected='bench/cells.cc:1: only cell itself may use cell/process (cell/process/cell.h).
src/cli/cells_test.cc:1: cli may not use cell (cell/process/cell.h).
src/cli/cells_test.cc:1: only cell itself may use cell/process (cell/process/cell.h).
include/curfew/monitor/wait.h:1: a public header may not use what is not public (monitor/runtime.h).
include/curfew/monitor/wait.h:2: the monitors'\'' headers may not use curfew/sandbox.h.
src/cell/cell.cc:4: cell may not use sandbox (sandbox/core.h).
src/cell/cell.cc:6: cell may not use the public header curfew/sandbox.h.
src/guest/main.cc:1: guest may not use the public header curfew/error.h.
src/guest/guest_test.cc:1: guest may not use cell (cell/cell.h).
src/guest/main.cc:2: guest may not use cell (cell/cell.h).
src/guest/engine/ is no room of guests that this check knows; add what it may use.
src/guest/platform/heap.cc:2: guest/platform may not use guest/quickjs (guest/quickjs/value.h).
src/guest/quickjs/engine/a.c:3: guest/quickjs may not use guest/engine (guest/engine/a.h).
src/monitor/runtime.cc:2: monitor may not use cell (cell/cell.h).
src/monitor/runtime.h:1: monitor may not use support (support/subprocess.h).
src/new_part/ is no part that this check knows; add what it may use.
These files depend on each other (2): src/cell/ring, src/cell/ring_end; for example src/cell/ring -> src/cell/ring_end -> src/cell/ring.
These files depend on each other (2): src/monitor/runtime/task, src/monitor/runtime/pool; for example src/monitor/runtime/task -> src/monitor/runtime/pool -> src/monitor/runtime/task.
These folders depend on each other (2): src/monitor/limits, src/monitor; for example src/monitor/limits -> src/monitor -> src/monitor/limits.
These folders depend on each other (2): src/wire, src/wire/deep; for example src/wire -> src/wire/deep -> src/wire.
tests/long_test.cc has 601 lines; split it by subject, or give it a place on the list of '"$check"' with a reason.
tests/long.cc has 401 lines; split it by subject, or give it a place on the list of '"$check"' with a reason.'

if "$check" "$tree" >found; then
    echo "The check passed a tree that has faults."
    exit 1
fi
diff <(printf '%s\n' "$expected" | LC_ALL=C sort) <(grep -v ' faults\.$' found | LC_ALL=C sort)
