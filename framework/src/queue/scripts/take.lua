-- A worker takes lines of one model: first those of workers that are dead, then new ones. ARGV: the worker, how many, after how many
-- milliseconds without a sign of life a worker is dead, how many attempts a line has, and the model. Returns the state of the batch
-- ('gone' if there is none), and of each line its id, its number, its custom_id and its text.
local state = redis.call('HGET', meta, 'state') or 'gone'
if state ~= 'running' or redis.call('EXISTS', lines) == 0 then return {state} end
local time, taken, left = now(), {state}, tonumber(ARGV[2])
redis.call('HSET', workers, ARGV[1], time)
local function take(entry)
  add_entry(taken, entry)
  redis.call('HSET', work, entry[2][2], ARGV[1] .. '\n' .. time .. '\n' .. ARGV[5])
  left = left - 1
end
for _, pending in ipairs(redis.call('XPENDING', lines, GROUP, 'IDLE', ARGV[3], '-', '+', left)) do
  local id, entry = pending[1], redis.call('XRANGE', lines, pending[1], pending[1])[1]
  if not entry then
    redis.call('XACK', lines, GROUP, id)
  elseif tried(entry[2][2], pending[2] .. ': no sign of life for ' .. math.floor(pending[3] / 1000) .. ' s', tonumber(ARGV[4])) then
    redis.call('XCLAIM', lines, GROUP, ARGV[1], 0, id, 'JUSTID')
    take(entry)
  else
    forget(id, entry[2][2])
  end
end
if left > 0 then
  local read = redis.call('XREADGROUP', 'GROUP', GROUP, ARGV[1], 'COUNT', left, 'STREAMS', lines, '>')
  for _, entry in ipairs(read and read[1][2] or {}) do take(entry) end
end
return taken
