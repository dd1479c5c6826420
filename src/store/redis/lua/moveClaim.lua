-- Gives an id to another place, if it is still claimed for the old one.
-- KEYS[1] what the tag's bucket keys begin with (same hash tag; the bucket number follows)
-- ARGV[1] bucket number   ARGV[2] id   ARGV[3] old place   ARGV[4] new place
-- Returns 1 when it was.
local bucket = KEYS[1] .. ARGV[1]
if redis.call('HGET', bucket, ARGV[2]) ~= ARGV[3] then return 0 end
redis.call('HSET', bucket, ARGV[2], ARGV[4])
return 1
