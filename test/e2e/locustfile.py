"""A load test for the e2e tests: a few endpoints with names that are hard to store. Runs on Locust 0.14 to today's.

The host is support/target-app.ts, which fails /sometimes and is slow on /slow; port 1 of loopback refuses connections.
"""

import locust.runners

try:
    from locust import HttpUser, between
except ImportError:  # before Locust 1.0
    from locust import HttpLocust, TaskSet, between

    HttpUser = None

# A worker that a busy machine holds up for some seconds has not died.
locust.runners.HEARTBEAT_LIVENESS = 60

NAMES = [
    "/plain",
    "/with space, comma, key=value",
    "/\"double\" 'single' quotes",
    "/back\\slash/at/the/end\\",
    "/line\nbreak\tand tab",
    "/商品/详情",
    "/<b>bold</b>&amp;<script>alert(1)</script>",
    "/emoji/🦗",
]


def ask_for_names(user):
    for name in NAMES:
        user.client.get("/ok", name=name)


def post_sometimes(user):
    user.client.post("/sometimes", data="x" * 100, name="/sometimes")


def get_slow(user):
    user.client.get("/slow", name="/slow")


def get_refused(user):
    user.client.get("http://127.0.0.1:1/refused", name="/refused")


TASKS = {ask_for_names: 3, post_sometimes: 3, get_slow: 1, get_refused: 1}

if HttpUser is not None:

    class Shopper(HttpUser):
        tasks = TASKS
        wait_time = between(0.5, 1.0)

else:

    class Behaviour(TaskSet):
        tasks = TASKS

    class Shopper(HttpLocust):
        task_set = Behaviour
        wait_time = between(0.5, 1.0)
