# Two stages on one base: what is needed to build stays behind, and the image has neither compiler nor npm.
#   docker build --tag lantoa:0.1 --build-arg PYTHON_IMAGE=python:3.13-slim-trixie@sha256:… .
# A tag can be moved to other contents, a digest cannot: there is no default, and an argument without a digest ends the
# build. `docker buildx imagetools inspect python:3.13-slim-trixie` tells it.
ARG PYTHON_IMAGE

FROM ${PYTHON_IMAGE} AS build
ARG PYTHON_IMAGE
RUN printf %s "${PYTHON_IMAGE}" | grep -Eqx '.+@sha256:[0-9a-f]{64}' \
 || { echo "PYTHON_IMAGE must name the image by its digest, NAME@sha256:64 digits; it is: ${PYTHON_IMAGE}" >&2; exit 1; }
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update \
 && apt-get install --yes --no-install-recommends npm \
 && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/lantoa
WORKDIR /src
# Exact versions; a file whose SHA-256 is not in the lock ends the build. What is built from its source is built with
# what the first lock names, and not with what a registry offers today.
COPY requirements-build.lock requirements.lock ./
RUN /opt/lantoa/bin/pip install --no-deps --require-hashes --requirement requirements-build.lock \
 && /opt/lantoa/bin/pip install --no-deps --require-hashes --no-build-isolation --requirement requirements.lock
COPY setup.cfg pyproject.toml README.md LICENSE NOTICE package.json package-lock.json .npmrc ./
COPY campaigns ./campaigns
COPY migrations ./migrations
COPY coordinator ./coordinator
COPY docs ./docs
COPY supply ./supply
# The libraries for browsers are put beside the pages that use them. npm fetches exact versions; a file whose SHA-256 is
# not the one in coordinator/web/browser.sha256 ends the build.
RUN /opt/lantoa/bin/python -m coordinator.web.browser \
 && /opt/lantoa/bin/python -m coordinator.catalogues compile \
 && /opt/lantoa/bin/pip install --no-deps --no-build-isolation . \
 && /opt/lantoa/bin/python -m supply sbom --out /opt/lantoa/sbom.cdx.json \
 && cp LICENSE NOTICE /opt/lantoa/ \
 && /opt/lantoa/bin/pip uninstall --yes setuptools \
 && /opt/lantoa/bin/pip check \
 && cd / && /opt/lantoa/bin/lantoa --version

FROM ${PYTHON_IMAGE}
# Pango draws the PDFs; the font has all Vietnamese letters; Chromium is for `lantoa render`; tesseract reads text in
# pictures; ffmpeg names what a video or audio holds.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium ffmpeg fonts-liberation libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    tesseract-ocr tesseract-ocr-vie \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/lantoa --create-home --shell /usr/sbin/nologin lantoa \
 && chmod 0700 /var/lib/lantoa
COPY --from=build /opt/lantoa /opt/lantoa
ENV PATH=/opt/lantoa/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    LANTOA_DATA_DIR=/var/lib/lantoa
USER lantoa
WORKDIR /var/lib/lantoa
VOLUME /var/lib/lantoa
EXPOSE 8800
STOPSIGNAL SIGTERM
# For the web, which is what this image runs unless told otherwise; compose.yaml has those of the others.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
  CMD ["lantoa", "alive", "web"]
ENTRYPOINT ["lantoa"]
CMD ["web", "--host", "0.0.0.0", "--port", "8800"]
