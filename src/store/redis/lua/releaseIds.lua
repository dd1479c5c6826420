-- Gives up claims of ids whose rows are forgotten, unless somebody has claimed the id for another place since.
-- KEYS[1] what the tag's bucket keys begin with (same hash tag; the bucket number follows)
-- ARGV[1] msgpack list: bucket number, id, place, ...
local claims = cmsgpack.unpack(ARGV[1])
for i = 1, #claims, 3 do
  local bucket = KEYS[1] .. claims[i]
  if redis.call('HGET', bucket, claims[i + 1]) == claims[i + 2] then redis.call('HDEL', bucket, claims[i + 1]) end
end
return 0
