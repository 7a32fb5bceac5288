"""What Redis does with a board in one go, in its own Lua.

A board is a sorted set: member the 16 bytes of a learner's id, score the code of the place, so that its order is
ours. One member more, at infinity, says that the board is whole: an empty one would not exist. While a board is
built beside the one that serves, the member at infinity is the builder's own, and whoever has left the board in the
meantime waits there too, so that an older sight of the scores cannot bring them back.
"""

from typing import Final

# Asks for a board to be built that is missing, or will be soon, or that nobody keeps since it is not known.
_ASK: Final = """
local function whole(board, wanted, known, name, renewed)
    local left = redis.call('SISMEMBER', known, name) == 1 and redis.call('TTL', board) or -2
    if left < tonumber(renewed) then redis.call('SADD', wanted, name) end
    return left ~= -2
end
"""

TOP: Final = (
    _ASK
    + """
if not whole(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2]) then return false end
return redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[3]) - 1, 'WITHSCORES')
"""
)
"""KEYS board, wanted, known boards; ARGV name, seconds before its end when it is renewed, limit."""

AROUND: Final = (
    _ASK
    + """
if not whole(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2]) then return false end
local rank, neighbours = redis.call('ZRANK', KEYS[1], ARGV[4]), tonumber(ARGV[3])
if not rank then return {} end
local from = math.max(0, rank - neighbours)
local shown = redis.call('ZRANGE', KEYS[1], from, rank + neighbours, 'WITHSCORES')
local best_of_equals = math.floor(tonumber(shown[2]) / 2147483648) * 2147483648
local better = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. string.format('%.0f', best_of_equals))
return {from, better, shown}
"""
)
"""KEYS board, wanted, known boards; ARGV name, seconds as above, neighbours, id."""

CLAIM: Final = """
local holder = redis.call('GET', KEYS[1])
if holder and tonumber(holder) > tonumber(ARGV[1]) then return tonumber(holder) end
redis.call('SET', KEYS[1], ARGV[1])
return tonumber(ARGV[1])
"""
"""KEYS keeper; ARGV token. From now on nobody with a smaller token writes. Answers with the token that holds."""

APPLY: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local found = 0
for number = 3, 4 do
    local board = KEYS[number]
    if redis.call('EXISTS', board) == 1 then
        found = found + 1
        for at = 1, #ARGV[3], 16 do
            local id = string.sub(ARGV[3], at, at + 15)
            if number == 3 then redis.call('ZREM', board, id) else redis.call('ZADD', board, '+inf', id) end
        end
        for at = 1, #ARGV[4], 24 do
            local code = struct.unpack('>d', ARGV[4], at + 16)
            redis.call('ZADD', board, string.format('%.0f', code), string.sub(ARGV[4], at, at + 15))
        end
    end
end
if found == 0 then redis.call('SREM', KEYS[2], ARGV[2]) end
return found
"""
"""KEYS keeper, known boards, board, the one being built; ARGV token, name, ids off the board, places on it."""

START: Final = """
redis.call('UNLINK', KEYS[1])
redis.call('ZADD', KEYS[1], '+inf', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
"""
"""KEYS the one being built, known boards; ARGV builder, seconds until it is given up, name."""

ADD: Final = """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
for at = 1, #ARGV[2], 24 do
    local code = struct.unpack('>d', ARGV[2], at + 16)
    redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', code), string.sub(ARGV[2], at, at + 15))
end
return 1
"""
"""KEYS the one being built; ARGV builder, places."""

FINISH: Final = """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '+inf', '+inf')
redis.call('ZADD', KEYS[1], '+inf', '')
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('UNLINK', KEYS[2])
redis.call('RENAME', KEYS[1], KEYS[2])
return 1
"""
"""KEYS the one being built, board; ARGV builder, seconds it is kept."""

FORGET: Final = """
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    redis.call('UNLINK', ARGV[1] .. name, ARGV[1] .. name .. ':building')
end
redis.call('UNLINK', KEYS[1], KEYS[3])
redis.call('SET', KEYS[2], ARGV[2])
"""
"""KEYS known boards, life, keeper; ARGV prefix of boards, the life that begins."""
