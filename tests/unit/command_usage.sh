#!/bin/sh
# `penstock usage`: the sums match the log, unknown is never 0, and unreadable files are reported.
program=${PENSTOCK:-src/penstock}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
unset PENSTOCK_CONFIG
passed=0 failed=0
log=$folder/usage.jsonl
echo "access: { anonymous = true; }; log: { usage = \"$log\"; errors = \"\"; };" >"$folder/penstock.conf"

# record TS ID CLIENT RUN MODEL PROVIDER_STATUS REASON SOURCE END PROMPT COMPLETION COST MS
record() {
    id=$2 model=null provider=null
    [ "$5" = null ] || model="\"$5\"" provider='"fake"'
    for word in client run reason source; do
        case $word in client) value=$3 ;; run) value=$4 ;; reason) value=$7 ;; source) value=$8 ;; esac
        [ "$value" = null ] || value="\"$value\""
        eval "$word=\$value"
    done
    printf '{"ts":"%s","request_id":"%s","client":%s,"run_id":%s,"remote_addr":null,' "$1" "$id" "$client" "$run"
    printf '"endpoint":"/v1/chat/completions","requested_model":"fast","provider":%s,"model":%s,' "$provider" "$model"
    printf '"stream":false,"status":200,"provider_status":%s,"category":null,"reason":%s,' "$6" "$reason"
    printf '"retryable":null,"source":%s,"end":"%s","attempts":[],' "$source" "$9"
    shift 9
    printf '"prompt_tokens":%s,"completion_tokens":%s,"total_tokens":null,"cost_usd":%s,"duration_ms":%s}\n' "$@"
}

record 2026-11-17T23:59:59.999Z a blog null one 200 null null complete 10 1 0.1 100.000 >"$folder/one"
record 2026-11-18T00:00:00.000Z b blog null one 200 null null complete 20 2 0.2 100.000 >"$folder/two"
{
    record 2026-11-18T10:00:00.000Z c blog r1 one 200 null null complete 30 3 0.000000001 100.000
    record 2026-11-18T10:00:01.000Z d shop r1 '=two' 200 null null complete 40 4 null 3000.000
    record 2026-11-19T10:00:00.000Z e shop r2 '=two' 429 rate_limit provider error null null null 5.000
    record 2026-11-19T10:00:00.000Z f null null null null unauthorized gateway refused null null null 1.000
    echo '{"ts":"2026-11-19T10:00:01.000Z","requ'
} >"$log"
gzip -c "$folder/one" >"$log.2.gz"
cp "$folder/two" "$log.1"

# run STATUS ARGUMENT...: keeps what it printed in $folder/out and $folder/err
run() {
    expected=$1
    shift
    HOME=$folder timeout 60 "$program" usage -c "$folder/penstock.conf" "$@" >"$folder/out" 2>"$folder/err"
    status=$?
    if [ "$status" -ne "$expected" ]; then say_failed "exit status $status, expected $expected: $*"; else passed=$((passed + 1)); fi
}
say_failed() {
    echo "FAIL: $1"
    sed 's/^/  out: /' "$folder/out"
    sed 's/^/  err: /' "$folder/err"
    failed=$((failed + 1))
}
# has FILE REGEX: the expression matches a full line of the file
has() { if grep -qxE -- "$2" "$folder/$1"; then passed=$((passed + 1)); else say_failed "no line \"$2\" in $1"; fi; }
lines() { if [ "$(wc -l <"$folder/out")" -eq "$1" ]; then passed=$((passed + 1)); else say_failed "not $1 lines"; fi; }
json() {
    if ! command -v python3 >/dev/null; then
        missing=python3
    elif python3 -c "import json, sys; u = json.load(open('$folder/out')); sys.exit(0 if ($1) else 1)"; then
        passed=$((passed + 1))
    else
        say_failed "not so: $1"
    fi
}

# for people: unknown is "-", and the last line is the total
run 0
has out 'client +requests +errors +tokens in +tokens out +USD +no price +p50 +p95'
has out 'blog +3 +0 +60 +6 +0\.3000 +0 +10[0-9] ms +1[0-9][0-9] ms'
has out 'shop +2 +1 +40 +4 +- +1 +.*'
has out '\(none\) +1 +1 +- +- +- +0 +.*'
has out 'total +6 +2 +100 +10 +0\.3000 +1 +.*'
has out 'No price is known for 1 of the requests; their cost is in no sum\.'
has err "penstock usage: $log: 1 torn line; the first is line 5"

# for programs: exact, unknown is null
run 0 --json --by model
json 'u["total"]["cost_usd"] == 0.300000001 and u["total"]["requests"] == 6 and u["torn_lines"] == 1'
json '[g["cost_usd"] for g in u["groups"] if g["model"] == "=two"] == [None]'
json '[g["unpriced_requests"] for g in u["groups"] if g["model"] == "=two"] == [1]'
json '[g["prompt_tokens"] for g in u["groups"] if g["model"] is None] == [None]'
has out '.*"cost_usd":0\.300000001.*'
run 0 --csv --by day,model
lines 6
has out '"2026-11-17","one",1,0,1,10,1,11,0,.*,0\.1.'
has out "\"2026-11-18\",\"'=two\",1,0,1,40,4,44,1,.*,."
run 64 --csv --json

# from a time and before a time
run 0 --csv --since 2026-11-18 --until 2026-11-18T10:00:01Z
lines 2
has out '"blog",2,.*,0\.200000001.'
run 0 --csv --since 1h --by day
lines 1
run 0 --since 1h
has out 'no requests'
run 64 --since yesterday
run 64 --since 2026-11-18 --until 2026-11-17

# of one client, run, model or provider
run 0 --csv --client blog --by run
lines 3
has out '"r1",1,.*'
run 0 --csv --run 'r*' --by client,reason
lines 4
run 0 --csv --model fast --by end
has out '"complete",4,.*'
run 0 --csv --model one
lines 2
run 0 --csv --provider other
lines 1
run 64 --by
run 64 --by client,color
has err 'penstock usage: --by takes client, run, .*, not "color"'
run 64 --client
run 64 more
run 64 --bye

# files that cannot be read
printf 'no gzip, yet it is called so\n' >"$log.3.gz"
head -c 30 "$log.2.gz" >"$folder/short"
cp "$folder/short" "$log.2.gz"
run 1
has err "penstock usage: $log\.2\.gz cannot be read to its end: it ends too early"
has out 'total +5 .*'
if [ "$(id -u)" -ne 0 ]; then
    rm -f "$log.2.gz"
    chmod 0 "$log.1"
    run 1
    has err "penstock usage: cannot read $log\.1: Permission denied"
else
    missing=${missing:+$missing, }"a file without permission, for this is root"
fi
run 1 --set log.usage=
run 1 --set log.usage="$folder/none/usage.jsonl"
has err "penstock usage: cannot read the folder $folder/none: .*"
run 1 --set log.usage="$folder/none.jsonl"
has err "penstock usage: there is no usage log at $folder/none\.jsonl"
if [ -w /dev/full ]; then
    HOME=$folder "$program" usage -c "$folder/penstock.conf" >/dev/full 2>"$folder/err" && say_failed "a full disk is no failure"
fi

# the ledger has the same sums
cat >"$folder/penstock.conf" <<END
access: { anonymous = true; };
log: { usage = "$folder/other.jsonl"; errors = "$folder/error.log"; };
providers: { fake: { base_url = "http://127.0.0.1:1/v1"; }; };
retry: { max_attempts = 1; };
state_dir = "$folder";
END
ask='{"model":"m","messages":[]}'
for _ in 1 2 3; do
    printf %s "$ask" | env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST REQUEST_URI=/v1/chat/completions \
        CONTENT_TYPE=application/json CONTENT_LENGTH=${#ask} PENSTOCK_CONFIG="$folder/penstock.conf" \
        timeout 60 "$program" >/dev/null
done
for by in provider,model client day; do
    run 0 --csv --by $by
    cut -d , -f 1-3 "$folder/out" >"$folder/log.csv"
    run 0 --csv --by $by --ledger
    if cut -d , -f 1-3 "$folder/out" | cmp -s - "$folder/log.csv"; then passed=$((passed + 1)); else say_failed "ledger and log differ by $by"; fi
done
run 0 --ledger --since 7d --by day
has out 'total +3 +3 .*'
run 0 --ledger --until 2026-01-01
has out 'no requests'
run 64 --ledger --by run
run 64 --ledger --run r1
rm -f "$folder/other.jsonl"
run 0 --ledger
has out 'total +3 +3 .*'
run 1 --ledger --set state_dir=/dev/null/none

[ -z "${missing:-}" ] || echo "could not run: $missing"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
