"""Prints what the companion registers of web UIs, as JSON: address and TLS of each.

Arguments: the folder of locust2influx.py, and as JSON a list of Locust's options and settings of the companion.
"""

import gevent.monkey

gevent.monkey.patch_all()

import json
import sys
import types

sys.path.insert(0, sys.argv[1])

import locust2influx

GIVEN = {"url": "http://127.0.0.1", "token": "t", "target": "shop"}
NAMES = ("url", "token", "target", "interval", "tags", "address", "ca", "verify")


def registered(options, given):
    test = locust2influx.LoadTest(types.SimpleNamespace(), types.SimpleNamespace(**options))
    test.is_headless = False
    settings = locust2influx.Settings("shop", dict(dict.fromkeys(NAMES), **dict(GIVEN, **given)), test)
    return {"address": settings.address, "tls": settings.tls}


def registered_or_problem(options, given):
    try:
        return registered(options, given)
    except locust2influx.SettingsError as error:
        return {"problem": str(error)}


print(json.dumps([registered_or_problem(*each) for each in json.loads(sys.argv[2])]))
