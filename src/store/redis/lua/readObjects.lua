-- The object log of a shard from a byte on, with the state it belongs to.
-- KEYS[1] the shard's statistics      KEYS[2] its object log      ARGV[1] first byte wanted
-- Returns { statistics `all` or false, bytes of the log from there on }.
return { redis.call('HGET', KEYS[1], 'all'), redis.call('GETRANGE', KEYS[2], ARGV[1], -1) }
