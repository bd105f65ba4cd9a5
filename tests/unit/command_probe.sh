#!/bin/sh
# `penstock models` and `penstock probe` against a scripted provider: findings, messages, exit status.
program=${PENSTOCK:-src/penstock}
provider=${PROVIDER:-tests/upstream/provider}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"; kill "$server" 2>/dev/null' EXIT
unset PENSTOCK_CONFIG NVIDIA_API_KEY OPENAI_API_KEY GROQ_API_KEY
passed=0 failed=0

"$provider" --port-file "$folder/port" --key sk-secret-right >"$folder/server" &
server=$!
for _ in $(seq 100); do [ -s "$folder/port" ] && break; sleep 0.05; done
port=$(cat "$folder/port") || exit 1
away=1 # tcpmux: no server listens there on 127.0.0.1

umask 077
cat >"$folder/penstock.conf" <<END
providers: {
    fake: { base_url = "http://127.0.0.1:$port/v1"; api_key = "sk-secret-right"; models = [ "fake-chat" ]; };
    nim: { preset = "nvidia"; base_url = "http://127.0.0.1:$port/v1"; api_key = "sk-secret-wrong"; models = [ "m" ]; };
    away: { base_url = "http://127.0.0.1:$away/v1"; };
    openai: { };
};
aliases: ( { name = "fast"; targets = [ "fake:bench", "nim:m" ]; } );
default_provider = "fake";
state_dir = "$folder";
END

# run STATUS COMMAND ARGUMENT...: keeps what it printed in $folder/out and $folder/err
run() {
    expected=$1
    command=$2
    shift 2
    HOME=$folder timeout 60 "$program" "$command" -c "$folder/penstock.conf" "$@" >"$folder/out" 2>"$folder/err"
    status=$?
    if [ "$status" -ne "$expected" ]; then
        say_failed "exit status $status, expected $expected: $command $*"
    elif grep -q sk-secret "$folder/out" "$folder/err"; then
        say_failed "a key was printed: $command $*"
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
# has FILE REGEX: the expression matches a full line of the file
has() { if grep -qxE -- "$2" "$folder/$1"; then passed=$((passed + 1)); else say_failed "no line \"$2\" in $1"; fi; }

run 0 models
has out "fake, http://127.0.0.1:$port/v1"
has out "    fake-chat"
has out "nim, http://127.0.0.1:$port/v1: not usable: .*API key.*"
has out "    nim:m"
has out "away, http://127.0.0.1:$away/v1: not usable: cannot connect .*"
has out "openai, https://api.openai.com/v1: not usable: no key: set OPENAI_API_KEY, or api_key_file"
has out "fast, an alias of fake:bench, nim:m"

run 0 models --json
has out '\{"providers":\[\{"name":"fake",.*"usable":true,"reason":null,.*"models":\["fake-chat",.*'
has out '.*"name":"openai",.*"usable":false,"reason":"no_key",.*'
has out '.*"aliases":\[\{"name":"fast","targets":\["fake:bench","nim:m"\]\}\]\}'
run 64 models --jsn

# buffered and streamed, with the first model of the settings
run 0 probe
has out "key       from api_key"
has out "timeouts  connect 10 s, first byte 120 s, .*"
has out "chat      POST http://127.0.0.1:$port/v1/chat/completions, model fake-chat"
has out "stream    POST http://127.0.0.1:$port/v1/chat/completions, model fake-chat"
has out '          ok: 200, [1-9][0-9]* frames, "[^"]+"'
has out "          usage [1-9][0-9]* \+ [1-9][0-9]* tokens"
run 0 probe fast
has out "stream    POST .*, model bench"

# a stream that only looks complete fails
run 1 probe fake:cut-clean
has out "          FAILED: 200, upstream_cut: the provider ended the stream .*"
run 1 probe fake:nothing-like-it
has out "          FAILED: 404, model_not_found: .*"

# the hidden key, which is hard to find otherwise
NVIDIA_API_KEY=sk-secret-right run 1 probe nim
has out "          FAILED: 401, authentication: .*"
has out "          the key in the file hides NVIDIA_API_KEY: .*"
run 1 probe nim
has out "          the key comes from providers.nim.api_key"
run 1 probe away
has out "          FAILED: connect_failed: .*"
run 1 probe openai:gpt-4o
has out "          FAILED: authentication: the provider openai has no key: .*"
run 1 probe --set default_provider= unknown
has err "penstock probe: no provider for the model \"unknown\"; .*"
run 64 probe one two

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
