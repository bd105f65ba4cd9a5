#!/bin/sh
# `penstock ledger`: rebuilds the accounts from the log, from a checkpoint in the log, and after damage to the file.
program=${PENSTOCK:-src/penstock}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
unset PENSTOCK_CONFIG
passed=0 failed=0
started="timeout 60"
umask 077
mkdir "$folder/state"
cat >"$folder/penstock.conf" <<END
providers: { mine: { base_url = "http://127.0.0.1:1/v1"; }; };
clients: ( { name = "blog"; key_sha256 = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"; } );
log: { usage = "$folder/usage.jsonl"; errors = "$folder/error.log"; };
state_dir = "$folder/state";
runs: { expire = 0; };
END

ledger() { # ARGUMENT...: prints its standard output
    HOME=$folder $started "$program" ledger -c "$folder/penstock.conf" "$@" 2>/dev/null
}

check() { # WORDS EXPECTED ACTUAL
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        echo "FAIL: $1: expected \"$2\", got \"$3\""
        failed=$((failed + 1))
    fi
}

total_of() { ledger | sed -n "s/^client $1: .* this month, \(.*\) USD in total; \(.*\) open/\1 \2/p"; }

record() { # ID RUN COST END SOURCE STATUS
    printf '{"ts":"2026-02-03T04:05:06.789Z","request_id":"%s","client":"blog","run_id":"%s",' "$1" "$2"
    printf '"endpoint":"/v1/chat/completions","requested_model":"m","provider":"mine","model":"m","stream":false,'
    printf '"status":%s,"provider_status":%s,"reason":null,"retryable":null,"source":%s,' "$6" "$6" "$5"
    printf '"end":"%s","attempts":[],"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,' "$4"
    printf '"usage_source":"provider","cost_usd":%s,"bytes_in":1,"bytes_out":1,"duration_ms":1.000,"pid":7}\n' "$3"
}

check "an empty one" "0 0" "$(total_of blog)"

{
    record one r1 0.000000001 complete null 200
    record two r1 0.25 complete null 200
    record three r2 null error '"provider"' 503
    printf '{"ts":"2026-02-03T04:05:0'
} >"$folder/usage.jsonl"
check "a rebuild" "the ledger is rebuilt: 3 records, 0.250000001 USD, 1 torn lines" "$(ledger rebuild)"
check "the client's sum" "0.250000001 0" "$(total_of blog)"
check "the run's sum" "run r1: 0.250000001 USD, 0 inference errors" "$(ledger run r1)"
check "the run's errors" "run r2: 0 USD, 1 inference errors" "$(ledger run r2)"
check "a second rebuild changes nothing" "0.250000001 0" "$(ledger rebuild >/dev/null && total_of blog)"

{
    record before r1 100 complete null 200
    echo '{"balance":{"ts":"2026-02-03T04:05:07.000Z","part":0,"clients":[{"client":"blog","spent_total":7000000000}],"runs":[{"run_id":"r1","spent":7000000000,"errors":4}],"sums":[],"pending":["2026-02-03T04:05:06.789Z late","2026-02-03T04:05:01.000Z two"]}}'
    echo '{"balance":{"ts":"2026-02-03T04:05:07.000Z","part":1,"runs":[{"run_id":"r9","spent":1}]}}'
    record late r1 0.5 complete null 200
    record late r1 0.25 complete null 200
    record two r1 0.25 complete null 200
} >"$folder/usage.jsonl"
ledger rebuild >/dev/null
check "a checkpoint replaces what precedes it; its pending records count once" "7.5 0" "$(total_of blog)"
check "a checkpoint has runs" "run r1: 7.5 USD, 4 inference errors" "$(ledger run r1)"
check "a checkpoint in two parts" "run r9: 0.000000001 USD, 0 inference errors" "$(ledger run r9)"

spoil() { # WORDS COMMAND...: damages the file with COMMAND; a rebuild restores the accounts
    words=$1
    shift
    "$@"
    ledger rebuild >/dev/null
    check "$words" "7.5 0" "$(total_of blog)"
}
spoil "a file that is no ledger" sh -c "echo something else >'$folder/state/ledger.mdb'"
spoil "a truncated file" truncate -s 5000 "$folder/state/ledger.mdb"
spoil "an empty file" truncate -s 0 "$folder/state/ledger.mdb"
lose_power() { # zeroes pages of a file that is older than the last start of the machine
    dd if=/dev/zero of="$folder/state/ledger.mdb" bs=4096 seek=2 count=8 conv=notrunc 2>/dev/null
    touch -d 2001-02-03 "$folder/state/ledger.mdb"
    rm -f "$folder/state/ledger.mdb-lock"
}
spoil "a file after a power failure" lose_power
started="timeout 60 env --ignore-signal=CHLD"
if $started true 2>/dev/null; then
    spoil "the same with SIGCHLD ignored" lose_power
else
    echo "could not run: env(1) cannot ignore signals"
fi
started="timeout 60"
check "the damaged file is kept" yes "$(ls "$folder/state" | grep -q 'ledger.mdb.broken-' && echo yes)"

with() { # REASON ENDPOINT: puts both into the record on standard input
    sed "s|\"reason\":null|\"reason\":\"$1\"|; s|/v1/chat/completions|$2|"
}
{
    record one r1 null error '"provider"' 503
    record two r1 null error '"network"' 502
    record three r2 null error '"provider"' 502
    record four r1 null complete null 200 | with x /api/reset-inference-errors
    record five r1 null error '"provider"' 500
    record six r3 null error '"provider"' 200 | with bad_response /v1/chat/completions
    record seven r3 null error '"provider"' 200 | with rate_limit /v1/chat/completions
} >"$folder/usage.jsonl"
ledger rebuild >/dev/null
check "reset errors stay reset" "run r1: 0 USD, 1 inference errors" "$(ledger run r1)"
check "those of another run stay" "run r2: 0 USD, 1 inference errors" "$(ledger run r2)"
check "an error within a stream counts by its reason" "run r3: 0 USD, 1 inference errors" "$(ledger run r3)"

# ---- breakers and cool-downs ----

ask() { # MODEL: one request by CGI; prints the status and who refused it
    body="{\"model\":\"$1\",\"messages\":[]}"
    printf %s "$body" | env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST REQUEST_URI=/v1/chat/completions \
        CONTENT_TYPE=application/json CONTENT_LENGTH=${#body} SERVER_PROTOCOL=HTTP/1.1 HOME="$folder" \
        PENSTOCK_CONFIG="$folder/penstock.conf" PENSTOCK_ACCESS_ANONYMOUS=true PENSTOCK_BREAKER_FAILURES=1 \
        PENSTOCK_BREAKER_OPEN_FOR=600 PENSTOCK_RETRY_MAX_ATTEMPTS=1 "$program" 2>/dev/null |
        sed -n 's/^Status: \([0-9]*\).*/\1/p; s/.*"source":"\([a-z]*\)".*/\1/p' | paste -sd ' '
}
forget() { PENSTOCK_BREAKER_FAILURES=1 PENSTOCK_BREAKER_OPEN_FOR=600 ledger forget "$@"; }
check "nothing to lift" "nothing to lift: no breaker is open and nothing cools down" "$(forget)"
check "nothing to lift, as JSON" '{"lifted":[]}' "$(forget --json mine)"
check "a provider that is not reached" "502 network" "$(ask mine:m)"
check "its breaker is open" "503 gateway" "$(ask mine:other)"
check "its breaker is shown" "breaker of mine: another 600 s" \
    "$(PENSTOCK_BREAKER_FAILURES=1 PENSTOCK_BREAKER_OPEN_FOR=600 ledger | sed -n 's/another [56][0-9]*/another 600/; /^breaker/p')"
check "its breaker in JSON" '"unavailable":[{"kind":"breaker","provider":"mine","model":null,"seconds_left":600}]}' \
    "$(PENSTOCK_BREAKER_FAILURES=1 PENSTOCK_BREAKER_OPEN_FOR=600 ledger --json |
        sed 's/.*"unavailable"/"unavailable"/; s/left":[56][0-9]*/left":600/')"
check "a model's own breaker is another" "nothing to lift: no breaker is open and nothing cools down" "$(forget mine:m)"
ledger rebuild >/dev/null
check "a rebuild keeps it" "503 gateway" "$(ask mine:m)"
check "it is lifted" "lifted: breaker of mine" "$(forget mine)"
check "it is asked again" "502 network" "$(ask mine:m)"
check "all are lifted" "lifted: breaker of mine" "$(forget)"
check "another provider" 1 "$(forget other >/dev/null; echo $?)"
check "too many words" 64 "$(forget mine m >/dev/null; echo $?)"

check "the accounts as JSON; what requests without a price cost is not known" \
    '"clients":[{"client":"blog","usd_today":null,"usd_this_month":null,"usd_total":null,"open":0,"requests_without_price":7}]' \
    "$(ledger --json | sed 's/.*\("clients":\[[^]]*\]\).*/\1/')"
check "a run as JSON" '{"run_id":"r1","cost_usd":0,"errors":1}' "$(ledger --json run r1)"
check "a rebuild as JSON" '"cost_usd":0,"torn_lines":0}' "$(ledger rebuild --json | sed 's/.*"cost_usd"/"cost_usd"/')"

ln -sf "$folder/elsewhere" "$folder/state/ledger.mdb"
ledger rebuild >/dev/null
check "a symbolic link is not followed" no "$([ -e "$folder/elsewhere" ] && echo yes || echo no)"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
