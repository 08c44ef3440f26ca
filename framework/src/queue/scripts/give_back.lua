-- A worker gives back a line that it could not answer, for another to take. ARGV: the worker, the id, the number, how many attempts a
-- line has, and why; an empty reason is none of the line's, and counts as no attempt.
local entry = redis.call('XRANGE', lines, ARGV[2], ARGV[2])[1]
local pending = entry and redis.call('XPENDING', lines, GROUP, ARGV[2], ARGV[2], 1)[1]
if not pending or pending[2] ~= ARGV[1] then return 0 end
if ARGV[5] == '' or tried(ARGV[3], ARGV[1] .. ': ' .. ARGV[5], tonumber(ARGV[4])) then
  redis.call('XADD', lines, '*', unpack(entry[2]))
end
forget(ARGV[2], ARGV[3])
return 1
