"""The command by which the Temporal UI shows what an app encrypts."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from temporalio.converter import PayloadCodec

from adapter.errors import AppError
from arvo_temporal.cli.app_loading import load_app
from arvo_temporal.cli.running import AppArgument
from arvo_temporal.logs import LogLevel, start_log
from arvo_temporal.process import run_command
from arvo_temporal.tasks import first_completed
from arvo_temporal.worker import use_runtime

_EXTRA = ("starlette", "uvicorn")


def codec_server(
    app: AppArgument,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Where it listens; beyond this machine it needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65_535, help="Its port; 0 takes a free one.")] = 8234,
    origins: Annotated[
        list[str] | None,
        typer.Option(
            "--origin", metavar="URL", help="Where browsers have the UI from; else http://127.0.0.1:8233 and localhost."
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            metavar="TOKEN",
            envvar="ARVO_CODEC_TOKEN",
            help="What is to be shown as Authorization: Bearer TOKEN. Others on this machine see an option; "
            "not a variable.",
        ),
    ] = None,
    decode_only: Annotated[
        bool, typer.Option("--decode-only", help="Encode nothing; the forms of the UI do not work then.")
    ] = False,
) -> None:
    """Serve the app's codec to the Temporal UI until Ctrl-C, so that it shows what is encrypted."""

    async def main(stop: asyncio.Event) -> int:
        use_runtime(start_log(LogLevel.WARNING))
        codec = load_app(app).codec
        if codec is None:
            raise AppError(
                f"The app '{app}' has no codec, so the Temporal UI reads all of it: nothing is to be served."
            )
        await _serve(codec, stop, host, port, tuple(origins or ()), token or None, decode_only=decode_only)
        return 0

    run_command(main, serves=True)


async def _serve(
    codec: PayloadCodec,
    stop: asyncio.Event,
    host: str,
    port: int,
    origins: tuple[str, ...],
    token: str | None,
    *,
    decode_only: bool,
) -> None:
    try:
        from arvo_temporal.codec_server import DEFAULT_ORIGINS, CodecServerOptions, serve_codec
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise AppError("The codec server needs a package more: pip install 'arvo-temporal[codec]'.") from error
    options = CodecServerOptions(host, port, origins or DEFAULT_ORIGINS, token, decode_only)
    async with serve_codec(codec, options) as (url, ended):
        print(f"The codec is served at {url} to pages of {', '.join(options.origins)}.", flush=True)
        print("Give that address to the Temporal UI (Configure Codec Server), or as --codec-endpoint.", flush=True)
        await first_completed(stop.wait(), _end_of(ended))


async def _end_of(task: asyncio.Task[None]) -> None:
    await asyncio.wait([task])
