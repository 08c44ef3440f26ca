-- The feeder removes the results that it has kept, and gets more. ARGV: how many, then ids of what it has kept. Returns the state, and
-- of each result its id, the number of its line, its kind and its text.
local state = redis.call('HGET', meta, 'state')
if not state then return {'gone'} end
for i = 2, #ARGV do redis.call('XDEL', results, ARGV[i]) end
redis.pcall('HSET', meta, 'fed_at', now())  -- a full server refuses that, and goes on
local list = {state}
for _, entry in ipairs(redis.call('XRANGE', results, '-', '+', 'COUNT', ARGV[1])) do add_entry(list, entry) end
return list
