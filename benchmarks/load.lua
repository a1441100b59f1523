-- One thread per connection, so that each connection has a token and a counter of its own.
-- Arguments: the case, the file of tokens (one a line), the file of the text, a name for this run, the prompts there are.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local lines = {}
  for line in io.lines(args[2]) do lines[#lines + 1] = line end
  authorization = "Bearer " .. lines[number % #lines + 1]
  text = io.open(args[3]):read("*a")
  run, prompts, sent = args[4], tonumber(args[5]), 0
  request = _G[args[1]]
end

function alive() return wrk.format("GET", "/healthz") end

-- The page that the address names.
function page() return wrk.format("GET") end

function jwtinfo() return wrk.format("GET", "/jwtinfo", { Authorization = authorization }) end

function held() return wrk.format("GET", "/aiprompt/output/", { Authorization = authorization }) end

function claim() return wrk.format("GET", "/aiprompt/output/?next=true", { Authorization = authorization }) end

function submit()
  sent = sent + 1
  local data = string.format(
    '{"status":"success","data":{"id":"","text":"%s","files":[],"cronId":"_CRON-Daily_Writing_Prompt",' ..
    '"histId":"%s-%d-%d","promptId":"%d"}}',
    text, run, number, sent, (number + 16 * sent) % prompts + 1)
  return wrk.format("POST", "/aicontent/input/",
    { Authorization = authorization, ["Content-Type"] = "application/json" }, data)
end

function done(summary, latency, requests)
  local wrong = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, wrong.status,
    wrong.connect + wrong.read + wrong.write + wrong.timeout,
    latency:percentile(50), latency:percentile(99)))
end
