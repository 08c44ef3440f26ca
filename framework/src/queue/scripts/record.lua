-- A worker gives the result of a line. ARGV: the worker, the id, the number, 'ok' or 'failed', and the result. Returns 1; 0 if the
-- line has a result already; -1 if there is no batch any more.
if redis.call('EXISTS', meta) == 0 then return -1 end
local first = record(ARGV[3], ARGV[4], ARGV[5])
forget(ARGV[2], ARGV[3])
redis.call('HDEL', tries, ARGV[3])
return first
