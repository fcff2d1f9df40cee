# The operator (the default target) and, with --target simulator, cloudsim. `make image` builds both.
# Wheels come with the build context, so a build needs no network but for the base image.
ARG BASE_IMAGE=docker.io/library/python:3.11-slim

FROM ${BASE_IMAGE} AS app
ARG WHEELS_PYTHON=3.11
RUN python3 -c 'import sys; have, want = "%d.%d" % sys.version_info[:2], sys.argv[1]; \
  sys.exit(have != want and f"the base image has Python {have}, the wheels are for Python {want}")' "${WHEELS_PYTHON}"
COPY build/wheels /wheels
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# Most of the Kubernetes library is models that nobody imports: they stay without bytecode.
RUN python3 -m venv /app && /app/bin/pip install --quiet --no-compile cloud-scaling-operator && \
  /app/bin/python -m compileall -q -x '/kubernetes/(aio/)?client/(api|models)/[^_]' /app/lib

FROM app AS simulator-app
RUN /app/bin/pip install --quiet 'cloud-scaling-operator[simulator]' && /app/bin/pip uninstall --quiet --yes pip setuptools

FROM app AS operator-app
RUN /app/bin/pip uninstall --quiet --yes pip setuptools && \
  rm -r /app/bin/cloudsim /app/lib/python3*/site-packages/cloudsim

FROM ${BASE_IMAGE} AS runtime
ARG VERSION=unknown
ARG REVISION=unknown
ENV PATH=/app/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
LABEL org.opencontainers.image.licenses=Apache-2.0 \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# In passwd for its group: a cluster that is told the number alone would run it in group 0. It owns no file in here.
RUN echo 'cloudscaling:x:65532:65532::/tmp:' >> /etc/passwd
USER 65532:65532
WORKDIR /tmp

FROM runtime AS simulator
LABEL org.opencontainers.image.title=cloud-scaling-simulator \
  org.opencontainers.image.description="Simulated auto-scaling clouds for cloud-scaling-operator"
COPY --from=simulator-app /app /app
ENTRYPOINT ["cloudsim"]
CMD ["serve", "--host=0.0.0.0", "--admin=9000", "--vendor=huawei:9001", "--vendor=otc:9002"]

FROM runtime AS operator
LABEL org.opencontainers.image.title=cloud-scaling-operator \
  org.opencontainers.image.description="Kubernetes operator for the auto-scaling groups of clouds"
COPY --from=operator-app /app /app
ENTRYPOINT ["cloudscaling"]
CMD ["run"]
