-- ARGV: 'running' or 'paused'. Returns whether there is a batch.
if redis.call('EXISTS', meta) == 0 then return 0 end
redis.call('HSET', meta, 'state', ARGV[1])
return 1
