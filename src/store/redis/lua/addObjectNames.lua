-- Adds names (aliases) of objects: idempotent.
-- KEYS[1] what the tag's bucket keys begin with (same hash tag; the bucket number follows)
-- ARGV[1] msgpack list: bucket number, name and object packed, ...
local entries = cmsgpack.unpack(ARGV[1])
for i = 1, #entries, 2 do redis.call('HSET', KEYS[1] .. entries[i], entries[i + 1], '') end
return 0
