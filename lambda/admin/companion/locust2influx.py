"""Reports a Locust load test to locust2influx, from inside Locust.

In the locustfile:

    from locust2influx import start
    start("my-project")

and in the environment LOCUST2INFLUX_URL, the API's base URL, and LOCUST2INFLUX_TOKEN, its reporter token.

Without the web UI (--headless, --no-web) it reports a test's statistics at every interval. With it, it registers this
Locust as a target, so that the collector fetches them, and reports what the collector could miss: a test's first minute
and its end. On a worker it does nothing: the master reports for all.

Each start of Locust puts the target as the locustfile says, and switched on. What people change after it, a pause too,
lasts until the next start: renewals only put off the instant at which the target expires.

It never fails or slows the test: it works in greenlets of its own, keeps at most 100 unsent reports, holds the exit up
for less than 5 s, and raises nothing. Python 3.6 or later, Locust 0.14 to today, nothing else.
"""

import atexit
import calendar
import collections
import gzip
import hashlib
import heapq
import json
import logging
import os
import re
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

import gevent
import gevent.event
import locust
from locust import runners
from locust import stats as locust_stats

__all__ = ["start"]

INTERVALS_SECONDS = (2, 5, 10, 15, 20, 30, 60)
DEFAULT_INTERVAL_SECONDS = 10
#: Of one call, from the name's resolution to the answer's end.
CALL_TIMEOUT_SECONDS = 5
#: Less than the 5 s by which an exit may be delayed at most.
EXIT_SECONDS = 4.5
EXIT_RETRY_SECONDS = 0.5
EXIT_LAST_TRY_SECONDS = 1
FIRST_RETRY_SECONDS = 1
MAX_RETRY_SECONDS = 30
MAX_RETRY_AFTER_SECONDS = 300
MAX_UNSENT = 100
RENEW_SECONDS = 180
#: The collector sees a new target, and a run that a report began, when its next minute begins.
UNSEEN_SECONDS = 60
EXPIRY_SECONDS = 600
#: Workers send their last figures up to 3 s after a test has been stopped.
SETTLE_SECONDS = 4
#: As many as Locust's own answer has.
MAX_ROWS = 500
#: Of an error's text; locust2influx keeps 1 kB.
MAX_ERROR_LENGTH = 2000
MIN_ID_LENGTH = 3
MAX_ID_LENGTH = 64
ID_HASH_LENGTH = 8
MAX_ANSWER_BYTES = 1024 * 1024
ACTIVE_STATES = ("hatching", "spawning", "running")

#: Its name changed with Locust 1.0.
WorkerRunner = getattr(runners, "WorkerRunner", None) or runners.SlaveLocustRunner

logger = logging.getLogger("locust2influx")


def start(project, url=None, token=None, target=None, interval=None, tags=None, address=None):
    """Has this Locust's tests kept by locust2influx. To be called once, at the top of a locustfile.

    What is not given is taken from the environment:

    project   the project that the test belongs to
    url       LOCUST2INFLUX_URL       base URL of the API
    token     LOCUST2INFLUX_TOKEN     its reporter token
    target    LOCUST2INFLUX_TARGET    the target's id; default: from project and host under test
    interval  LOCUST2INFLUX_INTERVAL  seconds between two samples: 2, 5, 10 (default), 15, 20, 30 or 60
    tags      LOCUST2INFLUX_TAGS      tags of every point: a dict, or "team=a,env=ci"
    address   LOCUST2INFLUX_ADDRESS   the web UI's URL as others reach it; default: host name and web port

    Raises nothing: what is wrong is logged once Locust runs, and nothing is reported. A second call does nothing.
    """
    if not _started:
        given = {"url": url, "token": token, "target": target, "interval": interval, "tags": tags, "address": address}
        companion = Companion(project, given)
        _started.append(companion)
        _listen(companion)
        # Who uses Locust as a library seldom fires `quitting`.
        atexit.register(companion.locust_quits)


_started = []


class SettingsError(Exception):
    """A setting is missing or wrong; says which, and what is allowed. Never holds the token."""


class Settings(object):
    """What `start` was given, completed from the environment and Locust's options. SettingsError where it is wrong."""

    def __init__(self, project, given, test):
        self.project = str(project or "")
        if not self.project or len(self.project) > 256 or not self.project.isprintable():
            raise SettingsError("project: 1 to 256 printable characters")
        self.url = _api_url(_setting(given, "url"))
        self.token = str(_setting(given, "token") or "").strip()
        if not self.token:
            raise SettingsError("LOCUST2INFLUX_TOKEN is not set: the API's reporter token")
        if not re.fullmatch("[!-~]+", self.token):
            raise SettingsError("LOCUST2INFLUX_TOKEN: the API's reporter token, without spaces")
        self.target = str(_setting(given, "target") or _default_target(self.project, test.host()))
        if not re.fullmatch("[a-z0-9][a-z0-9-]{1,62}[a-z0-9]", self.target):
            raise SettingsError("LOCUST2INFLUX_TARGET: 3 to 64 lower-case letters, digits and hyphens inside")
        self.interval_seconds = _interval(_setting(given, "interval"))
        self.tags = _tags(_setting(given, "tags"))
        self.address = None if test.is_headless else str(_setting(given, "address") or test.web_address())


def _setting(given, name):
    return given[name] if given[name] is not None else os.environ.get("LOCUST2INFLUX_" + name.upper())


def _api_url(value):
    text = str(value or "").strip()
    if not text:
        raise SettingsError("LOCUST2INFLUX_URL is not set: the base URL of the API, such as https://example.com")
    if not re.match("https?://", text, re.IGNORECASE):
        # Only what looks like host and port is shown: anything else could be the token.
        shown = ': "%s"' % text if re.fullmatch("[A-Za-z0-9.-]{1,253}:[0-9]{1,5}(/v1)?/?", text) else ""
        raise SettingsError("LOCUST2INFLUX_URL%s does not begin with http:// or https://" % shown)
    try:
        parts = urllib.parse.urlsplit(text)
        is_url = parts.hostname and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise SettingsError("LOCUST2INFLUX_URL: the base URL of the API, such as https://example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingsError("LOCUST2INFLUX_URL: no credentials, query or fragment; the token is LOCUST2INFLUX_TOKEN")
    # Every call's path begins with /v1 anyhow, and people copy it from their calls.
    return parts._replace(path=re.sub("(/+v1)?/*$", "", parts.path)).geturl()


def _interval(value):
    try:
        seconds = DEFAULT_INTERVAL_SECONDS if value in (None, "") else int(value)
    except (TypeError, ValueError):
        seconds = 0
    if seconds not in INTERVALS_SECONDS:
        allowed = ", ".join(str(each) for each in INTERVALS_SECONDS)
        raise SettingsError("LOCUST2INFLUX_INTERVAL: one of %s (seconds)" % allowed)
    return seconds


def _tags(value):
    if isinstance(value, dict):
        return {str(key): str(text) for key, text in value.items()}
    pairs = [pair.partition("=") for pair in str(value or "").split(",") if pair.strip()]
    if not all(key.strip() and text.strip() for key, _, text in pairs):
        raise SettingsError("LOCUST2INFLUX_TAGS: like team=a,env=ci")
    return {key.strip(): text.strip() for key, _, text in pairs}


def _default_target(project, host):
    """The same for each run against the same system, so that runs can be compared, and another for each other one.

    An id holds little: what does not fit into it, but for separators, is told by a hash at its end.
    """
    named = urllib.parse.urlsplit(host or "")
    words = "%s %s%s" % (project, named.netloc.rpartition("@")[2] or socket.gethostname(), named.path)
    text = words.lower()
    readable = re.sub("[^a-z0-9]+", "-", text).strip("-")
    if MIN_ID_LENGTH <= len(readable) <= MAX_ID_LENGTH and re.fullmatch("[a-z0-9 ._:/-]*", text):
        return readable
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:ID_HASH_LENGTH]
    return (readable[: MAX_ID_LENGTH - ID_HASH_LENGTH - 1].rstrip("-") + "-" + digest).lstrip("-")


class LoadTest(object):
    """One Locust process that is no worker, whatever its release: its runner, its options, its statistics."""

    def __init__(self, runner, options, environment=None, web_ui=None):
        self.runner = runner
        self._options = options
        self._environment = environment
        #: Before Locust 1.0 there is nothing but the option to tell.
        self.is_headless = web_ui is None if environment else bool(getattr(options, "no_web", False))
        self.is_master = hasattr(runner, "clients")

    def is_active(self):
        return self.runner.state in ACTIVE_STATES

    def host(self):
        """The system under test: --host, or what the first user class says; None where neither does."""
        classes = getattr(self.runner, "user_classes", None) or getattr(self.runner, "locust_classes", [])
        hosts = [getattr(self._environment, "host", None), getattr(self._options, "host", None)]
        return next((host for host in hosts + [getattr(each, "host", None) for each in classes] if host), None)

    def web_address(self):
        """Under which the web UI is reached by others, if this machine's name is known to them."""
        options = self._options
        host = getattr(options, "web_host", None)
        everywhere = host in (None, "", "*", "0.0.0.0", "::")
        scheme = "https" if getattr(options, "tls_cert", None) else "http"
        port = getattr(options, "web_port", None) or getattr(options, "port", 8089)
        base_path = getattr(options, "web_base_path", None) or ""
        return "%s://%s:%s%s" % (scheme, socket.gethostname() if everywhere else host, port, base_path)

    def snapshot(self):
        """What Locust's /stats/requests would answer now, as a dict, in the newest release's shape.

        Unlike there, shortest and longest response times are not rounded (so that they equal those in Locust's CSV),
        and beyond 500 rows the largest are taken. Gives control to no other greenlet: all figures are of one instant.
        """
        stats = self.runner.stats
        total = _row(stats.total)
        names = ("current_rps", "current_fail_per_sec", "total_rps", "total_fail_per_sec")
        report = {name: total[name] for name in names}
        report.update(
            stats=[_row(entry) for entry in _largest(stats.entries, "num_requests")] + [total],
            errors=[_error(error) for error in _largest(stats.errors, "occurrences")],
            fail_ratio=stats.total.fail_ratio,
            current_response_time_percentiles={
                "response_time_percentile_%s" % each: stats.total.get_current_response_time_percentile(each)
                for each in getattr(locust_stats, "PERCENTILES_TO_CHART", (0.5, 0.95))
            },
            state=self.runner.state,
            user_count=self.runner.user_count,
        )
        if self.is_master:
            report["workers"] = [_worker(node) for node in self.runner.clients.values()]
        return report


def _largest(by_key, counter):
    if len(by_key) <= MAX_ROWS:
        return by_key.values()
    return heapq.nlargest(MAX_ROWS, by_key.values(), key=lambda each: getattr(each, counter))


ROW_FIGURES = (
    "num_requests num_failures max_response_time current_rps current_fail_per_sec avg_response_time "
    "median_response_time total_rps total_fail_per_sec avg_content_length"
).split()


def _row(entry):
    row = {name: getattr(entry, name) for name in ROW_FIGURES}
    row.update(method=entry.method, name=str(entry.name), min_response_time=entry.min_response_time or 0)
    for percentile in getattr(locust_stats, "PERCENTILES_TO_STATISTICS", (0.95, 0.99)):
        row["response_time_percentile_%s" % percentile] = entry.get_response_time_percentile(percentile)
    return row


def _error(error):
    as_dict = (getattr(error, "to_dict", None) or error.serialize)()
    as_dict["error"] = str(as_dict["error"])[:MAX_ERROR_LENGTH]
    return as_dict


def _worker(node):
    names = ("id", "state", "user_count", "cpu_usage", "memory_usage")
    return {name: getattr(node, name) for name in names if hasattr(node, name)}


#: `status` is None where no answer of the API came; `problem` says what went wrong, on one line, without any secret;
#: `content` is what came with a success, and `etag` the target's version.
Answer = collections.namedtuple("Answer", "status problem retry_after_seconds content etag")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other: following it would show the token to another server."""

    def redirect_request(self, *_args):
        return None


class Api(object):
    """The API, asked through the standard library, which gevent makes cooperative and Locust does not count."""

    def __init__(self, url, token):
        self._url = url
        self._token = token
        # As curl does: proxies from the environment alone, certificates checked whatever the locustfile has changed.
        handlers = [urllib.request.ProxyHandler(urllib.request.getproxies_environment()), NoRedirect()]
        if url.startswith("https:"):
            handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context()))
        self._opener = urllib.request.build_opener(*handlers)

    def call(self, method, path, content, within_seconds, if_match=None):
        """Makes one call. Raises nothing: whatever happens is an Answer."""
        content_type, data = content
        headers = {
            "Authorization": "Bearer " + self._token,
            "Content-Type": content_type,
            "User-Agent": "locust2influx-companion",
        }
        if if_match is not None:
            headers["If-Match"] = if_match
        request = urllib.request.Request(self._url + path, data=data, headers=headers, method=method)
        try:
            with gevent.Timeout(within_seconds, TimeoutError("no answer within %.1f s" % within_seconds)):
                with self._opener.open(request, timeout=within_seconds) as response:
                    return self._success(response)
        except urllib.error.HTTPError as error:
            return self._refusal(error)
        except Exception as error:
            return Answer(None, _one_line(getattr(error, "reason", error)), None, None, None)

    def _success(self, response):
        """A web page is none, however well it was served: behind a wrong URL nothing would be stored."""
        try:
            content = json.loads(response.read(MAX_ANSWER_BYTES).decode("utf-8"))
        except ValueError:
            content = None
        if isinstance(content, dict):
            return Answer(response.status, None, None, content, response.headers.get("ETag"))
        return Answer(None, "%d with something that no locust2influx API answers" % response.status, None, None, None)

    def _refusal(self, error):
        try:
            with gevent.Timeout(1, TimeoutError("the problem's text did not come")):
                detail = json.loads(error.read(MAX_ANSWER_BYTES).decode("utf-8"))["detail"]
        except Exception:
            detail = error.reason
        finally:
            error.close()
        retry_after = error.headers.get("Retry-After", "")
        seconds = min(int(retry_after), MAX_RETRY_AFTER_SECONDS) if retry_after.isdecimal() else None
        return Answer(error.code, _one_line("%d %s" % (error.code, detail)), seconds, None, None)


def _one_line(value):
    return " ".join(str(value).split())[:300]


def _json(value):
    # Figures may be of NumPy's types.
    return "application/json", json.dumps(value, default=float).encode("utf-8")


def _gzipped_json(value):
    # As application/json, API Gateway would take it for text and spoil it. Level 1 is the quickest.
    return "application/gzip", gzip.compress(_json(value)[1], 1)


class Sender(object):
    """Registers the target and delivers reports, oldest first, in one greenlet.

    Calls that are worth it are repeated, ever more slowly, or when the API says (Retry-After); at exit sooner, for then
    the alternative is loss. Logs one line when delivery breaks and one when it works again.
    """

    def __init__(self, api, settings):
        self._api = api
        self._settings = settings
        self._unsent = collections.deque(maxlen=MAX_UNSENT)
        self._must_register = True
        self._must_renew = False
        #: The target's version as this Locust left it; None where that is not known.
        self._etag = None
        self._lost = 0
        self._broken = False
        #: That it is broken because a report was refused, which no other call can mend.
        self._refuses = False
        self._failures = 0
        self._closing_at = None
        self._withdraws = False
        self._wake = gevent.event.Event()
        self.is_off = False
        #: When the target was registered for the first time; None before.
        self.registered_at = None
        self._greenlet = gevent.spawn(self._run)

    def add(self, at_seconds, report):
        """Has a report sent. `at_seconds` is the instant it was taken at, which identifies it."""
        if self.is_off:
            return
        if len(self._unsent) == MAX_UNSENT:
            self._lost += 1
        self._unsent.append((_instant(at_seconds), _gzipped_json(report)))
        self._wake.set()

    def renew(self):
        """Has the target expire later."""
        self._must_renew = True
        self._wake.set()

    def close(self):
        """Waits until everything is delivered, but not longer than EXIT_SECONDS after its first call."""
        if self._closing_at is None:
            self._closing_at = time.time() + EXIT_SECONDS
            self._withdraws = self._settings.address is not None
            self._wake.set()
        self._greenlet.join(timeout=max(0, self._closing_at - time.time()))
        if not self._greenlet.dead:
            self._greenlet.kill(block=False)
        if self._unsent:
            logger.warning("Locust exits; %d reports are lost.", len(self._unsent))
            self._unsent.clear()

    def _run(self):
        try:
            self._deliver()
        except Exception:
            self.is_off = True
            logger.exception("Nothing more is reported")

    def _deliver(self):
        while not self.is_off:
            if self._must_register:
                answer = self._put()
                self._settle(answer, lambda: self._registered(answer))
            elif self._must_renew:
                answer = self._renewal()
                self._settle(answer, lambda: self._renewed(answer), self._not_renewed)
            elif self._unsent:
                oldest = self._unsent[0]
                self._settle(self._post(oldest), lambda: self._sent(oldest), lambda: self._refused(oldest))
            elif self._withdraws:
                self._withdraw()
            elif self._closing_at is not None:
                return
            else:
                self._wake.wait()
                self._wake.clear()

    def _put(self):
        settings = self._settings
        body = {"project": settings.project, "sampleSeconds": settings.interval_seconds, "tags": settings.tags}
        body["enabled"] = True
        if settings.address is None:
            # A short test may be over before it is more than spawning.
            body.update(source="report", states=["spawning", "running"])
        else:
            body.update(url=settings.address, expiresAt=_expiry())
        return self._call("PUT", "", _json(body))

    def _renewal(self):
        return self._anew_if_gone(self._call("PATCH", "", _json({"expiresAt": _expiry()})))

    def _post(self, report):
        at, content = report
        return self._anew_if_gone(self._call("POST", "/reports?at=" + urllib.parse.quote(at), content))

    def _anew_if_gone(self, answer):
        if answer.status == 404:
            self._must_register = True
        return answer

    def _withdraw(self):
        """Switches the target off. `expiresAt` stays, for where this fails.

        Not where others have changed the target, which then expires by itself: the next Locust, started before this one
        has quit, would be off as well.
        """
        answer = self._call("PATCH", "", _json({"enabled": False}), self._etag)
        if answer.status in (404, 412):
            self._withdraws = False
        else:
            self._settle(answer, self._withdrawn)

    def _call(self, method, path, content, if_match=None):
        within_seconds = CALL_TIMEOUT_SECONDS
        if self._closing_at is not None:
            # Ends before `close` ends its waiting, so that what went wrong is told before what is lost.
            within_seconds = min(within_seconds, max(0.1, self._closing_at - time.time() - 0.2))
        path = "/v1/targets/" + self._settings.target + path
        return self._api.call(method, path, content, within_seconds, if_match)

    def _settle(self, answer, done, refused=None):
        """Acts on an answer. `refused` is for calls that may be given up; without it a refusal is the end."""
        status = answer.status
        if status is not None and 200 <= status < 300:
            done()
        elif status is None or status in (408, 425, 429) or status >= 500 or (status == 404 and refused):
            self._breaks(answer)
            self._pause(answer.retry_after_seconds)
        elif refused and status not in (401, 403):
            self._breaks(answer)
            refused()
        else:
            self.is_off = True
            self._unsent.clear()
            problem = answer.problem
            if status == 401:
                problem = problem.rstrip(".") + "; check LOCUST2INFLUX_TOKEN"
            logger.error("Nothing more is reported: %s answered %s", self._settings.url, problem)

    def _registered(self, answer):
        self._must_register = False
        self._must_renew = False
        self._etag = answer.etag
        self._refuses = False
        self._works()
        if self.registered_at is not None:
            return
        self.registered_at = time.time()
        if _is_reported(answer.content, 2 * self._settings.interval_seconds):
            text = "Target %s is in a run that another Locust reports, or did until now: give each its own"
            logger.warning(text + " (LOCUST2INFLUX_TARGET).", self._settings.target)

    def _renewed(self, answer):
        self._must_renew = False
        self._etag = answer.etag
        self._works()

    def _not_renewed(self):
        """The next one may be."""
        self._must_renew = False

    def _withdrawn(self):
        self._withdraws = False
        self._works()

    def _sent(self, report):
        self._refuses = False
        self._works()
        self._drop(report)

    def _refused(self, report):
        self._refuses = True
        self._drop(report)
        self._lost += 1

    def _drop(self, report):
        # A full queue may have dropped it in the meantime.
        if self._unsent and self._unsent[0] is report:
            self._unsent.popleft()

    def _breaks(self, answer):
        self._failures += 1
        if not self._broken:
            self._broken = True
            url = self._settings.url
            logger.warning("Reporting to %s fails: %s. The last %d reports are kept.", url, answer.problem, MAX_UNSENT)

    def _works(self):
        if self._refuses:
            return
        self._failures = 0
        if self._broken:
            self._broken = False
            late = len(self._unsent)
            logger.warning("Reporting works again; %d reports are sent late, %d are lost.", late, self._lost)
            self._lost = 0

    def _pause(self, retry_after_seconds):
        delay = min(MAX_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(self._failures - 1, 10))
        until = time.time() + (delay if retry_after_seconds is None else retry_after_seconds)
        while self._closing_at is None and time.time() < until:
            self._wake.wait(timeout=until - time.time())
            self._wake.clear()
        if self._closing_at is not None:
            left = self._closing_at - time.time() - EXIT_LAST_TRY_SECONDS
            gevent.sleep(max(EXIT_RETRY_SECONDS, min(retry_after_seconds or 0, left)))


def _is_reported(target, within_seconds):
    """Whether a target is in a run of which something came lately, by the API's own clock."""
    try:
        status = target["status"]
        seconds = _seconds(target["updatedAt"]) - _seconds(status["checkedAt"])
        return bool(status.get("run")) and seconds < within_seconds
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _expiry():
    return _instant(time.time() + EXPIRY_SECONDS)


def _seconds(instant):
    return calendar.timegm(time.strptime(instant[:19], "%Y-%m-%dT%H:%M:%S"))


def _instant(at_seconds):
    """As the API takes it: UTC, with milliseconds."""
    seconds, milliseconds = divmod(int(round(at_seconds * 1000)), 1000)
    return "%s.%03dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)), milliseconds)


def _never_raises(method):
    """For what Locust calls: an exception in a listener would change the test's exit code."""

    def guarded(self, *_args, **_kwargs):
        try:
            return method(self)
        except Exception:
            logger.exception("Failed in %s; the test goes on", method.__name__)

    return guarded


class Companion(object):
    """Turns Locust's events into registrations and reports.

    When the numbers are final differs. A local runner fires its stop event after its last user has ended, whether that
    is before `quitting` (the run time is over) or after it (SIGTERM, Ctrl-C). A master fires it before its workers have
    sent their last figures: those are there SETTLE_SECONDS later, or when its own listener of `quitting` has waited.
    """

    def __init__(self, project, given):
        self._project = project
        self._given = given
        self._test = None
        self._settings = None
        self._sender = None
        self._is_running = False
        #: When the test began that runs, or ran last.
        self._started_at = 0
        self._is_quitting = False
        #: That reports cannot be made, which is told once.
        self._has_told = False
        #: Samples while a test runs; after it, waits for a master's last figures.
        self._watcher = None

    def locust_is_there(self, runner, options, environment=None, web_ui=None):
        """To be called before the first test in each process of Locust; calls after the first do nothing."""
        if self._test is not None or isinstance(runner, WorkerRunner):
            return
        try:
            self._test = LoadTest(runner, options, environment, web_ui)
            self._settings = Settings(self._project, self._given, self._test)
            self._sender = Sender(Api(self._settings.url, self._settings.token), self._settings)
            if not self._test.is_headless:
                gevent.spawn(self._renew)
            logger.info("Target %s at %s", self._settings.target, self._settings.url)
        except SettingsError as error:
            logger.error("Nothing is reported. %s", error)
        except Exception:
            logger.exception("Nothing is reported")

    @_never_raises
    def test_starts(self):
        if self._sender is None:
            return
        self._is_running = True
        self._started_at = time.time()
        self._watch(self._sample)

    @_never_raises
    def test_stops(self):
        if not self._is_running:
            return
        if self._test.is_master:
            self._watch(self._settle)
        else:
            self._end()
        if self._is_quitting:
            self._sender.close()

    @_never_raises
    def locust_quits(self):
        if self._sender is None:
            return
        self._is_quitting = True
        if self._test.is_master:
            self._end()
        if not self._is_running:
            self._sender.close()

    def _watch(self, watch):
        if self._watcher is not None:
            self._watcher.kill(block=False)
        self._watcher = gevent.spawn(watch) if watch else None

    def _renew(self):
        while not self._sender.is_off:
            gevent.sleep(RENEW_SECONDS)
            self._sender.renew()

    def _sample(self):
        """Once when the test has begun, so that the shortest one is seen, then at multiples of the interval.

        With the web UI the collector takes over at its next minute. Samples that both take are the same points.
        """
        while not self._test.is_active():
            gevent.sleep(0.05)
        self._report(time.time())
        interval_seconds = self._settings.interval_seconds
        while self._reports_by_itself():
            at_seconds = (time.time() // interval_seconds + 1) * interval_seconds
            while time.time() < at_seconds:
                gevent.sleep(at_seconds - time.time())
            if self._test.is_active():
                self._report(at_seconds)

    def _reports_by_itself(self):
        now = time.time()
        unseen_from = max(self._started_at, self._sender.registered_at or now)
        return not self._sender.is_off and (self._test.is_headless or now < unseen_from + UNSEEN_SECONDS)

    def _settle(self):
        gevent.sleep(SETTLE_SECONDS)
        self._watcher = None
        self._end()

    @_never_raises
    def _end(self):
        """Reports the final numbers, once for each test."""
        if self._is_running:
            self._is_running = False
            self._watch(None)
            self._report(time.time())

    def _report(self, at_seconds):
        try:
            report = self._test.snapshot()
            if not self._is_running:
                # A master that quits has not heard from all its workers yet, or does not say at all that it is over.
                report["state"] = "stopped"
            self._sender.add(at_seconds, report)
        except Exception:
            if not self._has_told:
                self._has_told = True
                logger.exception("A report could not be made; the test goes on")


def _listen(companion):
    """Listens from now on: a listener of `quitting` that came first is called last, after a master's own."""
    events = locust.events
    if not hasattr(events, "init"):
        _listen_before_1_0(companion, events)
        return
    events.init.add_listener(lambda environment, **_kwargs: _init(companion, environment))
    events.test_start.add_listener(companion.test_starts)
    events.test_stop.add_listener(companion.test_stops)
    events.quitting.add_listener(companion.locust_quits)


def _init(companion, environment):
    companion.locust_is_there(environment.runner, environment.parsed_options, environment, environment.web_ui)


def _listen_before_1_0(companion, events):
    """There is no event when the runner has been made: looks for it, and at the first start at the latest."""

    def is_there():
        if runners.locust_runner is not None:
            companion.locust_is_there(runners.locust_runner, runners.locust_runner.options)
        return runners.locust_runner is not None

    def wait_for_runner():
        while not is_there():
            gevent.sleep(0.05)

    def test_starts():
        is_there()
        companion.test_starts()

    for hook, listener in (
        (events.locust_start_hatching, test_starts),
        (events.master_start_hatching, test_starts),
        (events.locust_stop_hatching, companion.test_stops),
        (events.master_stop_hatching, companion.test_stops),
        (events.quitting, companion.locust_quits),
    ):
        hook += listener
    gevent.spawn(wait_for_runner)
