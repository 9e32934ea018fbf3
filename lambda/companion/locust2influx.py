"""Reports a Locust load test to locust2influx, from inside Locust.

In the locustfile:

    from locust2influx import start
    start("my-project")

Set LOCUST2INFLUX_URL to the base URL of the API, and LOCUST2INFLUX_TOKEN to its reporter token.

Without the web UI (--headless, --no-web) it sends a report at every interval. With the web UI it registers this Locust
as a target, which the collector then reads, and reports what the collector could miss: a test's first minute and its
end. On a worker it does nothing; the master reports for all.

Each time Locust starts, it registers the target again, switched on, with the locustfile's settings. What people change
afterwards, a pause too, lasts until the next start: renewals change nothing but when the target expires.

It never fails the test or slows it down, unless it is asked to: with criteria, a headless Locust 1.0 or later that
runs to its end exits with code 1 if its run failed them, and 2 if that is unsure or not known. It runs in its own
greenlets, keeps at most 100 unsent reports, delays the exit by less than 5 s (10 s with criteria) and never raises. It
needs Python 3.6 or later and Locust 0.14 or later, and nothing else.
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
#: For one call, from resolving the name to the end of the answer.
CALL_TIMEOUT_SECONDS = 5
#: An exit may be delayed by 5 s at most.
EXIT_SECONDS = 4.5
EXIT_RETRY_SECONDS = 0.5
EXIT_LAST_TRY_SECONDS = 1
#: For the verdict, after everything is delivered.
VERDICT_SECONDS = 5
VERDICT_RETRY_SECONDS = 0.3
EXIT_CODES = {"failed": 1, "unsure": 2}
FIRST_RETRY_SECONDS = 1
MAX_RETRY_SECONDS = 30
MAX_RETRY_AFTER_SECONDS = 300
MAX_UNSENT = 100
RENEW_SECONDS = 180
#: The collector notices a new target, and a run that a report began, when its next minute begins.
UNSEEN_SECONDS = 60
EXPIRY_SECONDS = 600
#: How often a test with the web UI asks whether the collector reads it.
CHECK_SECONDS = 15
#: So many have to find the same in a row: one failed attempt is none yet, and a read shows within a minute.
CHECKS_FAILED = 2
CHECKS_UNREAD = 4
NEVER_CHECKED = object()
#: Workers send their last figures up to 3 s after a test has been stopped.
SETTLE_SECONDS = 4
#: As many as Locust's own answer holds.
MAX_ROWS = 500
#: Length of an error's text; locust2influx keeps 1 kB.
MAX_ERROR_LENGTH = 2000
MIN_ID_LENGTH = 3
MAX_ID_LENGTH = 64
ID_HASH_LENGTH = 8
MAX_ANSWER_BYTES = 1024 * 1024
ACTIVE_STATES = ("hatching", "spawning", "running")

#: A clock that is slowed down to be corrected goes back by less.
SET_BACK_SECONDS = 1

#: Its name changed with Locust 1.0.
WorkerRunner = getattr(runners, "WorkerRunner", None) or runners.SlaveLocustRunner

logger = logging.getLogger("locust2influx")


class Clock(object):
    """The time of day, in seconds since the epoch, which goes on where the machine's clock is set back.

    Samples of a time that has been sampled already would be known ones to the API, and waits would be as long as the
    jump. A clock that is set forward is followed.
    """

    def __init__(self):
        self.follow()

    def follow(self):
        """Takes what the machine's clock says now, whatever it said before."""
        self._now = time.time()
        self._steady = time.monotonic()

    def now(self):
        steady = time.monotonic()
        gone_on = self._now + steady - self._steady
        wall = time.time()
        self._now = gone_on if wall < gone_on - SET_BACK_SECONDS else wall
        self._steady = steady
        return self._now


_clock = Clock()


def start(
    project,
    url=None,
    token=None,
    target=None,
    interval=None,
    tags=None,
    address=None,
    ca=None,
    verify=None,
    criteria=None,
    baseline=None,
    strict=None,
):
    """Records this Locust's tests in locust2influx. Call it once, at the top of a locustfile.

    Whatever is not given is taken from the environment:

    project   the project that the test belongs to
    url       LOCUST2INFLUX_URL       base URL of the API
    token     LOCUST2INFLUX_TOKEN     its reporter token
    target    LOCUST2INFLUX_TARGET    the target's id; default: from project and host under test
    interval  LOCUST2INFLUX_INTERVAL  seconds between two samples: 2, 5, 10 (default), 15, 20, 30 or 60
    tags      LOCUST2INFLUX_TAGS      tags of every point: a dict, or "team=a,env=ci"
    address   LOCUST2INFLUX_ADDRESS   the web UI's URL as others reach it; default: host name and web port
    ca        LOCUST2INFLUX_CA        file with the CA of the web UI's certificate; default: itself, if self-signed
    verify    LOCUST2INFLUX_VERIFY    false: the collector accepts any certificate of the web UI
    criteria  LOCUST2INFLUX_CRITERIA  what is asked of a run: a list, or "p95 < 500 ms; GET /pay p99 < 2 s"
    baseline  LOCUST2INFLUX_BASELINE  the run to compare with: its id, or the tags of one, such as "branch=main"
    strict    LOCUST2INFLUX_STRICT    false: where the verdict is not known, the exit code is Locust's own

    Never raises: once Locust runs, a problem is logged and nothing is reported. A second call does nothing.
    """
    if not _started:
        given = {"url": url, "token": token, "target": target, "interval": interval, "tags": tags, "address": address}
        given.update(ca=ca, verify=verify, criteria=criteria, baseline=baseline, strict=strict)
        companion = Companion(project, given)
        _started.append(companion)
        _listen(companion)
        # Programs that use Locust as a library rarely fire `quitting`.
        atexit.register(companion.locust_quits)


_started = []


class SettingsError(Exception):
    """A setting is missing or wrong. Says which one and what is allowed; never holds the token."""


class Settings(object):
    """The arguments of `start`, completed from the environment and Locust's options. Raises SettingsError."""

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
            raise SettingsError("LOCUST2INFLUX_TARGET: 3 to 64 characters: a-z, 0-9 and hyphens, not first or last")
        self.interval_seconds = _interval(_setting(given, "interval"))
        self.tags = _tags("TAGS", _setting(given, "tags"))
        self.criteria = _criteria(_setting(given, "criteria"))
        self.baseline = _baseline(_setting(given, "baseline"))
        _is_true("STRICT", _setting(given, "strict"), True)
        self.address = None if test.is_headless else str(_setting(given, "address") or test.web_address())
        self.tls = None if test.is_headless or not self.address.startswith("https:") else _tls(given, test)


def _setting(given, name):
    value = given.get(name)
    return value if value is not None else os.environ.get("LOCUST2INFLUX_" + name.upper())


def _is_true(name, value, default):
    text = str("" if value is None else value).strip().lower()
    if text not in ("", "true", "false"):
        raise SettingsError("LOCUST2INFLUX_%s: true or false" % name)
    return default if text == "" else text == "true"


def _tls(given, test):
    """How the collector checks the web UI's certificate; None: as any other."""
    if not _is_true("VERIFY", _setting(given, "verify"), True):
        return {"verify": False}
    path = _setting(given, "ca")
    if not path:
        own = test.web_certificate()
        return {"ca": own} if own else None
    try:
        return {"ca": _certificates_in(str(path))}
    except (OSError, ValueError) as error:
        raise SettingsError("LOCUST2INFLUX_CA: a PEM file with a CA certificate (%s)" % _one_line(error)) from error


def _certificates_in(path):
    """Nothing else of the file: keys often lie in the same one."""
    with open(path, encoding="latin-1") as file:
        found = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", file.read(), re.DOTALL)
    if not found:
        raise ValueError("no certificate in it")
    return "\n".join(found) + "\n"


def _api_url(value):
    text = str(value or "").strip()
    if not text:
        raise SettingsError("LOCUST2INFLUX_URL is not set: the base URL of the API, such as https://example.com")
    if not re.match("https?://", text, re.IGNORECASE):
        # Show only what looks like host and port: anything else could be the token.
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


def _tags(name, value):
    if isinstance(value, dict):
        return {str(key): str(text) for key, text in value.items()}
    pairs = [pair.partition("=") for pair in str(value or "").split(",") if pair.strip()]
    if not all(key.strip() and text.strip() for key, _, text in pairs):
        raise SettingsError("LOCUST2INFLUX_%s: pairs such as team=a,env=ci" % name)
    return {key.strip(): text.strip() for key, _, text in pairs}


def _criteria(value):
    """The API reads each of them, and says what is wrong."""
    texts = value if isinstance(value, (list, tuple)) else str(value or "").split(";")
    return [str(text).strip() for text in texts if str(text).strip()]


def _baseline(value):
    """None: the last run that passed."""
    if value is None or value == "" or value == {}:
        return None
    if re.fullmatch("[0-9]{8}T[0-9]{6}Z", str(value)):
        return {"run": str(value)}
    return {"tags": _tags("BASELINE", value)}


def _default_target(project, host):
    """One id for all runs against the same system, so that they can be compared, and another for every other system.

    Where an id cannot hold the whole text, separators aside, it ends in a hash of it.
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
    """One Locust process that is not a worker, of any release: its runner, its options, its statistics."""

    def __init__(self, runner, options, environment=None, web_ui=None):
        self.runner = runner
        self._options = options
        self._environment = environment
        #: Before Locust 1.0 only the option says so.
        self.is_headless = web_ui is None if environment else bool(getattr(options, "no_web", False))
        self.is_master = hasattr(runner, "clients")

    def is_active(self):
        return self.runner.state in ACTIVE_STATES

    def can_fail(self):
        """Whether an exit code can be given. Before Locust 1.0 there was none to give."""
        return self.is_headless and hasattr(self._environment, "process_exit_code")

    def fail(self, code):
        """Has Locust exit with a code, where it is not to exit with another failure's already."""
        if not self._environment.process_exit_code:
            self._environment.process_exit_code = code

    def host(self):
        """The system under test: --host, or what the first user class says; None where neither does."""
        classes = getattr(self.runner, "user_classes", None) or getattr(self.runner, "locust_classes", [])
        hosts = [getattr(self._environment, "host", None), getattr(self._options, "host", None)]
        return next((host for host in hosts + [getattr(each, "host", None) for each in classes] if host), None)

    def _setup(self):
        """What the tester asked for. What is not known, or not certain, is left out.

        Before 2.28, the run time of the web UI's form is not among the options. A load shape asks for users of its own.
        """
        options = self._options
        is_shape = getattr(self._environment, "shape_class", None) is not None
        has_run_time = self.is_headless or _release() >= (2, 28)
        setup = {
            "host": self._only_host(),
            "users": None if is_shape else getattr(self.runner, "target_user_count", None),
            "spawn_rate": None if is_shape else getattr(self.runner, "spawn_rate", None),
            "run_time": getattr(options, "run_time", None) if has_run_time else None,
            "locustfile": getattr(self._environment, "locustfile", None) or getattr(options, "locustfile", None),
            "version": locust.__version__,
        }
        known = {name: value for name, value in setup.items() if value}
        return {name: value if isinstance(value, (int, float)) else str(value) for name, value in known.items()}

    def _only_host(self):
        """The system under test; None where the user classes have several."""
        hosts = [getattr(self._environment, "host", None), getattr(self._options, "host", None)]
        given = next((host for host in hosts if host), None)
        classes = getattr(self.runner, "user_classes", None) or getattr(self.runner, "locust_classes", [])
        of_classes = set(getattr(each, "host", None) for each in classes)
        return given or (of_classes.pop() if len(of_classes) == 1 else None)

    def web_address(self):
        """Where others reach the web UI, if they know this machine's name."""
        options = self._options
        host = getattr(options, "web_host", None)
        everywhere = host in (None, "", "*", "0.0.0.0", "::")
        if ":" in (host or "") and not host.startswith("["):
            # An IPv6 address; its scope means nothing to others.
            host = "[%s]" % host.partition("%")[0]
        scheme = "https" if getattr(options, "tls_cert", None) else "http"
        port = getattr(options, "web_port", None) or getattr(options, "port", 8089)
        base_path = getattr(options, "web_base_path", None) or ""
        return "%s://%s:%s%s" % (scheme, socket.gethostname() if everywhere else host, port, base_path)

    def web_certificate(self):
        """The web UI's own certificate as PEM, if no CA has signed it; otherwise None."""
        path = getattr(self._options, "tls_cert", None)
        try:
            first = ssl._ssl._test_decode_cert(path)
            return _certificates_in(path) if first["subject"] == first["issuer"] else None
        except Exception:
            return None

    def snapshot(self):
        """What Locust's /stats/requests would answer now, as a dict, in the newest release's shape.

        Unlike there, shortest and longest response times are not rounded (so that they equal those in Locust's CSV),
        and of more than 500 rows the largest are taken. No other greenlet runs meanwhile: all figures are of
        one instant.
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
            setup=self._setup(),
        )
        if self.is_master:
            report["workers"] = [_worker(node) for node in self.runner.clients.values()]
        return report


def _release():
    return tuple(int(number) for number in re.findall("[0-9]+", locust.__version__)[:2])


def _largest(by_key, counter):
    if len(by_key) <= MAX_ROWS:
        return by_key.values()
    return heapq.nlargest(MAX_ROWS, by_key.values(), key=lambda each: getattr(each, counter))


ROW_FIGURES = (
    "num_requests num_failures max_response_time current_rps current_fail_per_sec avg_response_time "
    "median_response_time total_rps total_fail_per_sec avg_content_length total_response_time"
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


#: `status` is None if the API did not answer; `problem` says what went wrong, on one line, without any secret;
#: `content` is the body of a success, and `etag` the target's version.
Answer = collections.namedtuple("Answer", "status problem retry_after_seconds content etag")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other: following it would show the token to another server."""

    def redirect_request(self, *_args):
        return None


class Api(object):
    """The API, called through the standard library, which gevent makes cooperative and Locust does not count."""

    def __init__(self, url, token):
        self._url = url
        self._token = token
        # As curl does: proxies from the environment alone, certificates checked whatever the locustfile has changed.
        handlers = [urllib.request.ProxyHandler(urllib.request.getproxies_environment()), NoRedirect()]
        if url.startswith("https:"):
            handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context()))
        self._opener = urllib.request.build_opener(*handlers)

    def call(self, method, path, content, within_seconds, if_match=None):
        """Makes one call. Never raises: whatever happens becomes an Answer."""
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
        """A web page is not a success, even with status 200: at a wrong URL nothing would be stored."""
        try:
            content = json.loads(response.read(MAX_ANSWER_BYTES).decode("utf-8"))
        except ValueError:
            content = None
        if isinstance(content, dict):
            return Answer(response.status, None, None, content, response.headers.get("ETag"))
        return Answer(None, "answered %d, but not as the locust2influx API does" % response.status, None, None, None)

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
    # As application/json, API Gateway would take it for text and spoil it. Level 1 is the fastest.
    return "application/gzip", gzip.compress(_json(value)[1], 1)


class Sender(object):
    """Registers the target and delivers reports, oldest first, in one greenlet.

    Calls that may succeed later are repeated, with growing pauses or when the API says so (Retry-After). At exit the
    pauses are short, because what is not sent by then is lost. Logs one line when sending fails and one when it works
    again.
    """

    def __init__(self, api, settings):
        self._api = api
        self._settings = settings
        self._unsent = collections.deque(maxlen=MAX_UNSENT)
        self._must_register = True
        self._must_renew = False
        #: The target's version as this Locust left it; None if unknown.
        self._etag = None
        #: Reports lost since sending last failed, and in the present test.
        self._lost = 0
        self._lost_in_test = 0
        self._broken = False
        #: Whether sending fails because a report was refused; then only a report that is taken ends the failure.
        self._refuses = False
        self._failures = 0
        self._closing_at = None
        self._withdraws = False
        self._wake = gevent.event.Event()
        self.is_off = False
        self._sent_count = 0
        #: The run that the last report taken belongs to.
        self._run_id = None
        self._page = None
        #: What keeps the collector from reading the web UI; None where nothing is known to.
        self.unread_because = None
        #: When the collector was last seen to read it, or not to have to; None before.
        self.read_at = None
        self._checks_failed = 0
        self._checks_unread = 0
        self._last_read = NEVER_CHECKED
        #: When the attempt failed that the last check saw.
        self._last_failed_at = None
        #: The target's version where it is as this Locust put it, at the last check.
        self._etag_as_put = None
        #: A test is over, and how its reports went has not been logged yet.
        self._must_log_outcome = False
        #: When the target was first registered; None before that.
        self.registered_at = None
        self._greenlet = gevent.spawn(self._run)

    def add(self, at_seconds, report):
        """Queues a report. `at_seconds` is the instant at which it was taken, and identifies it."""
        if self.is_off:
            return
        if len(self._unsent) == MAX_UNSENT:
            self._lose()
        self._unsent.append((_instant(at_seconds), _gzipped_json(report)))
        self._wake.set()

    def is_idle(self):
        """Whether everything is delivered."""
        return not self._unsent and not self._must_register and not self._must_renew

    def begin_checks(self):
        """To be called when a test starts."""
        self.read_at = None
        self._last_read = NEVER_CHECKED
        self._last_failed_at = None
        self._checks_failed = self._checks_unread = 0

    def check_collector(self, reports_besides):
        """Asks whether the collector reads the web UI. An API that does not say leaves it open.

        What this Locust reports changes the target's status as well, but for why the collector cannot read it, and when
        it last tried: while it reports besides, that alone counts.
        """
        asked_at = _clock.now()
        answer = self._call("GET", "", ("application/json", None))
        target = answer.content
        if target is None or self.unread_because is not None:
            return
        self._etag_as_put = answer.etag if self._is_as_put(target) else None
        status = target.get("status") or {}
        error = status.get("error")
        # Somebody may have paused it, or have the test report only.
        is_wanted = target.get("enabled") is True and target.get("source") == "fetch"
        if not (error and is_wanted):
            self._checks_failed = 0
        elif error.get("at", asked_at) != self._last_failed_at:
            # An older API does not say when.
            self._checks_failed += 0 if reports_besides and "at" not in error else 1
            self._last_failed_at = error.get("at")
        is_unread = status.get("checkedAt") == self._last_read and not reports_besides
        is_first = self._last_read is NEVER_CHECKED or reports_besides
        self._last_read = NEVER_CHECKED if reports_besides else status.get("checkedAt")
        self._checks_unread = self._checks_unread + 1 if is_unread and is_wanted else 0
        if self._checks_failed >= CHECKS_FAILED:
            self.unread_because = _one_line(error.get("message"))
        elif self._checks_unread >= CHECKS_UNREAD:
            self.unread_because = "it has not done so for a minute"
        elif not is_wanted or not (error or is_unread or is_first):
            self.read_at = asked_at

    def _is_as_put(self, target):
        """Whether nobody has changed what this Locust put: what people change stays until the next start."""
        return all(target.get(name) == value for name, value in self._settings_put().items() if name != "expiresAt")

    def report_all(self):
        """Has the collector leave this Locust alone: where two write, one would write over the other."""
        self._must_register = self._etag_as_put is not None
        text = "The collector cannot read %s: %s This Locust reports by itself until it quits."
        logger.warning(text, self._settings.address, self.unread_because.rstrip(".") + ".")
        self._wake.set()

    def test_is_over(self):
        """To be called when a test's last report has been added."""
        self._must_log_outcome = True
        self._wake.set()

    def renew(self):
        """Makes the target expire later."""
        self._must_renew = True
        self._wake.set()

    def close(self):
        """Waits until everything is delivered, but not longer than EXIT_SECONDS after its first call."""
        if self._closing_at is None:
            self._closing_at = time.monotonic() + EXIT_SECONDS
            self._withdraws = self._settings.address is not None
            self._wake.set()
        self._greenlet.join(timeout=max(0, self._closing_at - time.monotonic()))
        if not self._greenlet.dead:
            self._greenlet.kill(block=False)
        if self._unsent:
            logger.warning("Locust quits; %d reports were not sent and are lost.", len(self._unsent))
            self._unsent.clear()

    def verdict(self):
        """The verdict on the run that was reported last, as the API answers it; None, and why, where it cannot be had.

        To be called after `close`. It is there when the last report is taken, unless the API is slow.
        """
        if self._run_id is None:
            return None, "no report of it was taken"
        path = "/v1/targets/%s/runs/%s/verdict" % (self._settings.target, self._run_id)
        until = time.monotonic() + VERDICT_SECONDS
        while True:
            within_seconds = max(0.1, until - time.monotonic())
            answer = self._api.call("GET", path, ("application/json", None), within_seconds)
            if answer.content is not None and answer.content.get("result") in ("passed", "failed", "unsure"):
                return answer.content, None
            if answer.status in (400, 401, 403, 404) or time.monotonic() + VERDICT_RETRY_SECONDS > until:
                return None, answer.problem or "the API did not say it"
            gevent.sleep(VERDICT_RETRY_SECONDS)

    def _run(self):
        try:
            self._deliver()
        except Exception:
            self.is_off = True
            logger.exception("Reporting stopped")

    def _deliver(self):
        while not self.is_off:
            if self._must_register:
                answer = self._put()
                if answer.status == 412:
                    # Others have changed it since: it stays as they want it, and takes reports all the same.
                    self._must_register = False
                elif answer.status == 422 and not self._reports_alone():
                    # The collector may not connect to such an address. Reports need none.
                    self.unread_because = _one_line(answer.problem)
                    self.report_all()
                    self._must_register = True
                else:
                    self._settle(answer, lambda: self._registered(answer))
            elif self._must_renew:
                answer = self._renewal()
                self._settle(answer, lambda: self._renewed(answer), self._not_renewed)
            elif self._unsent:
                oldest = self._unsent[0]
                answer = self._post(oldest)
                self._settle(answer, lambda: self._sent(oldest, answer), lambda: self._refused(oldest))
            elif self._must_log_outcome:
                self._tell()
            elif self._withdraws:
                self._withdraw()
            elif self._closing_at is not None:
                return
            else:
                self._wake.wait()
                self._wake.clear()

    def _reports_alone(self):
        return self._settings.address is None or self.unread_because is not None

    def _put(self):
        if_match = self._etag_as_put if self.unread_because is not None else None
        return self._call("PUT", "", _json(self._settings_put()), if_match)

    def _settings_put(self):
        settings = self._settings
        body = {"project": settings.project, "sampleSeconds": settings.interval_seconds, "tags": settings.tags}
        body.update(enabled=True, expiresAt=_expiry(), criteria=settings.criteria)
        if settings.baseline is not None:
            body.update(baseline=settings.baseline)
        if self._reports_alone():
            # A short test may be over before it is more than spawning.
            body.update(source="report", states=["spawning", "running"])
        else:
            body.update(url=settings.address)
            if settings.tls is not None:
                body.update(tls=settings.tls)
        return body

    def _renewal(self):
        return self._register_if_gone(self._call("PATCH", "", _json({"expiresAt": _expiry()})))

    def _post(self, report):
        at, content = report
        return self._register_if_gone(self._call("POST", "/reports?at=" + urllib.parse.quote(at), content))

    def _register_if_gone(self, answer):
        if answer.status == 404:
            self._must_register = True
            self._etag_as_put = None
        return answer

    def _withdraw(self):
        """Switches the target off. `expiresAt` stays, in case this fails.

        If somebody else has changed the target, it is left to expire by itself: otherwise a Locust that was started
        before this one quit would be switched off too.
        """
        answer = self._call("PATCH", "", _json({"enabled": False}), self._etag)
        if answer.status in (404, 412):
            self._withdraws = False
        else:
            self._settle(answer, self._withdrawn)

    def _call(self, method, path, content, if_match=None):
        within_seconds = CALL_TIMEOUT_SECONDS
        if self._closing_at is not None:
            # Ends before `close` stops waiting, so that the cause is logged before the loss.
            within_seconds = min(within_seconds, max(0.1, self._closing_at - time.monotonic() - 0.2))
        path = "/v1/targets/" + self._settings.target + path
        return self._api.call(method, path, content, within_seconds, if_match)

    def _settle(self, answer, done, refused=None):
        """Acts on an answer. `refused` is for calls that may be given up; without it, a refusal ends reporting."""
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
            logger.error("Reporting stopped: %s answered %s", self._settings.url, problem)

    def _registered(self, answer):
        self._must_register = False
        self._must_renew = False
        self._etag = answer.etag
        self._refuses = False
        self._works()
        if self.registered_at is not None:
            return
        self.registered_at = time.monotonic()
        if _is_reported(answer.content, 2 * self._settings.interval_seconds):
            text = "Another Locust reports to target %s, or did a moment ago. Give each its own LOCUST2INFLUX_TARGET."
            logger.warning(text, self._settings.target)

    def _renewed(self, answer):
        self._must_renew = False
        self._etag = answer.etag
        self._works()

    def _not_renewed(self):
        """Gives up this renewal; the next one may succeed."""
        self._must_renew = False

    def _withdrawn(self):
        self._withdraws = False
        self._works()

    def _sent(self, report, answer):
        self._sent_count += 1
        run = answer.content.get("run")
        self._run_id = run or self._run_id
        page = run and "%s/#/targets/%s/runs/%s" % (self._settings.url, self._settings.target, run)
        if page and page != self._page:
            self._page = page
            logger.info("This run's page: %s", page)
        self._refuses = False
        self._works()
        self._drop(report)

    def _tell(self):
        self._must_log_outcome = False
        rest = "; the collector reads what comes between a test's first minute and its end"
        rest = "" if self._reports_alone() else rest
        page = " This run's page: %s" % self._page if self._page else ""
        logger.info("Test over: %d reports sent, %d lost%s.%s", self._sent_count, self._lost_in_test, rest, page)
        self._sent_count = 0
        self._lost_in_test = 0

    def _refused(self, report):
        self._refuses = True
        self._drop(report)
        self._lose()

    def _lose(self):
        self._lost += 1
        self._lost_in_test += 1

    def _drop(self, report):
        # A full queue may have dropped it in the meantime.
        if self._unsent and self._unsent[0] is report:
            self._unsent.popleft()

    def _breaks(self, answer):
        self._failures += 1
        if not self._broken:
            self._broken = True
            url = self._settings.url
            problem = answer.problem.rstrip(".")
            logger.warning("Cannot report to %s: %s. Keeping the last %d reports.", url, problem, MAX_UNSENT)

    def _works(self):
        if self._refuses:
            return
        self._failures = 0
        if self._broken:
            self._broken = False
            late = len(self._unsent)
            logger.warning("Reporting works again: %d reports sent late, %d lost.", late, self._lost)
            self._lost = 0

    def _pause(self, retry_after_seconds):
        delay = min(MAX_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(self._failures - 1, 10))
        until = time.monotonic() + (delay if retry_after_seconds is None else retry_after_seconds)
        while self._closing_at is None and time.monotonic() < until:
            self._wake.wait(timeout=until - time.monotonic())
            self._wake.clear()
        if self._closing_at is not None:
            left = self._closing_at - time.monotonic() - EXIT_LAST_TRY_SECONDS
            gevent.sleep(max(EXIT_RETRY_SECONDS, min(retry_after_seconds or 0, left)))


def _is_reported(target, within_seconds):
    """Whether a target is in a run that was reported to lately, by the API's own clock."""
    try:
        status = target["status"]
        seconds = _seconds(target["updatedAt"]) - _seconds(status["checkedAt"])
        return bool(status.get("run")) and seconds < within_seconds
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _expiry():
    return _instant(_clock.now() + EXPIRY_SECONDS)


def _seconds(instant):
    return calendar.timegm(time.strptime(instant[:19], "%Y-%m-%dT%H:%M:%S"))


def _instant(at_seconds):
    """As the API takes it: UTC, with milliseconds."""
    seconds, milliseconds = divmod(int(round(at_seconds * 1000)), 1000)
    return "%s.%03dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)), milliseconds)


def _never_raises(method):
    """For methods that Locust calls: an exception in a listener would change the test's exit code."""

    def guarded(self, *_args, **_kwargs):
        try:
            return method(self)
        except Exception:
            logger.exception("Failed in %s; the test goes on", method.__name__)

    return guarded


class Companion(object):
    """Turns Locust's events into registrations and reports.

    It depends on the runner when the numbers are final. A local runner fires its stop event after its last user has
    ended: before `quitting` if the run time is over, after it on SIGTERM or Ctrl-C. A master fires it before its
    workers have sent their last figures. Those have arrived SETTLE_SECONDS later, or once its own `quitting` listener
    has waited.
    """

    def __init__(self, project, given):
        self._project = project
        self._given = given
        self._test = None
        self._settings = None
        self._sender = None
        self._is_running = False
        #: When the current or last test began, by the steady clock.
        self._started_at = 0
        self._is_quitting = False
        #: Whether it was logged that reports cannot be made.
        self._has_told = False
        #: Samples that the collector may not have taken.
        self._kept = collections.deque(maxlen=MAX_UNSENT)
        self._check_at = 0
        #: Samples while a test runs; after it, waits for a master's last figures.
        self._watcher = None

    def locust_is_there(self, runner, options, environment=None, web_ui=None):
        """Call it before the first test in each Locust process; later calls do nothing."""
        if self._test is not None or isinstance(runner, WorkerRunner):
            return
        try:
            self._test = LoadTest(runner, options, environment, web_ui)
            self._settings = Settings(self._project, self._given, self._test)
            self._sender = Sender(Api(self._settings.url, self._settings.token), self._settings)
            gevent.spawn(self._renew)
            logger.info("Target %s at %s", self._settings.target, self._settings.url)
        except SettingsError as error:
            logger.error("Not reporting. %s", error)
        except Exception:
            logger.exception("Not reporting")

    @_never_raises
    def test_starts(self):
        if self._sender is None:
            return
        self._is_running = True
        _clock.follow()
        self._started_at = time.monotonic()
        self._kept.clear()
        self._check_at = 0
        self._sender.begin_checks()
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
            self._judge(lambda: (None, "nothing was reported"))
            return
        self._is_quitting = True
        if self._test.is_master:
            self._end()
        if self._is_running:
            # Locust settles on its exit code before it ends this test.
            self._judge(lambda: (None, "the test was broken off"))
        else:
            self._sender.close()
            self._judge(self._sender.verdict)

    def _judge(self, ask):
        """With criteria, has a headless Locust exit with what its run deserves."""
        criteria = _criteria(_setting(self._given, "criteria"))
        if not criteria or self._test is None or not self._test.can_fail():
            return
        verdict, problem = ask()
        if verdict is None:
            is_strict = str(_setting(self._given, "strict")).strip().lower() != "false"
            logger.error("Whether this run meets its criteria is not known: %s.", problem.rstrip("."))
            if is_strict:
                self._test.fail(EXIT_CODES["unsure"])
            return
        for line in _verdict_lines(verdict):
            logger.log(logging.INFO if verdict["result"] == "passed" else logging.ERROR, "%s", line)
        if verdict["result"] in EXIT_CODES:
            self._test.fail(EXIT_CODES[verdict["result"]])

    def _watch(self, watch):
        if self._watcher is not None:
            self._watcher.kill(block=False)
        self._watcher = gevent.spawn(watch) if watch else None

    def _renew(self):
        while not self._sender.is_off:
            gevent.sleep(RENEW_SECONDS)
            self._sender.renew()

    def _sample(self):
        """Reports when the test has begun, so that even the shortest is recorded, then at multiples of the interval.

        With the web UI the collector takes over at its next minute. A sample that both take makes the same points.
        """
        while not self._test.is_active():
            gevent.sleep(0.05)
        self._report(_clock.now())
        for at_seconds in self._instants():
            if self._sender.is_off:
                return
            if not self._test.is_headless:
                self._check_if_due()
            if self._reports_by_itself():
                self._report(at_seconds)
            else:
                self._stand_by(at_seconds)

    def _instants(self):
        """The multiples of the interval, each as it comes, while the test is active."""
        interval_seconds = self._settings.interval_seconds
        while True:
            at_seconds = (_clock.now() // interval_seconds + 1) * interval_seconds
            while _clock.now() < at_seconds:
                gevent.sleep(at_seconds - _clock.now())
            if self._test.is_active():
                yield at_seconds

    def _reports_by_itself(self):
        now = time.monotonic()
        unseen_from = max(self._started_at, self._sender.registered_at or now)
        is_alone = self._test.is_headless or self._sender.unread_because is not None
        return is_alone or now < unseen_from + UNSEEN_SECONDS

    def _stand_by(self, at_seconds):
        """Keeps samples until the collector is seen to have read the web UI since; if it cannot, sends them."""
        sender = self._sender
        self._kept.append((at_seconds, self._snapshot()))
        while sender.read_at is not None and self._kept and self._kept[0][0] <= sender.read_at:
            self._kept.popleft()

    def _check_if_due(self):
        sender = self._sender
        if sender.unread_because is not None or time.monotonic() < self._check_at or not sender.is_idle():
            return
        self._check_at = time.monotonic() + CHECK_SECONDS
        gevent.spawn(self._check)

    @_never_raises
    def _check(self):
        self._sender.check_collector(reports_besides=self._reports_by_itself())
        if self._sender.unread_because is not None and self._is_running:
            self._sender.report_all()
            self._send_kept()

    def _send_kept(self):
        while self._kept:
            at_seconds, report = self._kept.popleft()
            if report is not None:
                self._sender.add(at_seconds, report)

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
            if self._sender.read_at is None:
                self._send_kept()
            self._report(_clock.now())
            self._sender.test_is_over()

    def _report(self, at_seconds):
        report = self._snapshot()
        if report is not None:
            self._sender.add(at_seconds, report)

    def _snapshot(self):
        """None if there can be none."""
        try:
            report = self._test.snapshot()
            if not self._is_running:
                # A master that quits has not heard from all its workers yet, or never says that the test is over.
                report["state"] = "stopped"
            return report
        except Exception:
            if not self._has_told:
                self._has_told = True
                logger.exception("A report could not be made; the test goes on")
            return None


def _verdict_lines(verdict):
    """The verdict in words: what it is, then why."""
    yield "This run %s." % {"passed": "passed", "failed": "FAILED"}.get(verdict["result"], "is UNSURE")
    for rule in verdict.get("rules") or []:
        yield "  %s: %s (%s)" % tuple(_one_line(rule.get(name)) for name in ("result", "criterion", "text"))
    for doubt in verdict.get("doubts") or []:
        yield "  in doubt: %s" % _one_line(doubt)


def _listen(companion):
    """Adds the listeners. The first `quitting` listener is called last, after a master's own."""
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
    """Before 1.0 no event says that the runner exists: wait for it, until the first start at the latest."""

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
