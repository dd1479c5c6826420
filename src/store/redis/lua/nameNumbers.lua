-- Numbers of names, given out in order from 1 and never again taken back: the same for every process.
-- KEYS[1] hash name -> number      ARGV names
-- Returns a list: the number of each name.
local numbers = {}
for i, name in ipairs(ARGV) do
  local number = redis.call('HGET', KEYS[1], name)
  if not number then
    number = redis.call('HLEN', KEYS[1]) + 1
    redis.call('HSET', KEYS[1], name, number)
  end
  numbers[i] = tonumber(number)
end
return numbers
