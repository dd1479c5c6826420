-- Takes rows of forgotten nights out of one block, its GEO sets and the counts.
-- KEYS[1] the shard's statistics; its other keys as in putShard.lua
-- ARGV[1] msgpack list: pixel, length of the block that was read, its rows that stay,
--         { night, { member, ... }, ... }
-- Returns 1, or 0 when the block has grown since it was read (nothing is changed then).
local call = redis.call
local stats = KEYS[1]
local base = string.sub(stats, 1, -2)
local batch = cmsgpack.unpack(ARGV[1])
local block = base .. 'b' .. batch[1]
if call('STRLEN', block) ~= batch[2] then return 0 end
if #batch[3] > 0 then
  call('SET', block, batch[3])
else
  call('DEL', block)
  call('SETBIT', base .. 'x', batch[1], 0)
end
local removed = 0
local nights = batch[4]
for i = 1, #nights, 2 do
  local field = 'n' .. nights[i]
  local members = nights[i + 1]
  call('ZREM', base .. 'g' .. nights[i], unpack(members))
  local stored = call('HGET', stats, field)
  if stored then
    local count, first, last = struct.unpack('<ddd', stored)
    if count > #members then
      call('HSET', stats, field, struct.pack('<ddd', count - #members, first, last))
    else
      call('HDEL', stats, field)
    end
  end
  removed = removed + #members
end
local all = call('HGET', stats, 'all')
if all then
  local token, generation, rows, objects, first, last = struct.unpack('<c8ddddd', all)
  call('HSET', stats, 'all', struct.pack('<c8ddddd', token, generation, rows - removed, objects, first, last))
end
return 1
