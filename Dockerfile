# The app in a container: compose.yaml runs it with a root file system that cannot be written to and one volume for runs and models.
FROM python:3.11-slim AS build
WORKDIR /app
# The CPU build of torch: pip's own brings several gigabytes that need a GPU.
ENV PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
COPY locks locks
RUN python -m venv /venv && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
    -r locks/torch-cpu.txt -r locks/app.txt
COPY app.py router.py ./
COPY .streamlit .streamlit
COPY assets assets
COPY pages pages
COPY vae_core vae_core
# Nothing can be written beside the code later.
RUN /venv/bin/python -m compileall -q app.py router.py assets pages vae_core

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home loom && install --directory --owner loom /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HOME=/tmp LATENT_LOOM_HOME=/data LATENT_LOOM_HOST=localhost NUMBA_CACHE_DIR=/tmp/numba
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
# A shell puts the name in, and makes way for the server, which then hears when it shall end.
CMD ["sh", "-c", "exec python -m streamlit run app.py --server.headless=true --server.address=0.0.0.0 --server.allowedHosts=localhost \"--server.allowedHosts=$LATENT_LOOM_HOST\""]
