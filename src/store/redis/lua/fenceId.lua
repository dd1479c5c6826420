-- Shuts a place to a row that was claimed for it and never came, so that its id can be given to another place.
-- KEYS[1] the shard's statistics; its other keys as in putShard.lua, f the fences
-- ARGV[1] night   ARGV[2] member of the row   ARGV[3] seconds: longer than any writer lives on
-- Returns 1, or 0 when the row stands there after all.
local base = string.sub(KEYS[1], 1, -2)
if redis.call('ZSCORE', base .. 'g' .. ARGV[1], ARGV[2]) then return 0 end
redis.call('SADD', base .. 'f', ARGV[1] .. ':' .. ARGV[2])
redis.call('EXPIRE', base .. 'f', ARGV[3])
return 1
