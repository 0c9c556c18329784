"""What goes over the wire, and its bounds: JSON, compressed text, URIs, names, versions, payload schemas."""

from arvo.wire.compression import CompressionError, compress_json, decompress_json, deflate, inflate
from arvo.wire.dataschema import Dataschema, build_dataschema, parse_dataschema
from arvo.wire.json_value import MAX_JSON_BYTES, JsonError, JsonObject, check_text, copy_json, read_json, write_json
from arvo.wire.names import (
    DOMAIN_PATTERN,
    EVENT_TYPE_PATTERN,
    ORCHESTRATORS,
    is_domain,
    is_event_type,
    is_orchestrator_type,
    is_system_error_type,
    orchestrator_complete_type,
    orchestrator_init_type,
    system_error_type,
)
from arvo.wire.payload import PayloadSchema, is_object_type
from arvo.wire.uri import UNESCAPED_PATTERN, encode_uri, is_valid_uri
from arvo.wire.version import WILDCARD_VERSION, compare_versions, is_valid_version, is_wildcard_version, version_key
from arvo.wire.writing import to_plain_json

__all__ = [
    "build_dataschema",
    "check_text",
    "compare_versions",
    "compress_json",
    "CompressionError",
    "copy_json",
    "Dataschema",
    "decompress_json",
    "deflate",
    "DOMAIN_PATTERN",
    "encode_uri",
    "EVENT_TYPE_PATTERN",
    "inflate",
    "is_domain",
    "is_event_type",
    "is_object_type",
    "is_orchestrator_type",
    "is_system_error_type",
    "is_valid_uri",
    "is_valid_version",
    "is_wildcard_version",
    "JsonError",
    "JsonObject",
    "MAX_JSON_BYTES",
    "orchestrator_complete_type",
    "orchestrator_init_type",
    "ORCHESTRATORS",
    "parse_dataschema",
    "PayloadSchema",
    "read_json",
    "system_error_type",
    "to_plain_json",
    "UNESCAPED_PATTERN",
    "version_key",
    "WILDCARD_VERSION",
    "write_json",
]
