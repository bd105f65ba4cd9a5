#!/bin/sh
# `penstock key`: the entry admits its key, the digest is right, and no key is stored.
program=${PENSTOCK:-src/penstock}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
unset PENSTOCK_CONFIG
passed=0 failed=0

say_failed() {
    echo "FAIL: $1"
    sed 's/^/  out: /' "$folder/out"
    sed 's/^/  err: /' "$folder/err"
    failed=$((failed + 1))
}
holds() { if eval "$1"; then passed=$((passed + 1)); else say_failed "not so: $1"; fi; }
# run STATUS ARGUMENT...: keeps what it printed in $folder/out and $folder/err
run() {
    expected=$1
    shift
    HOME=$folder timeout 60 "$program" key "$@" >"$folder/out" 2>"$folder/err"
    status=$?
    holds "[ $status -eq $expected ]"
}
has() { if grep -qxE -- "$2" "$folder/$1"; then passed=$((passed + 1)); else say_failed "no line \"$2\" in $1"; fi; }
# ask KEY: the status of GET /v1/models, by CGI
ask() {
    env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET REQUEST_URI=/v1/models HTTP_AUTHORIZATION="Bearer $1" \
        PENSTOCK_CONFIG="$folder/penstock.conf" timeout 60 "$program" | sed -n 's/^Status: \([0-9]*\).*/\1/p' | tr -d '\r'
}
cat >"$folder/top" <<END
providers: { fake: { base_url = "http://127.0.0.1:1/v1"; models = [ "m" ]; }; };
log: { usage = "$folder/usage.jsonl"; errors = "$folder/error.log"; };
state_dir = "$folder";
END
cp "$folder/top" "$folder/penstock.conf"

# the first client: the printed entry is all that the file needs
run 0 new -c "$folder/penstock.conf" blog --requests-per-minute 60 --usd-per-day=0.50 --models 'm,fast*'
key=$(head -n 1 "$folder/out")
holds 'expr "$key" : "pk-[0-9A-Za-z]\{43\}\$" >/dev/null'
has out 'clients: \( \{ name = "blog"; key_sha256 = "[0-9a-f]{64}"; models = \[ "m", "fast\*" \]; requests_per_minute = 60; usd_per_day = 0\.5; \} \);'
sed 1d "$folder/out" >>"$folder/penstock.conf"
HOME=$folder "$program" check -c "$folder/penstock.conf" >"$folder/out" 2>"$folder/err" || say_failed "the entry is not understood"
has out 'client blog'
holds '[ "$(ask "$key")" = 200 ]'
holds '[ "$(ask "${key}x")" = 401 ]'
holds '! grep -rqsF "${key#pk-}" "$folder"'

has err 'warning: client blog: no price is known for m at fake, so its limit in USD does not count it; .*'

# the next client is one more entry
run 0 new -c "$folder/penstock.conf" shop
has out '# penstock\.conf, as one more entry of clients:'
has out '\{ name = "shop"; key_sha256 = "[0-9a-f]{64}"; \}'
holds '[ "$(head -n 1 "$folder/out")" != "$key" ]'
run 0 new -c "$folder/penstock.conf" blog
has err 'penstock key: warning: the settings have a client of this name; .*'
run 0 new -c "$folder/none.conf" blog
has err 'penstock key: warning: whether the name is free is not known, .*'
holds 'head -n 1 "$folder/out" | grep -q "^pk-"'

# mistakes, for which no key is printed
run 64 new
run 64 new ''
run 64 new one two
run 64 new one --color red
run 64 new one --concurrent
run 64 new one --concurrent=-1
run 64 new one --usd-per-day much
run 64 new one --expires tomorrow
has err 'penstock key: --expires must be a date .*'
run 64 new one --name two
run 64 new "$(printf 'a\tb')"
holds '[ ! -s "$folder/out" ]'
run 64
run 64 old

# the digest of an existing key
printf '%s\r\n' hello | HOME=$folder "$program" key digest >"$folder/out" 2>"$folder/err"
has out 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
for text in '' '\n' 'two words\n'; do
    # shellcheck disable=SC2059
    printf "$text" | HOME=$folder "$program" key digest >"$folder/out" 2>"$folder/err"
    holds "[ $? -eq 1 ]"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
