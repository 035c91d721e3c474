# The chat server. Build:  docker build -t swath .
# Run:  docker run --read-only --tmpfs /tmp -v swath:/data -p 8000:8000 -e SWATH_API_KEYS=... swath
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY app app
COPY imagery imagery
COPY modal_services modal_services
RUN python -m venv /opt/swath \
 && /opt/swath/bin/pip install --no-cache-dir --constraint requirements.lock '.[postgres,otel]'

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin swath \
 && install --directory --mode 0700 --owner swath --group swath /data
COPY --from=build /opt/swath /opt/swath
# Nothing but /data and /tmp is written to, so the rest may be read-only.
ENV PATH=/opt/swath/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    SWATH_DATA_DIR=/data \
    SWATH_HOST=0.0.0.0 \
    SWATH_PORT=8000
USER swath
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
ENTRYPOINT ["swath"]
CMD ["serve"]
