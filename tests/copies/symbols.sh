#!/bin/bash
# symbols.sh NM OBJECT: checks that an object has no inline data of Curfew that the dynamic linker merges with that of another
# copy of the library in the same process (STB_GNU_UNIQUE). A program can have two: two plugins, each with the library inside.
# The second one's would be the first one's, with pointers to code that does not know the second one's state.
set -euo pipefail
symbols=$("$1" --demangle "$2")
merged=$(grep -E '^[0-9a-f]* +u .*curfew::' <<<"$symbols" || true)
if [ -n "$merged" ]; then
    printf 'Copies of the library would share these; make them of values, or of functions that are not inline:\n%s\n' "$merged"
    exit 1
fi
echo "Copies of the library share nothing."
