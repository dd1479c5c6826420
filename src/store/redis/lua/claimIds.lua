-- Claims detection ids for the places where their rows are about to be written. The first claim of an id
-- holds, whoever makes it: so two rows of one id can never stand at two places.
-- KEYS[1] what the tag's bucket keys begin with (same hash tag; the bucket number follows)
-- ARGV[1] msgpack list: bucket number, { id, ... }, { place, ... }, bucket number, ...
-- Returns a list: for each id that was claimed before, its index from 0 over all buckets and the place of
-- that claim. Of an id that comes twice the second counts as claimed before.
local call = redis.call
local base = KEYS[1]
local groups = cmsgpack.unpack(ARGV[1])
local known = {}
local seen = 0
for g = 1, #groups, 3 do
  local bucket = base .. groups[g]
  local ids = groups[g + 1]
  local places = groups[g + 2]
  if #ids == 1 then
    if call('HSETNX', bucket, ids[1], places[1]) == 0 then
      known[#known + 1] = seen
      known[#known + 1] = call('HGET', bucket, ids[1])
    end
  else
    local old = call('HMGET', bucket, unpack(ids))
    local new = {}
    local fresh = {}
    for i = 1, #ids do
      local place = old[i] or fresh[ids[i]]
      if place then
        known[#known + 1] = seen + i - 1
        known[#known + 1] = place
      else
        fresh[ids[i]] = places[i]
        new[#new + 1] = ids[i]
        new[#new + 1] = places[i]
      end
    end
    if #new > 0 then call('HSET', bucket, unpack(new)) end
  end
  seen = seen + #ids
end
return known
