#!/bin/bash
# symbols.sh NM LIBRARY HEADER: checks that a shared library shows the functions that its header declares, each with a version, and
# nothing else.
set -euo pipefail
shown=$("$1" -D --defined-only --with-symbol-versions "$2" | awk '$2 != "A" { print $3 }' | sort)
names=$("$1" -D --defined-only "$2" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
declared=$(grep -oE '^[^/]*\bcurfew_[a-z_]+\(' "$3" | grep -oE 'curfew_[a-z_]+\($' | tr -d '(' | sort -u)
[ -n "$declared" ]
if unversioned=$(grep -v '@@CURFEW_C_[0-9.]*$' <<<"$shown"); then
    printf 'These have no version:\n%s\n' "$unversioned"
    exit 1
fi
if ! difference=$(diff <(echo "$names") <(echo "$declared")); then
    printf 'Shown by the library (<), and declared in its header (>):\n%s\n' "$difference"
    exit 1
fi
echo "The library shows $(wc -l <<<"$declared") functions."
