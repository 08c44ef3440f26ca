-- Removes all that there is of a batch: it has ended, or is cancelled. ARGV: what the keys of its lines begin with. Returns whether
-- there was one.
local there = redis.call('EXISTS', meta)
for _, model in ipairs(redis.call('SMEMBERS', models)) do redis.call('UNLINK', ARGV[1] .. model) end
redis.call('UNLINK', meta, models, fed, recorded, results, tries, work, workers)
return there
