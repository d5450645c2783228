#!/bin/bash
# abi.sh LIBRARY HEADERS DESCRIPTION SCRATCH: checks that a library of <curfew/c.h> serves all who were compiled with the header that
# a description is of. What was added since is fine. After an addition, and for a new version, SCRATCH is the new description.
set -euo pipefail
abidw --headers-dir "$2" --exported-interfaces-only --drop-private-types --no-corpus-path --no-comp-dir-path --no-show-locs \
    --no-elf-needed --type-id-style hash --out-file "$4" "$1"
if ! said=$(abidiff --no-added-syms --suppressions "$(dirname "$3")/additions.suppr" "$3" "$4"); then
    printf 'Programs that were compiled before would not go on working:\n%s\n' "$said"
    exit 1
fi
if [ "$(grep -c '<function-decl' "$4")" -lt "$(grep -c '<function-decl' "$3")" ]; then
    echo "The description has more functions than the library."
    exit 1
fi
echo "Nothing was taken away or changed."
