#!/bin/bash
# Checks that tidy.sh, with this project's checks, finds a lock that was not taken, and looks again at what has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"

mkdir -p src build
cp "$project/.clang-tidy" .
printf '[{"directory": "%s/build",\n  "command": "/usr/bin/c++ -I%s/src -I%s/include -std=gnu++23 -o count.o -c %s/src/count.cc",\n  "file": "%s/src/count.cc"}]\n' \
    "$tree" "$project" "$project" "$tree" "$tree" >build/compile_commands.json
printf '#include "count.h"\nvoid Count::add() { ++count_; }\n' >src/count.cc

# header LOCK: a class of which add() REQUIRES the lock, if that is given.
header() {
    printf '#include "base/mutex.h"\nclass Count {\n  public:\n    void add() %s;\n  private:\n' "$1"
    printf '    curfew::base::Mutex mutex_;\n    int count_ GUARDED_BY(mutex_) = 0;\n};\n'
} >src/count.h

tidy() { "$here/tidy.sh" . build build/cache src/count.cc >found 2>&1; }
fail() { printf '%s\n' "$1" && cat found && exit 1; }

header ''
! tidy || fail "A guarded member was read without its lock, and nothing was found:"
grep -q "error: writing variable 'count_' requires holding mutex 'mutex_'.*thread-safety" found ||
    fail "The lock that was not taken is not what was found:"

header 'REQUIRES(mutex_)'
tidy || fail "Something was found in what is right:"
passed=$(echo build/cache/src+count.cc.*)
touch -d '2000-01-01' "$passed"
tidy || fail "Something was found where nothing has changed:"
[ "$(stat -c %Y "$passed")" = "$(date -d '2000-01-01' +%s)" ] || fail "What had passed was looked at again:"

header ''
! tidy || fail "A header was changed, and what had passed with the old one was not looked at again:"
