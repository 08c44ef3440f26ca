-- A feeder begins its batch, or goes on with it. ARGV: the hash of its input, how many lines, who it is, and what it may do: 'begin'
-- (there is none yet), 'resume' (it was begun, or is lost) or 'rejoin' (it is there, or was cancelled).
local known = redis.call('HMGET', meta, 'input', 'owner')
if known[1] then
  if known[1] ~= ARGV[1] then return {'other_input', known[2]} end
  if known[2] ~= ARGV[3] then return {'other_feeder', known[2]} end
  if ARGV[4] == 'begin' then return {'exists', known[2]} end
  return {'resumed', known[2]}
end
if ARGV[4] == 'rejoin' then return {'gone', ''} end
redis.call('SETBIT', fed, ARGV[2], 0)  -- as large as they will be, so that they never grow
redis.call('SETBIT', recorded, ARGV[2], 0)
local time = now()
redis.call('HSET', meta, 'input', ARGV[1], 'total', ARGV[2], 'owner', ARGV[3], 'state', 'running', 'started', time, 'fed_at', time,
  'done', 0)
return {'begun', ARGV[3]}
