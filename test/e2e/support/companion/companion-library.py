"""Uses Locust as a library: no options, and none of the events that its command fires at its end.

Arguments: `local` or `worker`, the URL of the app that is tested, a free port.
"""

import gevent.monkey

gevent.monkey.patch_all()

import logging
import sys

import gevent
import locust
import locust2influx
from locust.env import Environment

ROLE, APP_URL, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
SECONDS = 4

logging.basicConfig(level=logging.INFO)
locust2influx.start("shop")


class Shopper(locust.HttpUser):
    host = APP_URL
    wait_time = locust.constant(0.2)

    @locust.task
    def look(self):
        self.client.get("/plain")


environment = Environment(user_classes=[Shopper], events=locust.events)
if ROLE == "worker":
    master = Environment(user_classes=[Shopper]).create_master_runner("127.0.0.1", PORT)
    runner = environment.create_worker_runner("127.0.0.1", PORT)
else:
    runner = environment.create_local_runner()
locust.events.init.fire(environment=environment, runner=runner, web_ui=None)
starter = master if ROLE == "worker" else runner
while ROLE == "worker" and not master.clients.ready:
    gevent.sleep(0.05)
starter.start(2, spawn_rate=2)
gevent.sleep(SECONDS)
starter.stop()
print("requests: %d" % starter.stats.total.num_requests)
