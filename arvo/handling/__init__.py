"""Handling of events: handlers, what everything that consumes events has in common, and how its failures are told."""

from arvo.handling.addressed import AddressedEventHandler
from arvo.handling.arguments import wanted_arguments
from arvo.handling.calling import call, is_async, plain_functions_on
from arvo.handling.execution import ExecutionResult, IArvoEventHandler, TelemetryOptions, reproducible, request_name
from arvo.handling.execution_span import (
    EXECUTION_STATUS,
    ORCHESTRATOR,
    RESUMABLE,
    SUBJECT_NAME,
    SUBJECT_VERSION,
    ExecutionKind,
    note_outcome,
    note_violation,
    open_execution_span,
)
from arvo.handling.failure import SystemErrorContext, build_system_errors, stand_in_error
from arvo.handling.given import check_executionunits, check_functions
from arvo.handling.handler import ArvoEventHandler, create_arvo_event_handler
from arvo.handling.multi_handler import MultiArvoEventHandler, MultiHandlerOutput, create_multi_arvo_event_handler
from arvo.handling.output import HandlerFunction, HandlerOutput
from arvo.handling.publishing_span import publishing
from arvo.handling.router import ArvoEventRouter, create_arvo_event_router

__all__ = [
    "AddressedEventHandler",
    "ArvoEventHandler",
    "ArvoEventRouter",
    "build_system_errors",
    "call",
    "check_executionunits",
    "check_functions",
    "create_arvo_event_handler",
    "create_arvo_event_router",
    "create_multi_arvo_event_handler",
    "EXECUTION_STATUS",
    "ExecutionKind",
    "ExecutionResult",
    "HandlerFunction",
    "HandlerOutput",
    "IArvoEventHandler",
    "is_async",
    "MultiArvoEventHandler",
    "MultiHandlerOutput",
    "note_outcome",
    "note_violation",
    "open_execution_span",
    "ORCHESTRATOR",
    "plain_functions_on",
    "publishing",
    "reproducible",
    "request_name",
    "RESUMABLE",
    "stand_in_error",
    "SUBJECT_NAME",
    "SUBJECT_VERSION",
    "SystemErrorContext",
    "TelemetryOptions",
    "wanted_arguments",
]
