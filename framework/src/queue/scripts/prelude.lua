-- What each script begins with: the keys of a batch, in the order in which all scripts get them, and what several of them do.
-- Time is that of this server alone: the clocks of other machines decide nothing.
local meta, models, fed, recorded, results, tries, work, workers, lines =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local GROUP = 'workers'

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Adds the one result of a line. What a full server refuses comes first, so that nothing is done by half.
local function record(n, kind, text)
  if redis.call('GETBIT', recorded, n) == 1 then return 0 end
  redis.call('SETBIT', recorded, n, 1)
  redis.call('XADD', results, '*', 'n', n, 'kind', kind, 'text', text)
  redis.call('HINCRBY', meta, 'done', 1)
  return 1
end

local function forget(id, n)
  redis.call('XACK', lines, GROUP, id)
  redis.call('XDEL', lines, id)
  redis.call('HDEL', work, n)
end

-- Another attempt at a line that failed. Returns true if there may be one more; else its history is its result.
local function tried(n, what, most)
  local history = (redis.call('HGET', tries, n) or '') .. what .. '\n'
  redis.call('HSET', tries, n, history)
  local _, count = string.gsub(history, '\n', '')
  if count < most then return true end
  record(n, 'lost', history)
  redis.call('HDEL', tries, n)
  return false
end

-- The id, the number, the custom_id and the line of an entry, added to a list.
local function add_entry(list, entry)
  local fields = entry[2]
  for _, value in ipairs({entry[1], fields[2], fields[4], fields[6]}) do table.insert(list, value) end
end
