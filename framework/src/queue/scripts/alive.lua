-- A worker shows that it lives, and works on these lines. ARGV: the worker, then ids. Returns those that are not its own any more.
local lost = {}
if redis.call('EXISTS', meta) == 1 then redis.call('HSET', workers, ARGV[1], now()) end
for i = 2, #ARGV do
  local pending = redis.call('EXISTS', lines) == 1 and redis.call('XPENDING', lines, GROUP, ARGV[i], ARGV[i], 1)[1]
  if pending and pending[2] == ARGV[1] then
    redis.call('XCLAIM', lines, GROUP, ARGV[1], 0, ARGV[i], 'JUSTID')
  else
    table.insert(lost, ARGV[i])
  end
end
return lost
