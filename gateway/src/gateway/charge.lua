-- One visit to Redis for every request: is the session ended, and is there allowance left?
-- GCRA: the bucket holds the time at which it would be full again ("theoretical arrival time"), in microseconds.
-- KEYS[1] bucket, then if there is a session: KEYS[2] its denial, KEYS[3] the person's epoch
-- ARGV[1] microseconds between two requests, ARGV[2] requests that may come at once, ARGV[3] the token's epoch
-- answer: {1 passed | 0 over the limit | -1 revoked, requests left, µs until the next may come, µs until all may}
if KEYS[2] then
  local marks = redis.call('MGET', KEYS[2], KEYS[3])
  if marks[1] or (marks[2] and tonumber(ARGV[3]) < tonumber(marks[2])) then
    return {-1, 0, 0, 0}
  end
end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local next_full_at = full_at + interval
local wait = next_full_at - interval * burst - now
if wait > 0 then
  return {0, 0, wait, full_at - now}
end
redis.call('SET', KEYS[1], string.format('%.0f', next_full_at), 'PX', math.ceil((next_full_at - now) / 1000))
return {1, math.floor(-wait / interval), 0, next_full_at - now}
