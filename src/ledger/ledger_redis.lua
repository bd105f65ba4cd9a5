-- The accounts of clients and runs in Redis. Redis runs nothing beside a script, so each call is one transaction.
--
-- Judging and settling follow quota.c line by line: the same checks, the same order, the same windows; the unit
-- test of ledger_redis.c compares the two. Differences: the time is the server's, so that all hosts agree on it;
-- open exchanges are known by their ids, so that each is settled once, however often it is sent, and releases its
-- reservation after LEASE_MS if its host never comes back. Money is in billionths of a USD in Lua's doubles: exact
-- up to 2^53, which is 9 million USD.
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
                 concurrent = 6, day = 7, month = 8, total = 9, day_requests = 10, unknown = 11}
local CLIENT = {'reserved', 'day', 'month', 'spent_day', 'spent_month', 'spent_total', 'lease', 'requests_day',
                'answer_tokens'}
local PAST_DAYS, PAST_MONTHS = 7, 3
local ADDRESS_KEPT_S = 172800
local RUN = {'reserved', 'spent', 'errors', 'requests', 'error_ms', 'used_ms', 'lease'}

local SETTLED, CLIENT_KEY, MINUTE_KEY, CLIENT_OPEN, RUN_KEY, RUN_OPEN = unpack(KEYS)
local verb, given_now, id, has_client, has_run = unpack(ARGV)
has_client, has_run = has_client == '1', has_run == '1'
local round_down, max, min = math.floor, math.max, math.min

local function add(sum, more)
    return min(sum + max(more, 0), SUM_MAX)
end

local function number(at)
    return tonumber(ARGV[at])
end

local function read_clock()
    if given_now ~= '' then
        return tonumber(given_now)
    end
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + round_down(tonumber(time[2]) / 1000)
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

-- The minute: what began in each of its seconds, in slots as in quota.c. Packed, because each call reads it.
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

local function set_minute_back(minute, second)
    local requests, tokens = {}, {}
    for age = 0, WINDOW - 1 do
        requests[slot_of(second - age)] = minute.requests[slot_of(minute.newest - age)]
        tokens[slot_of(second - age)] = minute.tokens[slot_of(minute.newest - age)]
    end
    minute.requests, minute.tokens, minute.newest = requests, tokens, second
end

-- If the clock was set back by more than the window, the window goes back with it; by less, its newest second goes on.
local function turn_minute(minute, second)
    local passed = second - minute.newest
    if passed <= 0 and passed > -WINDOW then
        return
    end
    if passed < 0 then
        return set_minute_back(minute, second)
    end
    if passed > WINDOW then
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

local function wait_for_room(minute, slots, sum, max_sum, now)
    local oldest = minute.newest - WINDOW + 1
    while sum > max_sum and oldest <= minute.newest do
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
    local era = round_down(days / 146097)
    local rest = days - era * 146097
    local leap_days = round_down(rest / 1460) - round_down(rest / 36524) + round_down(rest / 146096)
    local year = round_down((rest - leap_days) / 365)
    local of_year = rest - (365 * year + round_down(year / 4) - round_down(year / 100))
    return (era * 400 + year) * 12 + round_down((5 * of_year + 2) / 153) + 2 - MONTHS_1900
end

local function first_day_of(month)
    local from_march = month + MONTHS_1900 - 2
    local year = round_down(from_march / 12)
    local days = round_down((153 * (from_march - year * 12) + 2) / 5)
    return year * 365 + round_down(year / 4) - round_down(year / 100) + round_down(year / 400) + days - MARCH_0000
end

-- The days and months that the client has left, packed in two members that are read when it enters another.
local function load_past(name)
    local packed = redis.call('HGET', CLIENT_KEY, name)
    return packed and cmsgpack.unpack(packed) or {}
end

local function store_past(name, past)
    redis.call('HSET', CLIENT_KEY, name, cmsgpack.pack(past))
end

-- In place of the earliest one, if there are as many as there may be.
local function remember(past, count, left)
    if left.spent == 0 and left.requests == 0 or left.key <= 0 then
        return
    end
    if #past < count then
        past[#past + 1] = left
        return
    end
    local earliest = 1
    for i = 2, #past do
        if past[i].key < past[earliest].key then
            earliest = i
        end
    end
    if left.key > past[earliest].key then
        past[earliest] = left
    end
end

-- A new and later period is empty. For any other the clock was set, or two clocks disagree: the larger sum of the period
-- and of the one that is left counts.
local function recall(past, key, left)
    local known, is_new = {key = key, spent = 0, requests = 0}, key > left.key
    for i = 1, #past do
        if past[i].key == key then
            known, is_new = table.remove(past, i), false
            break
        end
    end
    if not is_new then
        known.spent = max(known.spent, left.spent)
        known.requests = max(known.requests, left.requests)
    end
    return known
end

local function enter_day(client, day)
    local past = load_past('past_days')
    local left = {key = client.day, spent = client.spent_day, requests = client.requests_day}
    remember(past, PAST_DAYS, left)
    local known = recall(past, day, left)
    client.spent_day, client.requests_day, client.day = known.spent, known.requests, day
    store_past('past_days', past)
end

local function enter_month(client, month)
    local past = load_past('past_months')
    local left = {key = client.month, spent = client.spent_month, requests = 0}
    remember(past, PAST_MONTHS, left)
    client.spent_month, client.month = recall(past, month, left).spent, month
    store_past('past_months', past)
end

-- A day that the account leaves is remembered, in case the clock comes back to it.
local function turn_day(client, day)
    if day == client.day then
        return
    end
    local month = month_of(day)
    enter_day(client, day)
    if month ~= client.month then
        enter_month(client, month)
    end
end

-- Open exchanges: id = 'lease money tokens answer_tokens', the last being those of the answer, within the tokens ---

local function read_open(text)
    local lease, money, tokens, answer = text:match('^(%d+) (%d+) (%d+) ?(%d*)$')
    return tonumber(lease), tonumber(money), tonumber(tokens), tonumber(answer) or 0
end

local function put_open(key, account, lease, money, tokens, answer)
    redis.call('HSET', key, id, string.format('%.0f %.0f %.0f %.0f', lease, money, tokens, answer))
    if account.lease == 0 then
        account.lease = lease
    end
end

-- Releases the reservation, and returns when it was made and its tokens; nil: the exchange is not open.
local function give_back(account, money, answer)
    account.reserved = max(account.reserved - money, 0)
    if account.answer_tokens then
        account.answer_tokens = max(account.answer_tokens - answer, 0)
    end
end

local function release(key, account)
    local text = redis.call('HGET', key, id)
    if not text then
        return nil
    end
    local lease, money, tokens, answer = read_open(text)
    redis.call('HDEL', key, id)
    give_back(account, money, answer)
    return lease - LEASE_MS, tokens
end

-- Releases what has been open for too long. `account.lease` is no later than the first end, so this is rare.
local function lapse(key, account, now)
    if account.lease == 0 or now < account.lease then
        return
    end
    local flat, first = redis.call('HGETALL', key), 0
    for i = 1, #flat, 2 do
        local lease, money, _, answer = read_open(flat[i + 1])
        if lease <= now then
            redis.call('HDEL', key, flat[i])
            give_back(account, money, answer)
        elseif first == 0 or lease < first then
            first = lease
        end
    end
    account.lease = first
end

-- Judging --------------------------------------------------------------------------------------------------

local status = {verdict = VERDICT.granted, count = 0, limit = 0, retry_after_ms = -1,
                requests_left = -1, requests_reset_ms = 0, tokens_left = -1, tokens_reset_ms = 0,
                answer_tokens = 0}

local function refuse(verdict, count, limit, retry_after_ms)
    status.verdict, status.count = verdict, count
    status.limit, status.retry_after_ms = limit, retry_after_ms
    return false
end

-- Of several limits that are reached, the one that holds longest is reported.
local function refuse_longer(verdict, count, limit, retry_after_ms)
    if status.verdict == VERDICT.granted or retry_after_ms > status.retry_after_ms then
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

local function judge_run(run, reservation, now)
    local errors = errors_of(run, reservation.error_window_ms, now)
    local least = run.reserved > 0 and max(reservation.cost, 1) or 1
    if left_of(reservation.max_cost, run.spent, 0) <= 0 then
        return refuse(VERDICT.run_cost, run.spent, reservation.max_cost, -1)
    end
    if reservation.max_errors ~= 0 and errors >= reservation.max_errors then
        local window = reservation.error_window_ms
        return refuse(VERDICT.run_errors, errors, reservation.max_errors,
                      window ~= 0 and run.error_ms + window - now or -1)
    end
    if left_of(reservation.max_cost, run.spent, run.reserved) < least then
        return refuse(VERDICT.run_busy, run.spent + run.reserved, reservation.max_cost, SOON_MS)
    end
    return true
end

-- What is reserved for answers may come back at any moment.
local function judge_tokens(client, minute, reservation, now)
    local limit = reservation.tokens_per_minute
    if limit == 0 then
        return
    end
    local tokens = sum_of(minute.tokens)
    local room, room_alone = max(limit - reservation.needed, 0), max(limit - reservation.needed_alone, 0)
    if tokens <= (client.answer_tokens > 0 and room or room_alone) then
        return
    end
    local soon = client.answer_tokens > 0 and tokens - client.answer_tokens <= room_alone
    refuse_longer(VERDICT.tokens, tokens, limit,
                  soon and SOON_MS or wait_for_room(minute, minute.tokens, tokens, room_alone, now))
end

local function judge_rate(client, minute, reservation, now)
    local limit = reservation.requests_per_minute
    local requests = limit ~= 0 and sum_of(minute.requests)
    if requests and requests >= limit then
        refuse_longer(VERDICT.requests, requests, limit,
                      wait_for_room(minute, minute.requests, requests, limit - 1, now))
    end
    if reservation.requests_per_day ~= 0 and client.requests_day >= reservation.requests_per_day then
        refuse_longer(VERDICT.day_requests, client.requests_day, reservation.requests_per_day,
                      (client.day + 1) * DAY_MS - now)
    end
    judge_tokens(client, minute, reservation, now)
    local open = redis.call('HLEN', CLIENT_OPEN)
    if reservation.concurrent ~= 0 and open >= reservation.concurrent then
        refuse_longer(VERDICT.concurrent, open, reservation.concurrent, SOON_MS)
    end
end

-- Reserved money may be released soon; spent money comes back with the next day or month, or never.
local function judge_budget(budget, client, reservation, now)
    local left = left_of(budget.limit, budget.spent, client.reserved)
    if left > 0 and left >= (client.reserved > 0 and reservation.cost or reservation.cost_min) then
        return
    end
    local unspent = left + client.reserved
    if unspent > 0 and unspent >= reservation.cost_min then
        refuse_longer(budget.verdict, budget.spent, budget.limit, SOON_MS)
    elseif budget.verdict == VERDICT.total then
        refuse(budget.verdict, budget.spent, budget.limit, NEVER_MS)
    else
        refuse_longer(budget.verdict, budget.spent, budget.limit, budget.refill_ms - now)
    end
end

local function judge_client(client, minute, reservation, now)
    local next_day, next_month = client.day + 1, first_day_of(month_of(client.day) + 1)
    local budgets = {
        {verdict = VERDICT.day, limit = reservation.usd_per_day, spent = client.spent_day,
         refill_ms = next_day * DAY_MS},
        {verdict = VERDICT.month, limit = reservation.usd_per_month, spent = client.spent_month,
         refill_ms = next_month * DAY_MS},
        {verdict = VERDICT.total, limit = reservation.usd_total, spent = client.spent_total},
    }
    local judge = reservation.counted and judge_tokens or judge_rate
    judge(client, minute, reservation, now)
    for _, budget in ipairs(budgets) do
        judge_budget(budget, client, reservation, now)
    end
    return status.verdict == VERDICT.granted
end

local function money_to_reserve(client, run, reservation)
    local cost = max(reservation.cost, 0)
    if run then
        cost = max(min(cost, left_of(reservation.max_cost, run.spent, run.reserved)), reservation.cost_min, 0)
    end
    if client then
        cost = min(cost, left_of(reservation.usd_per_day, client.spent_day, client.reserved),
                   left_of(reservation.usd_per_month, client.spent_month, client.reserved),
                   left_of(reservation.usd_total, client.spent_total, client.reserved))
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

local function report_rest(client, minute, reservation, now)
    if reservation.requests_per_minute ~= 0 then
        status.requests_left, status.requests_reset_ms =
            rest_of(minute, minute.requests, reservation.requests_per_minute, now)
    elseif reservation.requests_per_day ~= 0 then
        status.requests_left = max(reservation.requests_per_day - client.requests_day, 0)
        status.requests_reset_ms = (client.day + 1) * DAY_MS - now
    end
    if reservation.tokens_per_minute ~= 0 then
        status.tokens_left, status.tokens_reset_ms =
            rest_of(minute, minute.tokens, reservation.tokens_per_minute + status.answer_tokens, now)
    end
end

-- The client with its minute, and the run; nil: none is named.
local function open_accounts(now)
    local client, minute, run
    if has_client then
        client, minute = load(CLIENT_KEY, CLIENT), load_minute()
        turn_minute(minute, round_down(now / 1000))
        turn_day(client, round_down(now / DAY_MS))
    end
    if has_run then
        run = load(RUN_KEY, RUN)
    end
    return client, minute, run
end

-- A run that is used no more expires by itself.
local function close_accounts(client, minute, run, expire_ms)
    if client then
        store(CLIENT_KEY, client, CLIENT)
        store_minute(minute)
    end
    if run then
        store(RUN_KEY, run, RUN)
        if expire_ms > 0 then
            redis.call('PEXPIRE', RUN_KEY, string.format('%.0f', expire_ms))
        else
            redis.call('PERSIST', RUN_KEY)
        end
    end
end

local function tokens_to_reserve(minute, reservation)
    local limit = reservation.tokens_per_minute
    local left = limit ~= 0 and limit - sum_of(minute.tokens) or math.huge
    return min(reservation.needed, max(left, reservation.needed_alone))
end

local function enter_client(client, minute, reservation, money, now)
    local prompt = max(reservation.prompt_tokens, 0)
    local tokens = max(tokens_to_reserve(minute, reservation), prompt)
    local answers = reservation.tokens > prompt and not reservation.by_address
    local slot = slot_of(minute.newest)
    status.answer_tokens = answers and tokens - prompt or 0
    tokens = prompt + status.answer_tokens
    client.reserved = add(client.reserved, money)
    client.answer_tokens = add(client.answer_tokens, status.answer_tokens)
    put_tokens(minute, minute.newest, tokens)
    if not reservation.by_address then
        put_open(CLIENT_OPEN, client, now + LEASE_MS, money, tokens, status.answer_tokens)
    end
    if not reservation.counted then
        minute.requests[slot] = minute.requests[slot] + 1
        client.requests_day = client.requests_day + 1
    end
end

local function enter(client, minute, run, reservation, now)
    local reserved = money_to_reserve(client, run, reservation)
    if run then
        run.reserved = add(run.reserved, reserved)
        run.requests = run.requests + 1
        run.used_ms = now
        put_open(RUN_OPEN, run, now + LEASE_MS, reserved, 0, 0)
    end
    if client then
        enter_client(client, minute, reservation, reserved, now)
    end
    return reserved
end

-- The answer to an earlier call may have been lost: an exchange that is open has been granted. One that was only
-- counted has nothing reserved yet.
local function granted_before(counted)
    local text = has_client and redis.call('HGET', CLIENT_OPEN, id) or has_run and redis.call('HGET', RUN_OPEN, id)
    if not text then
        return nil
    end
    local _, money, tokens, answer = read_open(text)
    if counted and money + tokens == 0 then
        return nil
    end
    status.answer_tokens = answer
    return money
end

-- The call of a process that died, or did not wait, may be read after another process has settled the exchange.
local function reserve(now)
    local reservation = {
        prompt_tokens = number(6), cost = number(7), cost_min = number(8),
        requests_per_minute = number(9), tokens_per_minute = number(10), concurrent = number(11),
        usd_per_day = number(12), usd_per_month = number(13), usd_total = number(14),
        max_errors = number(15), max_cost = number(16), error_window_ms = number(17),
        requests_per_day = number(19), by_address = ARGV[20] == '1', counted = ARGV[21] == '1',
        tokens = number(22),
    }
    reservation.needed = max(reservation.tokens, reservation.prompt_tokens, 1)
    reservation.needed_alone = max(number(23), reservation.prompt_tokens, 1)
    if redis.call('EXISTS', SETTLED) == 1 then
        return {VERDICT.unknown, 0, 0, SOON_MS, -1, 0, -1, 0, 0, 0}
    end
    local client, minute, run = open_accounts(now)
    local reserved = granted_before(reservation.counted)
    if not reserved then
        if client then
            lapse(CLIENT_OPEN, client, now)
        end
        if run then
            lapse(RUN_OPEN, run, now)
        end
        local granted = (not run or judge_run(run, reservation, now)) and
                        (not client or judge_client(client, minute, reservation, now))
        reserved = granted and enter(client, minute, run, reservation, now) or 0
    end
    if client then
        report_rest(client, minute, reservation, now)
    end
    close_accounts(client, minute, run, number(18))
    if client and reservation.by_address then
        redis.call('EXPIRE', CLIENT_KEY, ADDRESS_KEPT_S)
    end
    return {status.verdict, status.count, status.limit, status.retry_after_ms, status.requests_left,
            status.requests_reset_ms, status.tokens_left, status.tokens_reset_ms, reserved, status.answer_tokens}
end

-- Tokens used beyond the reservation count from now on; those reserved in excess leave the second that has them.
local function settle_tokens(minute, reserved_ms, reserved, tokens)
    local reserved_s, more = round_down(reserved_ms / 1000), tokens - reserved
    local held = reserved_s <= minute.newest and reserved_s > minute.newest - WINDOW
    if tokens >= 0 and (more > 0 or held) then
        put_tokens(minute, more > 0 and minute.newest or reserved_s, more)
    end
end

-- Without a reservation, or after it has lapsed, the tokens are of no minute any more.
local function settle_client(client, minute, cost, tokens)
    local reserved_ms, reserved = release(CLIENT_OPEN, client)
    client.spent_day = add(client.spent_day, cost)
    client.spent_month = add(client.spent_month, cost)
    client.spent_total = add(client.spent_total, cost)
    if reserved_ms then
        settle_tokens(minute, reserved_ms, reserved, tokens)
    end
end

local function settle(now)
    local cost, tokens, is_error, error_window_ms = number(6), number(7), ARGV[8] == '1', number(9)
    if not redis.call('SET', SETTLED, 1, 'NX', 'PX', LEASE_MS) then
        return 0
    end
    local client, minute, run = open_accounts(now)
    if client then
        settle_client(client, minute, cost, tokens)
    end
    if run then
        release(RUN_OPEN, run)
        run.spent = add(run.spent, cost)
        run.used_ms = now
        if is_error then
            run.errors = errors_of(run, error_window_ms, now) + 1
            run.error_ms = now
        end
    end
    close_accounts(client, minute, run, number(10))
    return 1
end

-- Reading --------------------------------------------------------------------------------------------------

local function read_client()
    local client, minute = load(CLIENT_KEY, CLIENT), load_minute()
    local answer = {redis.call('HLEN', CLIENT_OPEN), client.reserved, client.day, client.month, client.spent_day,
                    client.spent_month, client.spent_total, client.requests_day, client.answer_tokens,
                    minute.newest}
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

local function reset_run_errors()
    if redis.call('EXISTS', RUN_KEY) == 1 then
        redis.call('HSET', RUN_KEY, 'errors', 0)
    end
    return 1
end

if verb == 'reserve' then
    return reserve(read_clock())
elseif verb == 'settle' then
    return settle(read_clock())
elseif verb == 'client' then
    return read_client()
elseif verb == 'run' then
    return read_run()
elseif verb == 'reset_errors' then
    return reset_run_errors()
end
return 1 -- 'ready'
