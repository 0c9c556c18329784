"""The codec server of an app: by it the Temporal UI and the `temporal` command line show what the app encrypts.

It takes the extra `codec`.
"""

from arvo_temporal.codec_server.endpoint import codec_endpoint
from arvo_temporal.codec_server.options import DEFAULT_ORIGINS, CodecServerError, CodecServerOptions
from arvo_temporal.codec_server.serving import serve_codec

__all__ = ["codec_endpoint", "CodecServerError", "CodecServerOptions", "DEFAULT_ORIGINS", "serve_codec"]
