#!/bin/bash
# tested.sh HEADER FOLDER: checks that the tests in FOLDER, which are programs of C, call every function that a header declares.
set -euo pipefail
declared=$(grep -oE '^[^/]*\bcurfew_[a-z_]+\(' "$1" | grep -oE 'curfew_[a-z_]+\($' | sort -u)
[ -n "$declared" ]
called=$(cat "$2"/*_test.c "$2"/testing/*.h | grep -oE '\bcurfew_[a-z_]+\(' | sort -u)
if missing=$(comm -23 <(echo "$declared") <(echo "$called")) && [ -n "$missing" ]; then
    printf 'No test calls these:\n%s\n' "$missing"
    exit 1
fi
echo "The tests call $(wc -l <<<"$declared") functions."
