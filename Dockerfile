# Two stages on one base: what is needed to build stays behind, and the image has neither compiler nor npm.
#   docker build --tag lantoa:0.1 .
# In real use give PYTHON_IMAGE with the digest you have looked at: python:3.13-slim-trixie@sha256:…
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update \
 && apt-get install --yes --no-install-recommends npm \
 && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/lantoa
WORKDIR /src
COPY setup.cfg pyproject.toml README.md LICENSE package.json package-lock.json ./
COPY campaigns ./campaigns
COPY migrations ./migrations
COPY coordinator ./coordinator
# In place, since the libraries for browsers are put beside the pages that use them. npm fetches exact versions; a file
# whose SHA-256 is not the one in coordinator/web/browser.sha256 ends the build.
RUN /opt/lantoa/bin/pip install --editable '.[scale,s3]' \
 && /opt/lantoa/bin/python -m coordinator.web.browser \
 && /opt/lantoa/bin/python -m coordinator.catalogues compile \
 && /opt/lantoa/bin/pip uninstall --yes lantoa \
 && /opt/lantoa/bin/pip install --no-deps . \
 && /opt/lantoa/bin/lantoa --version

FROM ${PYTHON_IMAGE}
# Pango draws the PDFs; the font has all Vietnamese letters.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-liberation libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/lantoa --create-home --shell /usr/sbin/nologin lantoa \
 && chmod 0700 /var/lib/lantoa
COPY --from=build /opt/lantoa /opt/lantoa
ENV PATH=/opt/lantoa/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LANTOA_DATA_DIR=/var/lib/lantoa
USER lantoa
WORKDIR /var/lib/lantoa
VOLUME /var/lib/lantoa
EXPOSE 8800
STOPSIGNAL SIGTERM
# For the web, which is what this image runs unless told otherwise; compose.yaml has those of clock and work.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8800/healthz', timeout=5)"]
ENTRYPOINT ["lantoa"]
CMD ["web", "--host", "0.0.0.0", "--port", "8800"]
