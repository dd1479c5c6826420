-- Writes rows of one shard with everything about them, or nothing.
-- KEYS[1] the shard's statistics. Its other keys have the same hash tag and are named from what KEYS[1]
--         begins with: o object log, p places, x pixel map, f fences, b<pixel> blocks, g<night> GEO sets
-- ARGV[1] msgpack list:
--   1 token of the object log that the association was made from (8 bytes, empty: no log yet)
--   2 new token, empty when no object is founded      3 new objects as log entries
--   4 places of the new objects: score, member, ...
--   5 nights: { night, first mjd, last mjd, { score, member, ... } }, ...
--   6 blocks: pixel, packed rows, pixel, packed rows, ...
-- Statistics: `all` = token, generation, rows, objects, first mjd, last mjd; n<night> = rows, first, last.
-- Returns 0 when written, -1 when the token is another, or a list of the rows, counted from 0 over the
-- nights, whose member stands there already or is fenced off (fenceId.lua). In both of these cases nothing was written.
local call = redis.call
local stats = KEYS[1]
local base = string.sub(stats, 1, -2)
local batch = cmsgpack.unpack(ARGV[1])
local nights = batch[5]

local fields = { 'all' }
for n = 1, #nights do fields[n + 1] = 'n' .. nights[n][1] end
local stored = call('HMGET', stats, unpack(fields))
local token, generation, rows, objects, first, last = '', 0, 0, 0, 100001, 0
if stored[1] then
  token, generation, rows, objects, first, last = struct.unpack('<c8ddddd', stored[1])
  if token == '\0\0\0\0\0\0\0\0' then token = '' end
end
if token ~= batch[1] then return -1 end

local present = {}
local seen = 0
local fences = call('EXISTS', base .. 'f') == 1
for n = 1, #nights do
  local geo = nights[n][4]
  local members = {}
  for i = 2, #geo, 2 do members[i / 2] = geo[i] end
  if stored[n + 1] then
    local scores = call('ZMSCORE', base .. 'g' .. nights[n][1], unpack(members))
    for i = 1, #members do
      if scores[i] then present[#present + 1] = seen + i - 1 end
    end
  end
  if fences then
    for i = 1, #members do
      if call('SISMEMBER', base .. 'f', nights[n][1] .. ':' .. members[i]) == 1 then present[#present + 1] = seen + i - 1 end
    end
  end
  seen = seen + #members
end
if #present > 0 then return present end

local changes = {}
for n = 1, #nights do
  local night = nights[n]
  local count, nightFirst, nightLast = 0, night[2], night[3]
  if stored[n + 1] then
    local a, z
    count, a, z = struct.unpack('<ddd', stored[n + 1])
    if a < nightFirst then nightFirst = a end
    if z > nightLast then nightLast = z end
  end
  local added = #night[4] / 2
  call('ZADD', base .. 'g' .. night[1], unpack(night[4]))
  changes[2 * n + 1] = 'n' .. night[1]
  changes[2 * n + 2] = struct.pack('<ddd', count + added, nightFirst, nightLast)
  rows = rows + added
  if nightFirst < first then first = nightFirst end
  if nightLast > last then last = nightLast end
end
local blocks = batch[6]
for i = 1, #blocks, 2 do
  local length = call('APPEND', base .. 'b' .. blocks[i], blocks[i + 1])
  if length == #blocks[i + 1] then call('SETBIT', base .. 'x', blocks[i], 1) end
end
if batch[2] ~= '' then
  call('APPEND', base .. 'o', batch[3])
  call('ZADD', base .. 'p', unpack(batch[4]))
  objects = objects + #batch[4] / 2
  token = batch[2]
elseif token == '' then
  token = '\0\0\0\0\0\0\0\0'
end
changes[1] = 'all'
changes[2] = struct.pack('<c8ddddd', token, generation, rows, objects, first, last)
call('HSET', stats, unpack(changes))
return 0
