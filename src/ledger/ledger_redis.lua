-- The accounts of clients and runs in Redis. Nothing runs beside a script there, so each call is one transaction.
--
-- Judging and settling are claim.c's, line by line: same checks, same order, same windows; tests/ledger plays
-- both against each other. Differences: the time is the server's, so that all hosts agree on it; exchanges that
-- are open are known by their ids, so that each is settled once however often it is said, and gives back what it
-- holds after LEASE_MS if its host is gone for ever. Money is in billionths of a USD in Lua's doubles: exact up
-- to 2^53, which is 9 million USD.
--
-- KEYS: settled mark, client, its minute, its open exchanges, run, its open exchanges.
-- ARGV: verb, now in ms ('': the server's), id, client named ('1'), run named ('1'), and the verb's own.

local LEASE_MS = 3600000 -- also as long as a settled exchange is known by its id
local MINUTE_KEPT_S = 3600
local WINDOW = 61
local DAY_MS = 86400000
local SOON_MS = 1000
local NEVER_MS = 86400000
local TOKENS_MAX = 4294967295
local SUM_MAX = 2 ^ 61
local VERDICT = {granted = 0, run_cost = 1, run_errors = 2, run_busy = 3, requests = 4, tokens = 5,
                 concurrent = 6, day = 7, month = 8, total = 9, down = 10}
local CLIENT = {'reserved', 'day', 'month', 'spent_day', 'spent_month', 'spent_total', 'lease'}
local RUN = {'reserved', 'spent', 'errors', 'requests', 'error_ms', 'used_ms', 'lease'}

local SETTLED, CLIENT_KEY, MINUTE_KEY, CLIENT_OPEN, RUN_KEY, RUN_OPEN = unpack(KEYS)
local verb, now_said, id, has_client, has_run = unpack(ARGV)
has_client, has_run = has_client == '1', has_run == '1'
local floor, max, min = math.floor, math.max, math.min

local function add(sum, more)
    return min(sum + max(more, 0), SUM_MAX)
end

local function number(at)
    return tonumber(ARGV[at])
end

local function read_clock()
    if now_said ~= '' then
        return tonumber(now_said)
    end
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + floor(tonumber(time[2]) / 1000)
end

-- Accounts -----------------------------------------------------------------------------------------------

local function load(key, names)
    local account, values = {stored = {}}, redis.call('HMGET', key, unpack(names))
    for i, name in ipairs(names) do
        account[name] = tonumber(values[i]) or 0
        account.stored[name] = account[name]
    end
    return account
end

local function store(key, account, names)
    local flat = {}
    for _, name in ipairs(names) do
        if account[name] ~= account.stored[name] then
            flat[#flat + 1] = name
            flat[#flat + 1] = account[name]
        end
    end
    if #flat > 0 then
        redis.call('HSET', key, unpack(flat))
    end
end

-- The minute: what began in each of its seconds, in slots as in claim.c. Packed, for it is read each time.
local function slot_of(second)
    return second % WINDOW + 1
end

local function load_minute()
    local packed = redis.call('GET', MINUTE_KEY)
    if packed then
        return cmsgpack.unpack(packed)
    end
    local minute = {newest = 0, requests = {}, tokens = {}}
    for slot = 1, WINDOW do
        minute.requests[slot], minute.tokens[slot] = 0, 0
    end
    return minute
end

local function store_minute(minute)
    redis.call('SET', MINUTE_KEY, cmsgpack.pack(minute), 'EX', MINUTE_KEPT_S)
end

-- A clock that was set back by more than the window starts anew; by less, the newest second goes on.
local function turn_minute(minute, second)
    local passed = second - minute.newest
    if passed <= 0 and passed > -WINDOW then
        return
    end
    if passed < 0 or passed > WINDOW then
        passed = WINDOW
    end
    for i = 0, passed - 1 do
        local slot = slot_of(second - i)
        minute.requests[slot], minute.tokens[slot] = 0, 0
    end
    minute.newest = second
end

local function sum_of(slots)
    local sum = 0
    for slot = 1, WINDOW do
        sum = sum + slots[slot]
    end
    return sum
end

local function wait_for_room(minute, slots, sum, most, now)
    local oldest = minute.newest - WINDOW + 1
    while sum > most and oldest <= minute.newest do
        sum = sum - slots[slot_of(oldest)]
        oldest = oldest + 1
    end
    return max((oldest - 1 + WINDOW) * 1000 - now, 0)
end

-- The calendar: there is none in Redis. Years begin in March, so that the day that comes and goes is the last.
local MARCH_0000 = 719468 -- days from there to 1970
local MONTHS_1900 = 22800

-- Months since January 1900 of a day since 1970.
local function month_of(day)
    local days = day + MARCH_0000
    local era = floor(days / 146097)
    local rest = days - era * 146097
    local year = floor((rest - floor(rest / 1460) + floor(rest / 36524) - floor(rest / 146096)) / 365)
    local of_year = rest - (365 * year + floor(year / 4) - floor(year / 100))
    return (era * 400 + year) * 12 + floor((5 * of_year + 2) / 153) + 2 - MONTHS_1900
end

local function first_day_of(month)
    local from_march = month + MONTHS_1900 - 2
    local year = floor(from_march / 12)
    local days = floor((153 * (from_march - year * 12) + 2) / 5)
    return year * 365 + floor(year / 4) - floor(year / 100) + floor(year / 400) + days - MARCH_0000
end

-- A clock that is a little behind does not bring yesterday back; one that is far behind does, but the sums stay.
local function turn_day(client, day)
    if day == client.day or day == client.day - 1 then
        return
    end
    local month = month_of(day)
    if day > client.day then
        client.spent_day = 0
        client.spent_month = month == client.month and client.spent_month or 0
    end
    client.day, client.month = day, month
end

-- Open exchanges: id = 'lease money tokens' ----------------------------------------------------------------

local function read_open(text)
    local lease, money, tokens = text:match('^(%d+) (%d+) (%d+)$')
    return tonumber(lease), tonumber(money), tonumber(tokens)
end

local function put_open(key, account, lease, money, tokens)
    redis.call('HSET', key, id, string.format('%.0f %.0f %.0f', lease, money, tokens))
    if account.lease == 0 then
        account.lease = lease
    end
end

-- What the exchange holds, which it then holds no more; nil: it is not open.
local function take_out(key, account)
    local text = redis.call('HGET', key, id)
    if not text then
        return nil
    end
    local lease, money, tokens = read_open(text)
    redis.call('HDEL', key, id)
    account.reserved = max(account.reserved - money, 0)
    return lease - LEASE_MS, tokens
end

-- Ends what has been open for too long. `account.lease` is no later than the first end, so it is seldom looked.
local function lapse(key, account, now)
    if account.lease == 0 or now < account.lease then
        return
    end
    local flat, first = redis.call('HGETALL', key), 0
    for i = 1, #flat, 2 do
        local lease, money = read_open(flat[i + 1])
        if lease <= now then
            redis.call('HDEL', key, flat[i])
            account.reserved = max(account.reserved - money, 0)
        elseif first == 0 or lease < first then
            first = lease
        end
    end
    account.lease = first
end

-- Judging --------------------------------------------------------------------------------------------------

local standing = {verdict = VERDICT.granted, count = 0, limit = 0, retry_after_ms = -1,
                  requests_left = -1, requests_reset_ms = 0, tokens_left = -1, tokens_reset_ms = 0}

local function refuse(verdict, count, limit, retry_after_ms)
    standing.verdict, standing.count = verdict, count
    standing.limit, standing.retry_after_ms = limit, retry_after_ms
    return false
end

-- Of several limits that are reached the one that holds longest is told.
local function refuse_longer(verdict, count, limit, retry_after_ms)
    if standing.verdict == VERDICT.granted or retry_after_ms > standing.retry_after_ms then
        refuse(verdict, count, limit, retry_after_ms)
    end
end

local function left_of(limit, spent, reserved)
    return limit ~= 0 and limit - spent - reserved or math.huge
end

local function errors_of(run, window_ms, now)
    local age_ms = now - run.error_ms
    local forgotten = window_ms ~= 0 and (age_ms >= window_ms or age_ms <= -window_ms)
    return forgotten and 0 or run.errors
end

local function judge_run(run, claim, now)
    local errors = errors_of(run, claim.error_window_ms, now)
    if left_of(claim.max_cost, run.spent, 0) <= 0 then
        return refuse(VERDICT.run_cost, run.spent, claim.max_cost, -1)
    end
    if claim.max_errors ~= 0 and errors >= claim.max_errors then
        local window = claim.error_window_ms
        return refuse(VERDICT.run_errors, errors, claim.max_errors,
                      window ~= 0 and run.error_ms + window - now or -1)
    end
    if left_of(claim.max_cost, run.spent, run.reserved) <= 0 then
        return refuse(VERDICT.run_busy, run.spent + run.reserved, claim.max_cost, SOON_MS)
    end
    return true
end

local function judge_rate(minute, claim, now)
    local most = claim.requests_per_minute
    local requests = most ~= 0 and sum_of(minute.requests)
    if requests and requests >= most then
        refuse_longer(VERDICT.requests, requests, most,
                      wait_for_room(minute, minute.requests, requests, most - 1, now))
    end
    local room = max(claim.tokens_per_minute - max(claim.prompt_tokens, 1), 0)
    local tokens = claim.tokens_per_minute ~= 0 and sum_of(minute.tokens)
    if tokens and tokens > room then
        refuse_longer(VERDICT.tokens, tokens, claim.tokens_per_minute,
                      wait_for_room(minute, minute.tokens, tokens, room, now))
    end
    local open = redis.call('HLEN', CLIENT_OPEN)
    if claim.concurrent ~= 0 and open >= claim.concurrent then
        refuse_longer(VERDICT.concurrent, open, claim.concurrent, SOON_MS)
    end
end

-- What is only set aside may come back soon; what is spent comes with the next day or month, or never.
local function judge_purse(verdict, limit, spent, refill_ms, client, claim, now)
    local left = left_of(limit, spent, client.reserved)
    if left > 0 and left >= claim.cost_min then
        return
    end
    local unspent = left + client.reserved
    if unspent > 0 and unspent >= claim.cost_min then
        refuse_longer(verdict, spent, limit, SOON_MS)
    elseif verdict == VERDICT.total then
        refuse(verdict, spent, limit, NEVER_MS)
    else
        refuse_longer(verdict, spent, limit, refill_ms - now)
    end
end

local function judge_client(client, minute, claim, now)
    local next_month = first_day_of(month_of(client.day) + 1)
    judge_rate(minute, claim, now)
    judge_purse(VERDICT.day, claim.usd_per_day, client.spent_day, (client.day + 1) * DAY_MS, client, claim, now)
    judge_purse(VERDICT.month, claim.usd_per_month, client.spent_month, next_month * DAY_MS, client, claim, now)
    judge_purse(VERDICT.total, claim.usd_total, client.spent_total, 0, client, claim, now)
    return standing.verdict == VERDICT.granted
end

local function set_aside(client, run, claim)
    local cost = max(claim.cost, 0)
    if run then
        cost = max(min(cost, left_of(claim.max_cost, run.spent, run.reserved)), claim.cost_min, 0)
    end
    if client then
        cost = min(cost, left_of(claim.usd_per_day, client.spent_day, client.reserved),
                   left_of(claim.usd_per_month, client.spent_month, client.reserved),
                   left_of(claim.usd_total, client.spent_total, client.reserved))
    end
    return cost
end

-- Entering and settling ------------------------------------------------------------------------------------

local function put_tokens(minute, second, tokens)
    local slot = slot_of(second)
    minute.tokens[slot] = min(max(minute.tokens[slot] + tokens, 0), TOKENS_MAX)
end

local function rest_of(minute, slots, limit, now)
    local sum = sum_of(slots)
    return max(limit - sum, 0), wait_for_room(minute, slots, sum, 0, now)
end

local function tell_rest(minute, claim, now)
    if claim.requests_per_minute ~= 0 then
        standing.requests_left, standing.requests_reset_ms =
            rest_of(minute, minute.requests, claim.requests_per_minute, now)
    end
    if claim.tokens_per_minute ~= 0 then
        standing.tokens_left, standing.tokens_reset_ms =
            rest_of(minute, minute.tokens, claim.tokens_per_minute, now)
    end
end

-- The client whose turn it is, with its minute, and the run; nil: none is named.
local function open_accounts(now)
    local client, minute, run
    if has_client then
        client, minute = load(CLIENT_KEY, CLIENT), load_minute()
        turn_minute(minute, floor(now / 1000))
        turn_day(client, floor(now / DAY_MS))
    end
    if has_run then
        run = load(RUN_KEY, RUN)
    end
    return client, minute, run
end

local function close_accounts(client, minute, run)
    if client then
        store(CLIENT_KEY, client, CLIENT)
        store_minute(minute)
    end
    if run then
        store(RUN_KEY, run, RUN)
    end
end

local function enter(client, minute, run, claim, now)
    local reserved = set_aside(client, run, claim)
    if run then
        run.reserved = add(run.reserved, reserved)
        run.requests = run.requests + 1
        run.used_ms = now
        put_open(RUN_OPEN, run, now + LEASE_MS, reserved, 0)
    end
    if client then
        client.reserved = add(client.reserved, reserved)
        put_open(CLIENT_OPEN, client, now + LEASE_MS, reserved, max(claim.prompt_tokens, 0))
        local slot = slot_of(minute.newest)
        minute.requests[slot] = minute.requests[slot] + 1
        put_tokens(minute, minute.newest, max(claim.prompt_tokens, 0))
    end
    return reserved
end

-- An answer may have been lost on its way: what is open already has been granted already.
local function granted_before()
    local text = has_client and redis.call('HGET', CLIENT_OPEN, id) or has_run and redis.call('HGET', RUN_OPEN, id)
    if not text then
        return nil
    end
    local _, money = read_open(text)
    return money
end

-- The claim of a process that died, or waited no longer, may be read after somebody else has settled it.
local function claim_enter(now)
    local claim = {
        prompt_tokens = number(6), cost = number(7), cost_min = number(8),
        requests_per_minute = number(9), tokens_per_minute = number(10), concurrent = number(11),
        usd_per_day = number(12), usd_per_month = number(13), usd_total = number(14),
        max_errors = number(15), max_cost = number(16), error_window_ms = number(17),
    }
    if redis.call('EXISTS', SETTLED) == 1 then
        return {VERDICT.down, 0, 0, SOON_MS, -1, 0, -1, 0, 0}
    end
    local client, minute, run = open_accounts(now)
    local reserved = granted_before()
    if not reserved then
        if client then
            lapse(CLIENT_OPEN, client, now)
        end
        if run then
            lapse(RUN_OPEN, run, now)
        end
        local granted = (not run or judge_run(run, claim, now)) and
                        (not client or judge_client(client, minute, claim, now))
        reserved = granted and enter(client, minute, run, claim, now) or 0
    end
    if client then
        tell_rest(minute, claim, now)
    end
    close_accounts(client, minute, run)
    return {standing.verdict, standing.count, standing.limit, standing.retry_after_ms, standing.requests_left,
            standing.requests_reset_ms, standing.tokens_left, standing.tokens_reset_ms, reserved}
end

-- What was used beyond the claim counts from now on; what was claimed in excess goes out where it was put in.
local function settle_tokens(minute, claimed_ms, claimed, tokens)
    local claimed_s, more = floor(claimed_ms / 1000), tokens - claimed
    local held = claimed_s <= minute.newest and claimed_s > minute.newest - WINDOW
    if tokens >= 0 and (more > 0 or held) then
        put_tokens(minute, more > 0 and minute.newest or claimed_s, more)
    end
end

-- What was never set aside, or so long ago that it has lapsed, is of no minute any more.
local function settle_client(client, minute, cost, tokens)
    local claimed_ms, claimed = take_out(CLIENT_OPEN, client)
    client.spent_day = add(client.spent_day, cost)
    client.spent_month = add(client.spent_month, cost)
    client.spent_total = add(client.spent_total, cost)
    if claimed_ms then
        settle_tokens(minute, claimed_ms, claimed, tokens)
    end
end

local function claim_settle(now)
    local cost, tokens, is_error, error_window_ms = number(6), number(7), ARGV[8] == '1', number(9)
    if not redis.call('SET', SETTLED, 1, 'NX', 'PX', LEASE_MS) then
        return 0
    end
    local client, minute, run = open_accounts(now)
    if client then
        settle_client(client, minute, cost, tokens)
    end
    if run then
        take_out(RUN_OPEN, run)
        run.spent = add(run.spent, cost)
        run.used_ms = now
        if is_error then
            run.errors = errors_of(run, error_window_ms, now) + 1
            run.error_ms = now
        end
    end
    close_accounts(client, minute, run)
    return 1
end

-- Looking --------------------------------------------------------------------------------------------------

local function read_client()
    local client, minute = load(CLIENT_KEY, CLIENT), load_minute()
    local answer = {redis.call('HLEN', CLIENT_OPEN), client.reserved, client.day, client.month, client.spent_day,
                    client.spent_month, client.spent_total, minute.newest}
    for second = max(minute.newest - WINDOW + 1, 0), minute.newest do
        answer[#answer + 1] = second
        answer[#answer + 1] = minute.requests[slot_of(second)]
        answer[#answer + 1] = minute.tokens[slot_of(second)]
    end
    return answer
end

local function read_run()
    local run = load(RUN_KEY, RUN)
    return {run.reserved, run.spent, run.errors, run.requests, run.error_ms, run.used_ms}
end

local function forgive_run()
    if redis.call('EXISTS', RUN_KEY) == 1 then
        redis.call('HSET', RUN_KEY, 'errors', 0)
    end
    return 1
end

if verb == 'claim' then
    return claim_enter(read_clock())
elseif verb == 'settle' then
    return claim_settle(read_clock())
elseif verb == 'client' then
    return read_client()
elseif verb == 'run' then
    return read_run()
elseif verb == 'forgive' then
    return forgive_run()
end
return 1 -- 'ready'
