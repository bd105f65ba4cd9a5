#!/bin/sh
# `penstock check`: exit status, standard output and standard error, and that no key is printed.
program=${PENSTOCK:-src/penstock}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
unset PENSTOCK_CONFIG NVIDIA_API_KEY OPENAI_API_KEY GROQ_API_KEY
passed=0 failed=0

# check STATUS ARGUMENT...: runs it, keeps what it printed in $folder/out and $folder/err
check() {
    expected=$1
    shift
    HOME=$folder "$program" check "$@" >"$folder/out" 2>"$folder/err"
    status=$?
    if [ "$status" -ne "$expected" ]; then
        say_failed "exit status $status, expected $expected: check $*"
    elif grep -q sk-secret "$folder/out" "$folder/err"; then
        say_failed "a key was printed: check $*"
    else
        passed=$((passed + 1))
    fi
}
say_failed() {
    echo "FAIL: $1"
    sed 's/^/  out: /' "$folder/out"
    sed 's/^/  err: /' "$folder/err"
    failed=$((failed + 1))
}
# has FILE TEXT: the text is a line of the file; lacks FILE TEXT: it is in no line
has() { if grep -qxF -- "$2" "$folder/$1"; then passed=$((passed + 1)); else say_failed "no line \"$2\" in $1"; fi; }
lacks() { if grep -qF -- "$2" "$folder/$1"; then say_failed "\"$2\" in $1"; else passed=$((passed + 1)); fi; }

umask 077
cat >"$folder/good.conf" <<END
providers: {
    nim: { preset = "nvidia"; base_url = "http://127.0.0.1:8000/v1/"; api_key = "Bearer sk-secret-1"; };
    groq: { api_key_file = "$folder/key"; };
};
default_provider = "nim";
clients: ( { name = "blog"; key_sha256 = "$(printf %s sk-secret-3 | sha256sum | cut -d ' ' -f 1)"; } );
log: { usage = "$folder/usage.jsonl"; errors = ""; };
END
echo sk-secret-2 >"$folder/key"

check 0 -c "$folder/good.conf"
has out "configuration OK"
has out "file: $folder/good.conf"
has out "provider nim: http://127.0.0.1:8000/v1, key from api_key"
has out "provider groq: https://api.groq.com/openai/v1, key from api_key_file"
has out "default provider: nim"
has out "client blog"
has out "error log: standard error"
lacks err "providers."

# many requests a worker need as many files; a limit cannot be raised above the hard one
check 0 -c "$folder/good.conf" --set pool.concurrency=256
lacks err "pool.concurrency"
(ulimit -n 500 && HOME=$folder "$program" check -c "$folder/good.conf" --set pool.concurrency=256) \
    >"$folder/out" 2>"$folder/err"
has err "warning: pool.concurrency: a worker needs up to 832 open files, but the limit is 500: raise LimitNOFILE of the unit, or ulimit -n"
if [ -r /proc/sys/net/core/somaxconn ] && [ "$(cat /proc/sys/net/core/somaxconn)" -lt 65535 ]; then
    check 0 -c "$folder/good.conf" --set socket.backlog=65535
    has err "warning: socket.backlog: the kernel caps 65535 at $(cat /proc/sys/net/core/somaxconn): raise net.core.somaxconn (sysctl)"
fi

# a dump can be read again and gives the same dump, apart from the keys
check 0 -c "$folder/good.conf" --set pool.max_workers=7 --dump
has out "    max_workers = 7; # command line"
has out "        api_key_file = \"$folder/key\"; # $folder/good.conf:3"
sed 's/ *# .*//' "$folder/out" | grep -v '^ *$' >"$folder/first"
cp "$folder/out" "$folder/dump.conf"
check 0 -c "$folder/dump.conf" --dump
sed 's/ *# .*//' "$folder/out" | grep -v '^ *$' >"$folder/second"
if cmp -s "$folder/first" "$folder/second"; then passed=$((passed + 1)); else say_failed "a dump of a dump differs"; fi

# the defaults are a valid file
check 0 --defaults
cp "$folder/out" "$folder/defaults.conf"
check 0 -c "$folder/defaults.conf"
has out "configuration OK"

# each error with its line, on standard error, and nothing on standard output
printf 'pool: { min_spar = 3; };\nlisten = 5;\nproviders: { x: { api_key = "sk-secret 4"; }; };\n' >"$folder/bad.conf"
check 1 -c "$folder/bad.conf"
has err "$folder/bad.conf:1: pool.min_spar: unknown setting; did you mean pool.min_spare?"
has err "$folder/bad.conf:2: listen: must be a string, not 5"
has err "$folder/bad.conf:3: providers.x.api_key: the key contains white space"
has err "    pool: { min_spar = 3; };"
has err "    providers: { x: { api_key = \"...\"; }; };"
lacks out "OK"
chmod o+r "$folder/key"
check 1 -c "$folder/good.conf"
has err "$folder/good.conf:3: providers.groq.api_key_file: other users can access this file (mode 0604); run chmod o= on it"
chmod o= "$folder/key"

# the old name of a setting
echo 'limits: { max_answer = "1M"; };' >"$folder/old.conf"
check 0 -c "$folder/old.conf" --dump
has err "warning: $folder/old.conf:1: limits.max_answer is deprecated; the setting is now called limits.response"
has out "    response = \"1M\"; # $folder/old.conf:1"

# warnings change no exit status
PENSTOCK_LISTNE=x check 0 -c "$folder/good.conf" --set providers.nim.api_key=sk-secret-5
has err "warning: the environment variable PENSTOCK_LISTNE is not a setting"
has err "warning: providers.nim.api_key: all users of this machine can read a command line"

printf 'nim one 1 2\nnim two 1\n' >"$folder/prices"
check 0 -c "$folder/good.conf" --set prices="$folder/prices"
has err "warning: $folder/prices:2: expected a provider, a model, an input price and an output price"
lacks err "prices:1"
check 0 -c "$folder/good.conf" --set prices="$folder/none"
has err "warning: prices: cannot read $folder/none: No such file or directory"

# an alias of a provider that is not there
echo 'providers: { fake: { base_url = "http://127.0.0.1:1/v1"; }; };
aliases: ( { name = "fast"; targets = [ "fake:a", "groq:b", "c" ]; } );' >"$folder/alias.conf"
check 0 -c "$folder/alias.conf"
has err "warning: alias fast: provider groq is not configured, so \"groq:b\" is a model of fake"

cat >"$folder/retries.conf" <<END
providers: { p: { base_url = "http://127.0.0.1:8000/v1"; }; };
aliases: ( { name = "two"; targets = [ "p:a", "p:b" ]; }, { name = "three"; targets = [ "p:a", "p:b", "p:c" ]; } );
END
check 0 -c "$folder/retries.conf"
lacks err "retry."
check 0 -c "$folder/retries.conf" --set retry.max_attempts=2
has err "warning: alias three: 3 targets, but retry.max_attempts = 2: a request tries each target once"
lacks err "alias two"
check 0 -c "$folder/retries.conf" --set retry.same_target=3
has err "warning: alias two: retry.same_target = 3 leaves no attempt for 2 targets: with retry.max_attempts = 4 a target is retried 2 times at most"
has err "warning: alias three: retry.same_target = 3 leaves no attempt for 3 targets: with retry.max_attempts = 4 a target is retried 1 times at most"
check 0 -c "$folder/retries.conf" --set retry.same_target=4
has err "warning: retry.same_target = 4, but retry.max_attempts = 4: a target is retried 3 times at most"
check 0 -c "$folder/retries.conf" --set retry.budget=5
has err "warning: retry.max_wait is longer than retry.budget: no request waits as long"
lacks err "fake:a"

# limits in money that cannot hold
echo 'providers: { fake: { base_url = "http://127.0.0.1:1/v1"; models = [ "dear", "free" ]; }; nim: { base_url = "http://127.0.0.1:1/v1"; }; };
default_provider = "fake";
aliases: ( { name = "fast"; targets = [ "fake:free", "nim:free" ]; } );
clients: ( { name = "all"; remote_user = "a"; usd_per_day = 0.05; },
           { name = "some"; remote_user = "b"; usd_total = 5; models = [ "fast" ]; },
           { name = "none"; remote_user = "c"; } );' >"$folder/money.conf"
echo 'fake dear 2 1' >"$folder/prices"
check 0 -c "$folder/money.conf" --set prices="$folder/prices"
has err "warning: client all: a picture or file by URL or ID is reckoned at 0.1 USD for fake:dear, more than its limit of 0.05 USD; see limits.tokens_per_attachment"
has err "warning: client all: no price is known for free at fake, so its limit in USD does not count it; see prices and unpriced"
has err "warning: client all: no price is known for any model of provider nim, so its limit in USD does not count them; see prices and unpriced"
has err "warning: client some: no price is known for free at nim, so its limit in USD does not count it; see prices and unpriced"
lacks err "client some: a picture"
lacks err "client none: no price"

# clients that no login matches, or any login
echo 'providers: { fake: { base_url = "http://127.0.0.1:1/v1"; }; };
clients: ( { name = "staff"; remote_user = "*"; }, { name = "past"; certificate = "CN=x"; expires = "2020-02-29"; } );' \
    >"$folder/login.conf"
check 0 -c "$folder/login.conf" --set socket.mode=0666
has err "warning: client staff: with this socket.mode, any user of this machine can pass as its login"
has err "warning: client past: expired on 2020-02-29 and is refused"
check 0 -c "$folder/login.conf" --set listen=127.0.0.1:9000
has err "warning: client staff: over TCP, logins are accepted from access.trusted_peers only"
# Redis may be up later; a program built without Redis can never use it.
if "$program" check --set "ledger=redis://$folder/none" 2>&1 | grep -q 'is built without Redis'; then
    check 1 -c "$folder/good.conf" --set "ledger=redis://$folder/none"
else
    check 0 -c "$folder/good.conf" --set "ledger=redis://$folder/none"
    has err "warning: ledger: No such file or directory"
fi
check 1 -c "$folder/good.conf" --set "ledger=redis://:sk-secret-4@127.0.0.1"
check 0 -c "$folder/login.conf" --set listen=127.0.0.1:9000 --set access.trusted_peers=127.0.0.1
lacks err "client staff"
check 0 -c "$folder/login.conf"
lacks err "client staff"

# paths without a route
echo 'providers: { fake: { base_url = "http://127.0.0.1:1/v1"; }; };
clients: ( { name = "free"; remote_user = "*"; passthrough = true; models = [ "a" ]; },
           { name = "poor"; certificate = "CN=x"; passthrough = true; usd_total = 1.0; } );' >"$folder/pass.conf"
check 0 -c "$folder/pass.conf"
has err "warning: client free: passthrough = true, but the setting passthrough names no provider"
check 0 -c "$folder/pass.conf" --set passthrough=fake
has err "warning: client free: with passthrough = true it can read and delete the files, batches and stored responses \
of all clients of fake, and use models that its list does not allow"
has err "warning: client poor: passthrough = true has no effect, because the client has a limit in USD or tokens"
check 0 -c "$folder/login.conf" --set passthrough=fake
has err "warning: passthrough: no client has passthrough = true"
check 1 -c "$folder/pass.conf" --set passthrough=other
has err "command line: passthrough: must be the name of a configured provider"

check 64 --dmp
check 64 --dump --defaults
check 64 -c
check 64 --set pool.min_spare
check 1 -c "$folder/missing.conf"
has err "$folder/missing.conf: the file: No such file or directory"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
