"""A locustfile whose web UI asks for a login, after the example in Locust's documentation."""

from locust2influx import start

start("shop")

from flask_login import UserMixin
from locust import User, constant, events, task


class Known(UserMixin):
    def get_id(self):
        return "known"


@events.init.add_listener
def require_login(environment, **_kwargs):
    if environment.web_ui:
        environment.web_ui.app.secret_key = "for sessions"
        environment.web_ui.login_manager.user_loader(lambda _name: Known())


class Visitor(User):
    wait_time = constant(0.2)

    @task
    def visit(self):
        request = {"request_type": "GET", "name": "/", "response_time": 10, "response_length": 10}
        self.environment.events.request.fire(exception=None, context={}, **request)

    @task
    def log(self):
        request = {"request_type": "GET", "name": "/untimed", "response_time": None, "response_length": 0}
        self.environment.events.request.fire(exception=None, context={}, **request)
