"""An example load test of shop.py: people who look at products, and some who buy."""

from locust import HttpUser, between, task


class Visitor(HttpUser):
    wait_time = between(0.5, 2)

    @task(6)
    def look(self):
        self.client.get("/products/4711", name="/products/{id}")

    @task(3)
    def search(self):
        self.client.get("/search?q=bicycle", name="/search")

    @task(1)
    def buy(self):
        self.client.post("/orders", data="product=4711")
