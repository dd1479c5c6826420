-- Ends an eviction in one shard: times of nights of which a part is left, times of the whole shard, and a new
-- generation, which makes every process read the shard anew before it writes there again.
-- KEYS[1] the shard's statistics      ARGV[1] new token (8 bytes)
-- ARGV[2] msgpack list: night, rows, first mjd, last mjd, ... as counted; taken where the number of rows is still that
-- ARGV[3] msgpack list of nights that were evicted
-- Returns those of the nights of ARGV[3] that have rows.
local call = redis.call
local stats = KEYS[1]
local counted = cmsgpack.unpack(ARGV[2])
for i = 1, #counted, 4 do
  local stored = call('HGET', stats, 'n' .. counted[i])
  if stored and struct.unpack('<d', stored) == counted[i + 1] then
    call('HSET', stats, 'n' .. counted[i], struct.pack('<ddd', counted[i + 1], counted[i + 2], counted[i + 3]))
  end
end
local first, last = 100001, 0
local fields = call('HGETALL', stats)
local all = false
for i = 1, #fields, 2 do
  if fields[i] == 'all' then
    all = fields[i + 1]
  else
    local _, a, z = struct.unpack('<ddd', fields[i + 1])
    if a < first then first = a end
    if z > last then last = z end
  end
end
if all then
  local _, generation, rows, objects = struct.unpack('<c8ddd', all)
  call('HSET', stats, 'all', struct.pack('<c8ddddd', ARGV[1], generation + 1, rows, objects, first, last))
end
local left = {}
for _, night in ipairs(cmsgpack.unpack(ARGV[3])) do
  if call('HEXISTS', stats, 'n' .. night) == 1 then left[#left + 1] = night end
end
return left
