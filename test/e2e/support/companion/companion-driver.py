"""Drives the companion's parts without a Locust process, for what would take a real test too long.

Prints one line of JSON. Arguments: the folder of locust2influx.py, the API's URL, a file that appears when the API is back.
"""

import json
import os
import sys
import time

import gevent.monkey

gevent.monkey.patch_all()
sys.path.insert(0, sys.argv[1])

import gevent
import greenlet
import locust2influx
from locust.stats import RequestStats

ENDPOINTS = 5000
REPORTS = 150


class FakeRunner:
    state = "running"
    user_count = 1000
    stats = RequestStats()


def fill(stats):
    for endpoint in range(ENDPOINTS):
        for request in range(1 + endpoint % 40):
            stats.log_request("GET", "/endpoint/%d" % endpoint, 3 + request * 7, 1000)
        if endpoint % 5 == 0:
            stats.log_error("GET", "/endpoint/%d" % endpoint, Exception("broken " * 1000))


def switches_during(work):
    """How often another greenlet got control, what the work returned, and how long it took, ms."""
    switches = []
    greenlet.settrace(lambda event, _: switches.append(event))
    began_at = time.perf_counter()
    result = work()
    took_ms = 1000 * (time.perf_counter() - began_at)
    greenlet.settrace(None)
    return len(switches), result, took_ms


def main():
    test = locust2influx.LoadTest(FakeRunner(), None)
    fill(test.runner.stats)
    switches, report, snapshot_ms = switches_during(test.snapshot)
    began_at = time.perf_counter()
    size = len(locust2influx._gzipped_json(report)[1])
    gzip_ms = 1000 * (time.perf_counter() - began_at)
    given = {"url": sys.argv[2], "token": "t", "target": "driven", "interval": 2, "tags": None, "address": None}
    test.is_headless = True
    settings = locust2influx.Settings("shop", given, test)
    sender = locust2influx.Sender(locust2influx.Api(settings.url, settings.token), settings)
    for number in range(REPORTS):
        sender.add(1700000000 + number, {"state": "running", "stats": []})
    while not os.path.exists(sys.argv[3]):
        gevent.sleep(0.05)
    # Nothing is lost by a machine that cannot deliver as much within the seconds that an exit may take.
    while sender._unsent:
        gevent.sleep(0.05)
    sender.close()
    figures = {"switches": switches, "rows": len(report["stats"]), "errors": len(report["errors"]), "bytes": size}
    print(json.dumps(dict(figures, snapshotMs=round(snapshot_ms, 1), gzipMs=round(gzip_ms, 1))))


main()
