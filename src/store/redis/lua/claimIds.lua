-- Claims detection ids for the places where their rows are about to be written. The first claim of an id
-- holds, whoever makes it: so two rows of one id can never stand at two places.
-- KEYS[1] what the tag's bucket keys begin with (same hash tag; the bucket number follows)
-- ARGV[1] msgpack list: bucket number, id, place, bucket number, id, place, ...
-- Returns a list: for each id that was claimed before, its index from 0 and the place of that claim.
local call = redis.call
local base = KEYS[1]
local claims = cmsgpack.unpack(ARGV[1])
local known = {}
for i = 1, #claims, 3 do
  local bucket = base .. claims[i]
  if call('HSETNX', bucket, claims[i + 1], claims[i + 2]) == 0 then
    known[#known + 1] = (i - 1) / 3
    known[#known + 1] = call('HGET', bucket, claims[i + 1])
  end
end
return known
