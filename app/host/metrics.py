"""How often handlers run, how it ends and how long it takes, the rest of the chain included."""

from prometheus_client import Counter, Histogram

calls = Counter("pygai_extension_calls", "Runs of extension handlers.", ["extension", "handler", "outcome"])
seconds = Histogram(
    "pygai_extension_call_seconds",
    "Duration of a handler's run, with the rest of the chain where it calls `proceed`.",
    ["extension", "handler"],
)
