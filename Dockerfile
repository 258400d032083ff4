# syntax=docker/dockerfile:1
#
# ChatServer and LoadGen in one image. docs/deploy.md says how it is used.
ARG SWIFT_VERSION=6.3

FROM swift:${SWIFT_VERSION}-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libhiredis-dev libpq-dev libsqlite3-dev libssl-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift Package.resolved* ./
COPY Sources Sources
# Never built here; the manifest names them.
COPY Tests Tests
# As `make build` does it. The cache keeps fetched and built dependencies for the next build of the image.
RUN --mount=type=cache,target=/src/.build,sharing=locked \
    swift build -c release --product ChatServer \
    && swift build -c release --product LoadGen \
    && install -D -t /app/bin .build/release/ChatServer .build/release/LoadGen \
    && strip --strip-debug /app/bin/ChatServer /app/bin/LoadGen
COPY --chmod=755 deploy/docker/entrypoint /app/bin/entrypoint
COPY scenarios /app/scenarios
COPY setups /app/setups
# Where ChatServer looks for its commit, which chat_build_info shows.
ARG COMMIT=unknown
RUN mkdir /app/.git && echo "${COMMIT}" > /app/.git/HEAD

FROM swift:${SWIFT_VERSION}-bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl libhiredis0.14 libpq5 libsqlite3-0 libssl3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin chat \
    && install -d -o chat -g chat /data /data/bench-results
COPY --from=build /app /app
ENV PATH=/app/bin:${PATH} \
    CHATBENCH_HOME=/app \
    CHAT_HOST=0.0.0.0 \
    CHAT_PORT=8080 \
    CHAT_STORE=sqlite:/data/chat.db
WORKDIR /data
USER chat
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
    CMD curl --fail --silent --show-error --output /dev/null "http://127.0.0.1:${CHAT_PORT}/health/ready"
ENTRYPOINT ["/app/bin/entrypoint"]
CMD ["ChatServer"]
