"""What a failed test shows of its Kafka, and what fails a test that would have passed."""

from __future__ import annotations

import pytest

from tests.plugin.projects import Project, said

pytest_plugins = ["pytester"]


def test_a_failed_test_shows_its_kafka(project: Project) -> None:
    result = project.run(
        """
        def test_it(kafka):
            kafka.produce("orders", b"x")
            raise OSError("the test's own error")
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines([r"E +OSError: the test's own error", r"-+ kafka -+", r".*orders.*"])


def test_so_does_one_whose_setup_or_teardown_fails(project: Project) -> None:
    result = project.run(
        """
        import pytest

        @pytest.fixture
        def broken(kafka):
            kafka.create_topic("of-setup")
            raise OSError("setup's own error")

        @pytest.fixture
        def breaks(kafka):
            yield
            kafka.create_topic("of-teardown")
            raise OSError("teardown's own error")

        def test_setup(broken): pass

        def test_teardown(breaks): pass
        """
    )
    result.assert_outcomes(errors=2, passed=1)
    result.stdout.re_match_lines([r"E +OSError: setup's own error", r"-+ kafka -+", r".*of-setup.*"])
    result.stdout.re_match_lines([r"E +OSError: teardown's own error", r"-+ kafka -+", r".*of-teardown.*"])


def test_each_cluster_of_a_test_is_shown_once(project: Project) -> None:
    result = project.run(
        """
        def test_it(kafka, kafka_session, kafka_cluster):
            kafka_cluster(topics={"first": 1})
            kafka_cluster(topics={"second": 1}).stop()
            assert 0

        def test_session(kafka_session):
            assert 0

        def test_none():
            assert 0
        """
    )
    result.assert_outcomes(failed=3)
    titles = [line.strip("- ") for line in result.outlines if line.startswith("---") and "kafka" in line]
    assert titles == ["kafka 1 (kafka)", "kafka 2 (kafka_cluster)", "kafka"]


def test_tests_that_do_not_fail_show_nothing(project: Project) -> None:
    result = project.run(
        """
        import pytest

        def test_it(kafka): pass

        @pytest.mark.xfail(strict=True)
        def test_known(kafka): assert 0

        def test_skipped(kafka): pytest.skip("because")
        """,
        "-rA",
    )
    result.assert_outcomes(passed=1, xfailed=1, skipped=1)
    assert "- kafka -" not in said(result)


def test_a_report_that_fails_does_not_take_the_place_of_the_tests_error(project: Project) -> None:
    result = project.run(
        """
        def test_it(kafka, monkeypatch):
            def report(*, requests): raise ZeroDivisionError("of the report")
            kafka.report = report
            raise OSError("the test's own error")
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [r"E +OSError: the test's own error", r"-+ kafka -+", r".*cannot be told", r"ZeroDivisionError.*"]
    )


def test_how_many_requests_are_shown(project: Project) -> None:
    project.ini("kafka_report_requests = 3")
    code = """
        def test_it(kafka):
            kafka.report = lambda *, requests: f"{requests} requests"
            assert 0
        """
    assert "3 requests" in said(project.run(code))
    assert "4 requests" in said(project.run(code, "--kafka-report-requests=4"))
    project.ini()
    assert "20 requests" in said(project.run(code))
    project.environment(KAFKA_COMPAT_REPORT_REQUESTS="5")
    assert "5 requests" in said(project.run(code))


def test_a_fault_that_never_happens_fails_the_test(project: Project) -> None:
    result = project.run(
        """
        import pytest

        def test_it(kafka):
            kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER", topic="orders")

        def test_need_not(kafka):
            kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER", must_fire=False)

        def test_of_another(kafka_cluster):
            kafka_cluster().fail("Fetch", "NOT_LEADER_OR_FOLLOWER")
            kafka_cluster()

        @pytest.mark.xfail(strict=True)
        def test_known(kafka):
            kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER")

        def test_own_error(kafka):
            kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER")
            raise OSError("the test's own error")

        def test_skips(kafka):
            kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER")
            pytest.skip("no reason")
        """
    )
    result.assert_outcomes(failed=3, passed=1, xfailed=1, skipped=1)
    result.stdout.re_match_lines([r"a fault never happened: .*Produce.*orders.*"])
    result.stdout.re_match_lines([r"a fault never happened: .*Fetch.*\(of kafka_cluster\)"])
    result.stdout.re_match_lines([r"E +OSError: the test's own error"])


def test_what_a_predicate_of_a_fault_raises_fails_the_test(project: Project) -> None:
    pytest.importorskip("confluent_kafka", reason="the client is librdkafka's")
    result = project.run(
        """
        import pytest
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        def test_it(kafka):
            kafka.fail("Metadata", "UNKNOWN_SERVER_ERROR", when=lambda request: 1 / 0, must_fire=False)
            with pytest.raises(KafkaException):
                AdminClient({"bootstrap.servers": kafka.bootstrap_servers}).list_topics(timeout=0.5)

        def test_next(kafka):
            pass
        """
    )
    result.assert_outcomes(failed=1, passed=1)
    assert "ZeroDivisionError" in said(result)
