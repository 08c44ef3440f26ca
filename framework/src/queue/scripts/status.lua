-- How a batch is. ARGV: what the keys of its lines begin with. Returns the time, the hash `meta`, the models with their lines and how
-- many of these are in work, the hash `work`, the hash `workers`, and how many results wait for the feeder.
local waiting = {}
for _, model in ipairs(redis.call('SMEMBERS', models)) do
  local key = ARGV[1] .. model
  local there = redis.call('EXISTS', key) == 1
  for _, value in ipairs({model, there and redis.call('XLEN', key) or 0, there and redis.call('XPENDING', key, GROUP)[1] or 0}) do
    table.insert(waiting, value)
  end
end
return {now(), redis.call('HGETALL', meta), waiting, redis.call('HGETALL', work), redis.call('HGETALL', workers),
  redis.call('XLEN', results)}
