-- Counts the statuses of each thread, and prints their sum as one line of JSON.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  for _, status in ipairs({ "200", "502", "503", "504", "other" }) do
    _G["s" .. status] = 0
  end
end

function response(status)
  local name = "s" .. status
  if _G[name] == nil then name = "sother" end
  _G[name] = _G[name] + 1
end

function done(summary)
  local parts = {}
  for _, status in ipairs({ "200", "502", "503", "504", "other" }) do
    local sum = 0
    for _, thread in ipairs(threads) do sum = sum + (thread:get("s" .. status) or 0) end
    table.insert(parts, string.format('"%s":%d', status, sum))
  end
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format('wrk {%s,"broken":%d}', table.concat(parts, ","), broken))
end
