# The whole portal in one container: docker run -p 8000:8000 -v mot-cua:/data IMAGE. compose.yaml takes it apart.
FROM debian:12-slim

RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      ca-certificates make python3 python3-venv libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation2 \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /portal
COPY . .
RUN make setup \
 && useradd --system --no-create-home portal \
 && install --directory --owner portal /data /data/files /data/keys

USER portal
ENV PORTAL_VAR=/data PORTAL_HOST=0.0.0.0 PATH=/portal/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8000
CMD ["portal", "run", "--no-demo"]
