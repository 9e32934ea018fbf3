"""The load test of locustfile.py with the companion's two lines on top, as in a user's own file."""

from locust2influx import start

start("shop")

import time

import gevent
import locust.stats
from locust import events
from locustfile import Shopper

__all__ = ["Shopper"]

# Locust writes its CSV once a second and not at the end: it shall have the time to write the final numbers.
locust.stats.CSV_STATS_INTERVAL_SEC = 0.2


def let_csv_be_written(environment, **_kwargs):
    # A worker has 0.5 s to send its last figures.
    if type(environment.runner).__name__ != "WorkerRunner":
        gevent.sleep(0.8)


TICK_SECONDS = 0.1
STALL_SECONDS = 0.5


def tell_stalls():
    """Prints when this process was kept from working for long: what it then missed is no fault of the companion."""
    before = time.time()
    while True:
        gevent.sleep(TICK_SECONDS)
        now = time.time()
        if now - before > TICK_SECONDS + STALL_SECONDS:
            print("stalled %d %d" % (before * 1000, now * 1000), flush=True)
        before = now


gevent.spawn(tell_stalls)

if hasattr(events, "init"):  # Locust 0.14 writes it at the end
    events.test_stop.add_listener(let_csv_be_written)
    events.quitting.add_listener(let_csv_be_written)
