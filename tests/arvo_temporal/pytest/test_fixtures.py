"""The fixtures, in runs of pytest as users start them: with pytest-asyncio in its modes, and without it."""

from __future__ import annotations

from pathlib import Path

from tests.arvo_temporal.pytest.running import run_pytest

ASYNC = """
    import asyncio
    from datetime import timedelta
    from tests.alarm import alarm_app, arm, button

    app = alarm_app()
    queue = app.task_queue

    async def rings(client, init, wait=None):
        await client.execute(init)
        if wait:
            await wait()
        async with asyncio.timeout(60):
            while (record := await client.record(init.subject)) is None or record["value"] != "ringing":
                await asyncio.sleep(0.02)

    async def test_on_the_dev_server(arvo_worker):
        init = arm(patience=50)
        async with arvo_worker(app) as client:
            assert app.task_queue != queue
            await rings(client, init)
        async with arvo_worker(app) as client:  # another worker goes on with the same orchestrations
            await client.execute(button(init.subject, "pressed"))

    async def test_time_jumps(arvo_time_skipping):
        assert app.task_queue == queue
        async with arvo_time_skipping(app) as skipping:
            await rings(skipping.client, arm(patience=86_400_000), lambda: skipping.sleep(timedelta(days=1)))

    async def test_without_temporal(arvo_app):
        broker = arvo_app(app)
        await broker.publish(arm(patience=50))
        await broker.advance(50)
        assert [event for event in broker.events]
"""


def test_async_tests_use_them_on_their_own_loop(tmp_path: Path) -> None:
    code, output = run_pytest(tmp_path, {"test_a.py": ASYNC}, "-o", "asyncio_mode=auto", "--arvo-coverage")
    assert code == 0, output
    assert "3 passed" in output
    assert "alarm" in output.split(" arvo coverage ")[1]


def test_workers_in_threads_of_the_run_are_measured(tmp_path: Path) -> None:
    """What the durable test alone reaches is in the table: its worker runs in this process."""
    given = ("-o", "asyncio_mode=auto", "-k", "dev_server", "--arvo-coverage")
    _, output = run_pytest(tmp_path, {"test_a.py": ASYNC}, *given)
    assert "not entered  ringing" not in output
    assert "not entered  armed" not in output


def test_they_need_no_plugin_for_asyncio(tmp_path: Path) -> None:
    plain = (
        ASYNC
        + """
    def test_plainly(arvo_dev_server, arvo_worker):
        async def main():
            async with arvo_worker(app) as client:
                await rings(client, arm(patience=50))
        asyncio.run(main())
    """
    )
    code, output = run_pytest(tmp_path, {"test_a.py": plain}, "-p", "no:asyncio", "-k", "plainly")
    assert code == 0, output
    assert "1 passed" in output


def test_what_is_not_installed_is_named_with_its_extra(tmp_path: Path) -> None:
    hide = """
        pytest_plugins = ["arvo_temporal.pytest"]
        import sys
        sys.executable = "/nowhere/python"
    """
    tests = """
        def test_server(arvo_worker):
            pass

        def test_time(arvo_time_skipping):
            pass
    """
    files = {"conftest.py": hide, "test_a.py": tests}
    code, output = run_pytest(tmp_path, files, environment={"PATH": "/nowhere"})
    words = " ".join(output.split())
    assert code == 1
    assert "pip install 'arvo-temporal[server]'" in words
    assert "pip install 'arvo-temporal[testing]'" in words
    assert "Traceback" not in output
    assert "another exception occurred" not in output


def test_the_plugin_costs_nobody_else_anything(tmp_path: Path) -> None:
    tests = """
        import sys

        def test_nothing_of_it_is_loaded():
            loaded = {name.partition(".")[0] for name in sys.modules}
            assert not loaded & {"arvo", "arvo_temporal", "temporalio"}
    """
    code, output = run_pytest(tmp_path, {"conftest.py": "", "test_a.py": tests})
    assert code == 0, output
