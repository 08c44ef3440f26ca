-- Adds lines of one model, each once, as long as there is room. ARGV: the model, how many lines may be there, then of each line its
-- number, its custom_id and its text. Returns how many of them are fed now, and how many lines are there; -1: there is no batch.
if redis.call('EXISTS', meta) == 0 then return {-1, 0} end
redis.call('SADD', models, ARGV[1])
if redis.call('EXISTS', lines) == 0 then redis.call('XGROUP', 'CREATE', lines, GROUP, '0', 'MKSTREAM') end
local there, used = redis.call('XLEN', lines), 0
for i = 3, #ARGV, 3 do
  if there >= tonumber(ARGV[2]) then break end
  if redis.call('SETBIT', fed, ARGV[i], 1) == 0 then
    redis.call('XADD', lines, '*', 'n', ARGV[i], 'id', ARGV[i + 1], 'line', ARGV[i + 2])
    there = there + 1
  end
  used = used + 1
end
return {used, there}
