"""The companion's pure parts, under any Python: `npm run test:python`. Locust and gevent need not be there."""

import importlib.util
import json
import pathlib
import sys
import types
import unittest
from unittest import mock

SOURCE = pathlib.Path(__file__).parents[2] / "lambda/companion/locust2influx.py"


def load_companion():
    """The module, with empty stand-ins for the packages that only its effects need."""
    stand_ins = {name: types.ModuleType(name) for name in ("gevent", "gevent.event", "locust")}
    stand_ins["gevent"].event = stand_ins["gevent.event"]
    stand_ins["locust"].runners = types.SimpleNamespace(WorkerRunner=object)
    stand_ins["locust"].stats = types.SimpleNamespace()
    spec = importlib.util.spec_from_file_location("locust2influx", SOURCE)
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(sys.modules, stand_ins):
        spec.loader.exec_module(module)
    return module


companion = load_companion()


class Clock(unittest.TestCase):
    def clock_at(self, wall, steady):
        """A clock, and what sets the machine's two."""
        machine = mock.Mock(time=mock.Mock(return_value=wall), monotonic=mock.Mock(return_value=steady))
        patched = mock.patch.object(companion, "time", machine)
        patched.start()
        self.addCleanup(patched.stop)

        def set_to(wall, steady):
            machine.time.return_value = wall
            machine.monotonic.return_value = steady

        return companion.Clock(), set_to

    def test_a_clock_that_is_set_back_goes_on(self):
        clock, set_to = self.clock_at(wall=100000, steady=50)
        for passed in (10, 20, 30):
            set_to(wall=100000 - 3600 + passed, steady=50 + passed)
            self.assertEqual(clock.now(), 100000 + passed)

    def test_one_that_is_set_forward_or_corrected_a_little_is_followed(self):
        clock, set_to = self.clock_at(wall=100000, steady=50)
        for wall in (100009.5, 186400, 186409.8):
            set_to(wall=wall, steady=60)
            self.assertEqual(clock.now(), wall)

    def test_the_next_test_begins_with_what_the_machine_says(self):
        clock, set_to = self.clock_at(wall=100000, steady=50)
        set_to(wall=50000, steady=60)
        clock.follow()
        self.assertEqual(clock.now(), 50000)


class ApiUrl(unittest.TestCase):
    def test_a_base_url_loses_what_people_copy_with_it(self):
        for text in (
            "https://api.example",
            "https://api.example/",
            " https://api.example/v1 ",
            "https://api.example/v1/",
        ):
            self.assertEqual(companion._api_url(text), "https://api.example")

    def test_a_path_before_v1_stays(self):
        self.assertEqual(companion._api_url("http://api.example:8787/load/v1"), "http://api.example:8787/load")

    def test_what_is_no_base_url_is_refused_without_showing_it(self):
        secret = "s3cret-t0ken-that-was-pasted"
        for text in ("", None, secret, "https://user:%s@api.example" % secret, "https://api.example?token=" + secret):
            with self.assertRaises(companion.SettingsError) as raised:
                companion._api_url(text)
            self.assertIn("LOCUST2INFLUX_URL", str(raised.exception))
            self.assertNotIn(secret, str(raised.exception))

    def test_a_host_without_http_is_shown(self):
        with self.assertRaisesRegex(companion.SettingsError, '"api.example:8787" does not begin with http'):
            companion._api_url("api.example:8787")


class Interval(unittest.TestCase):
    def test_nothing_is_ten_seconds(self):
        self.assertEqual([companion._interval(value) for value in (None, "")], [10, 10])

    def test_those_that_divide_a_minute_are_taken(self):
        self.assertEqual(
            [companion._interval(str(value)) for value in companion.INTERVALS_SECONDS],
            list(companion.INTERVALS_SECONDS),
        )

    def test_all_others_are_refused_with_what_is_allowed(self):
        for value in ("7", "0", "-2", "often", "2.5", []):
            with self.assertRaisesRegex(companion.SettingsError, "one of 2, 5, 10, 15, 20, 30, 60"):
                companion._interval(value)


class Tags(unittest.TestCase):
    def test_a_text_and_a_dict_give_the_same(self):
        expected = {"team": "a", "env": "ci"}
        self.assertEqual(companion._tags("TAGS", " team = a , env=ci,"), expected)
        self.assertEqual(companion._tags("TAGS", expected), expected)

    def test_a_pair_without_key_or_value_is_refused(self):
        for text in ("team", "team=", "=a", "team=a,env"):
            with self.assertRaisesRegex(companion.SettingsError, "LOCUST2INFLUX_TAGS"):
                companion._tags("TAGS", text)

    def test_criteria_are_a_list_or_a_text_with_semicolons(self):
        expected = ["p95 < 500 ms", "GET /a,b p99 < 2 s"]
        self.assertEqual(companion._criteria(" p95 < 500 ms ; GET /a,b p99 < 2 s;"), expected)
        self.assertEqual(companion._criteria(expected), expected)
        for nothing in (None, "", " ; ", []):
            self.assertEqual(companion._criteria(nothing), [])

    def test_the_baseline_is_a_run_or_the_tags_of_one(self):
        self.assertEqual(companion._baseline("20261122T140500Z"), {"run": "20261122T140500Z"})
        self.assertEqual(companion._baseline("branch=main, env=ci"), {"tags": {"branch": "main", "env": "ci"}})
        self.assertEqual(companion._baseline({"branch": "main"}), {"tags": {"branch": "main"}})
        self.assertIsNone(companion._baseline(""))
        with self.assertRaisesRegex(companion.SettingsError, "LOCUST2INFLUX_BASELINE: pairs"):
            companion._baseline("main")


class ExitCode(unittest.TestCase):
    """What a headless Locust exits with, after its run."""

    def quit(self, ask, given=(), exit_code=None):
        environment = types.SimpleNamespace(process_exit_code=exit_code)
        judged = companion.Companion("shop", dict({"criteria": "p95 < 500 ms"}, **dict(given)))
        judged._test = companion.LoadTest(mock.Mock(), mock.Mock(), environment)
        with self.assertLogs("locust2influx", "INFO"):
            companion.logger.info("so that there is a line")
            judged._judge(ask)
        return environment.process_exit_code

    def test_a_verdict_is_an_exit_code(self):
        for result, code in (("passed", None), ("failed", 1), ("unsure", 2)):
            self.assertEqual(self.quit(lambda: ({"result": result}, None)), code)

    def test_a_verdict_that_is_not_known_is_not_green_unless_asked_for(self):
        self.assertEqual(self.quit(lambda: (None, "no answer")), 2)
        self.assertEqual(self.quit(lambda: (None, "no answer"), {"strict": "true"}), 2)
        self.assertIsNone(self.quit(lambda: (None, "no answer"), {"strict": "False"}))
        self.assertIsNone(self.quit(lambda: (None, "no answer"), {"strict": False}))

    def test_without_criteria_nothing_is_asked(self):
        self.assertIsNone(self.quit(self.fail, {"criteria": ""}))

    def test_another_failure_stays_and_a_success_does_not(self):
        self.assertEqual(self.quit(lambda: ({"result": "failed"}, None), exit_code=7), 7)
        self.assertEqual(self.quit(lambda: ({"result": "failed"}, None), exit_code=0), 1)

    def test_what_the_api_says_is_a_line_each(self):
        rule = {"result": "failed", "criterion": "p95 < 1 s", "text": "2 s,\nnot below 1 s"}
        verdict = {"result": "failed", "rules": [rule], "doubts": ["a worker was missing"]}
        lines = list(companion._verdict_lines(verdict))
        self.assertEqual(
            lines, ["This run FAILED.", "  failed: p95 < 1 s (2 s, not below 1 s)", "  in doubt: a worker was missing"]
        )


class Registration(unittest.TestCase):
    """What is sent while the API's answers come in."""

    def deliver(self, statuses, report=b"{}"):
        settings = types.SimpleNamespace(
            project="web", target="shop", url="http://api", address="http://127.0.0.1:8089", tls=None
        )
        vars(settings).update(interval_seconds=10, tags={}, criteria=[], baseline=None)
        api = mock.Mock()
        api.call.side_effect = [
            companion.Answer(status, "%d why" % status if status > 299 else None, None, {}, None) for status in statuses
        ]
        with mock.patch.multiple(companion.gevent, create=True, spawn=mock.Mock()):
            with mock.patch.multiple(companion.gevent.event, create=True, Event=mock.Mock()):
                sender = companion.Sender(api, settings)
        sender._closing_at = companion.time.monotonic() + 60
        sender._unsent.append(("2026-11-22T14:05:00.000Z", ("application/gzip", report)))
        with self.assertLogs("locust2influx", "WARNING") as logs:
            sender._deliver()
        calls = [(call.args[0], call.args[1]) for call in api.call.call_args_list]
        puts = [json.loads(call.args[2][1].decode()) for call in api.call.call_args_list if call.args[0] == "PUT"]
        return calls, puts, logs.output

    def test_an_address_that_the_collector_may_not_ask_leaves_the_whole_test_to_reports(self):
        calls, puts, logs = self.deliver([422, 201, 202])
        self.assertEqual([method for method, _ in calls], ["PUT", "PUT", "POST"])
        self.assertEqual(puts[0]["url"], "http://127.0.0.1:8089")
        self.assertNotIn("url", puts[1])
        self.assertEqual(puts[1]["source"], "report")
        self.assertRegex(logs[0], "cannot read http://127.0.0.1:8089: 422 why. This Locust reports by itself")

    def test_other_settings_that_are_refused_end_reporting_and_say_why(self):
        calls, _, logs = self.deliver([422, 422])
        self.assertEqual([method for method, _ in calls], ["PUT", "PUT"])
        self.assertRegex(logs[-1], "Reporting stopped: http://api answered 422 why")


class DefaultTarget(unittest.TestCase):
    def test_it_is_made_of_project_and_host(self):
        self.assertEqual(companion._default_target("Shop", "https://user:pw@shop.example/api"), "shop-shop-example-api")

    def test_it_is_always_an_id_and_differs_where_the_words_do(self):
        words = ["ä", "ü", "x" * 300, "x" * 301, "-", "日本", "shop!"]
        ids = [companion._default_target(word, "https://shop.example") for word in words]
        for each in ids:
            self.assertRegex(each, "^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$")
        self.assertEqual(len(set(ids)), len(words))


if __name__ == "__main__":
    unittest.main()
