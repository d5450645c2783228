#!/bin/bash
# check.sh PROFILE_TOOL CURFEW FOLDER: what docs/production.md gives to those who run services holds here.
set -euo pipefail
tool=$1
curfew=$2
folder=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    printf '%s\n' "$*"
    exit 1
}

# The profile allows all that a host needs.
cat >"$scratch/handler.js" <<'END'
export function handler(event) {
    console.log("printed");
    return event.number * 2;
}
END
under_profile() {
    local profile=$1
    shift
    "$tool" "$profile" -- "$curfew" "$@"
}
result=$(under_profile "$folder/seccomp.json" run "$scratch/handler.js" --event '{"number": 21}' --wall 60s --cpu 60s \
    --memory 64MiB 2>"$scratch/errors") || fail "No handler runs under the profile: $(cat "$scratch/errors")"
[[ $result == *42* ]] || fail "Under the profile, a handler gave $result."
under_profile "$folder/seccomp.json" doctor >"$scratch/doctor" || fail "$(cat "$scratch/doctor")"

# And the check can fail: without one of the calls there is no cell, and the exit status says so.
grep -v '"execveat"' "$folder/seccomp.json" >"$scratch/less.json"
status=0
under_profile "$scratch/less.json" run "$scratch/handler.js" --event '{"number": 21}' >/dev/null 2>&1 || status=$?
[ "$status" = 4 ] || fail "Without execveat, curfew run ended with $status in place of 4."

# systemd reads its unit without a complaint, and what it allows is enough.
if command -v systemd-analyze >/dev/null; then
    sed "s#^ExecStart=.*#ExecStart=$curfew run $scratch/handler.js#" "$folder/curfew-service.service" >"$scratch/handlers.service"
    systemd-analyze verify "$scratch/handlers.service" >"$scratch/verified" 2>&1 || true
    ! grep -F handlers.service "$scratch/verified" || fail "systemd does not take the unit."
fi
