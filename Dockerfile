ARG PYTHON=3.13-slim-bookworm

FROM python:${PYTHON} AS builder
WORKDIR /srv/pygai
# Without pip: the final image cannot install anything into it.
RUN python -m venv --without-pip /opt/pygai
COPY requirements.lock ./
RUN pip --python /opt/pygai/bin/python install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md alembic.ini ./
COPY app app
COPY schemas schemas
COPY extensions extensions
COPY alembic alembic
COPY deploy/healthcheck.py deploy/
# The build tool is among the locked dependencies. Compiled now, because the file system is read-only later.
RUN pip --python /opt/pygai/bin/python install --no-cache-dir --disable-pip-version-check \
    --no-build-isolation --no-deps --editable . \
    && /opt/pygai/bin/python -m compileall -q app schemas extensions alembic

FROM python:${PYTHON}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="PyGai Connector" \
      org.opencontainers.image.description="Hands AI tasks to clients, takes their results and turns them into live websites." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT"
# The sites have a volume of their own, which a web server may read without seeing the rest.
RUN groupadd --gid 10001 pygai \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin pygai \
    && install --directory --owner 10001 --group 10001 --mode 0755 /data /data/sites
COPY --from=builder /opt/pygai /opt/pygai
COPY --from=builder /srv/pygai /srv/pygai
ENV PATH=/opt/pygai/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYGAI_DATA_DIR=/data
# The extension path, `../pygaiext`, is /srv/pygaiext from here.
WORKDIR /srv/pygai
USER 10001:10001
VOLUME ["/data"]
EXPOSE 5050
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "/srv/pygai/deploy/healthcheck.py"]
ENTRYPOINT ["pygai"]
CMD ["serve", "--host", "0.0.0.0"]
