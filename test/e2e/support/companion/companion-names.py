"""Prints the target ids that the companion makes of projects and hosts by itself, as JSON.

Arguments: the folder of locust2influx.py, and as JSON a list of [project, host].
"""

import gevent.monkey

gevent.monkey.patch_all()

import json
import sys

sys.path.insert(0, sys.argv[1])

import locust2influx


class HeadlessTest:
    is_headless = True

    def __init__(self, host):
        self._host = host

    def host(self):
        return self._host


GIVEN = {"url": "http://127.0.0.1", "token": "t", "target": None, "interval": None, "tags": None, "address": None}

settings = [locust2influx.Settings(project, GIVEN, HeadlessTest(host)) for project, host in json.loads(sys.argv[2])]
print(json.dumps([each.target for each in settings]))
