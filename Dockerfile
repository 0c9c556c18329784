FROM python:3.13.12-slim-trixie AS build
WORKDIR /build
RUN python -m venv /opt/arvo
COPY pyproject.toml README.md LICENSE ./
COPY .build .build
COPY arvo arvo
COPY arvo_temporal arvo_temporal
COPY adapter adapter
COPY workflows workflows
COPY activities activities
RUN /opt/arvo/bin/pip install --no-cache-dir --disable-pip-version-check '.[otlp,encryption,codec]'

FROM python:3.13.12-slim-trixie
RUN useradd --create-home --uid 10001 arvo
COPY --from=build /opt/arvo /opt/arvo
WORKDIR /app
COPY examples examples
ENV PATH=/opt/arvo/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ARVO_APP=examples.orders.app:app \
    ARVO_HEALTH=127.0.0.1:8081
USER arvo
HEALTHCHECK --interval=5s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-I", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8081, timeout=5); c.request('GET', '/readyz'); r = c.getresponse(); print(r.read().decode()); raise SystemExit(r.status != 200)"]
ENTRYPOINT ["arvo-temporal", "worker"]
