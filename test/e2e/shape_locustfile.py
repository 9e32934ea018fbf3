"""The same users as those of locustfile.py, as many as a load shape asks for: three steps of three seconds."""

from locust import LoadTestShape

from locustfile import Shopper  # noqa: F401

STEP_SECONDS = 3
STEPS = (4, 8, 5)


class Steps(LoadTestShape):
    def tick(self):
        step = int(self.get_run_time() // STEP_SECONDS)
        return (STEPS[step], 10) if step < len(STEPS) else None
