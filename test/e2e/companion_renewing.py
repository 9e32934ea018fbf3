"""The load test of companion_locustfile.py with renewals every second, which a test can wait for."""

import locust2influx

locust2influx.RENEW_SECONDS = 1

from companion_locustfile import Shopper

__all__ = ["Shopper"]
