#!/bin/sh
# The command line that all commands share: help, version, options before the command, and what is refused.
program=${PENSTOCK:-src/penstock}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
unset PENSTOCK_CONFIG NVIDIA_API_KEY OPENAI_API_KEY GROQ_API_KEY
passed=0 failed=0

# run STATUS ARGUMENT...: keeps what it printed in $folder/out and $folder/err
run() {
    expected=$1
    shift
    HOME=$folder timeout 60 "$program" "$@" >"$folder/out" 2>"$folder/err"
    status=$?
    if [ "$status" -ne "$expected" ]; then say_failed "exit status $status, expected $expected: $*"; else passed=$((passed + 1)); fi
}
say_failed() {
    echo "FAIL: $1"
    sed 's/^/  out: /' "$folder/out"
    sed 's/^/  err: /' "$folder/err"
    failed=$((failed + 1))
}
has() { if grep -qF -- "$2" "$folder/$1"; then passed=$((passed + 1)); else say_failed "no \"$2\" in $1"; fi; }
empty() { if [ -s "$folder/$1" ]; then say_failed "$1 is not empty"; else passed=$((passed + 1)); fi; }

# help is an answer: standard output, exit status 0
for arguments in --help -h help '-c /none --help'; do
    # shellcheck disable=SC2086
    run 0 $arguments
    has out "usage: penstock COMMAND"
    empty err
done
for command in serve check models probe usage key ledger version help; do
    for arguments in "$command --help" "$command -h" "help $command" "-c /none $command --help"; do
        # shellcheck disable=SC2086
        run 0 $arguments
        has out "usage: penstock $command "
        empty err
    done
    run 0 "$command" --version
    has out "penstock "
    run 64 "$command" --bogus
    has err "penstock $command: unknown option --bogus"
    empty out
done
run 0 --version
has out "penstock "

# no command, or none that exists
run 64
has err "usage: penstock COMMAND"
empty out
run 64 serv
has err "penstock: no such command: serv"
run 64 --bogus check
has err "penstock: unknown option --bogus"
run 64 help serv
run 64 version 2

# options before the command are the command's
echo 'listen = "/a/socket";' >"$folder/penstock.conf"
run 0 -c "$folder/penstock.conf" --set pool.max_workers=7 check --dump
has out 'listen = "/a/socket"'
has out 'max_workers = 7; # command line'
run 1 -c "$folder/none.conf" serve

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
