-- Takes objects without detections out of a shard's log and places.
-- KEYS[1] the shard's statistics      KEYS[2] its object log      KEYS[3] its places
-- ARGV[1] token and ARGV[2] number of rows of the shard when the objects were judged
-- ARGV[3] new token      ARGV[4] the log without them      ARGV[5] msgpack list of their members
-- Returns 1, or 0 when the shard has changed since (nothing is changed then).
local call = redis.call
local all = call('HGET', KEYS[1], 'all')
if not all then return 0 end
local token, generation, rows, objects, first, last = struct.unpack('<c8ddddd', all)
if token ~= ARGV[1] or rows ~= tonumber(ARGV[2]) then return 0 end
local members = cmsgpack.unpack(ARGV[5])
if #ARGV[4] > 0 then call('SET', KEYS[2], ARGV[4]) else call('DEL', KEYS[2]) end
for i = 1, #members, 1000 do
  call('ZREM', KEYS[3], unpack(members, i, math.min(i + 999, #members)))
end
call('HSET', KEYS[1], 'all', struct.pack('<c8ddddd', ARGV[3], generation + 1, rows, objects - #members, first, last))
return 1
