"""Asks as fast as it can, with the companion or without it: COMPANION is "with" or "without"."""

import os

if os.environ["COMPANION"] == "with":
    from locust2influx import start

    start("throughput")

from locust import HttpUser, constant, task


class Hasty(HttpUser):
    wait_time = constant(0)

    @task
    def ask(self):
        self.client.get("/ok")
