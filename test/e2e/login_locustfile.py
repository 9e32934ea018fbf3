"""A locustfile whose web UI wants a user name and a password, as `--web-login` leaves it to locustfiles to check them."""

import os

from flask import redirect, request, url_for
from flask_login import UserMixin, login_user
from locust import User, constant, events, task


class Known(UserMixin):
    def __init__(self, name):
        self.name = name

    def get_id(self):
        return self.name


@events.init.add_listener
def require_login(environment, **_kwargs):
    if not environment.web_ui:
        return
    app = environment.web_ui.app
    # Another at each start, which ends all sessions.
    app.config["SECRET_KEY"] = os.urandom(16)
    environment.web_ui.login_manager.user_loader(Known)
    environment.web_ui.auth_args = {"username_password_callback": "/check_password"}

    @app.route("/check_password", methods=["POST"])
    def check_password():
        if request.form.get("password") == "sesame":
            login_user(Known(request.form["username"]))
            return redirect(url_for("locust.index"))
        return redirect(url_for("locust.login"))


class Visitor(User):
    wait_time = constant(0.2)

    @task
    def visit(self):
        timing = {"request_type": "GET", "name": "/", "response_time": 10, "response_length": 10}
        self.environment.events.request.fire(exception=None, context={}, **timing)
