"""Asks one endpoint of the target app after the other, often enough for a p95 of each."""

from locust2influx import start

start("shop")

from locust import HttpUser, constant, task


class Shopper(HttpUser):
    wait_time = constant(0)

    @task
    def shop(self):
        self.client.get("/slow")
        self.client.get("/ok")
