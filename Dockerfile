# Spark Control as a container: docker build -t spark-control . && docker run -p 9999:9999 -v spark-control:/data spark-control
FROM oven/bun:1.4.5-slim AS install
WORKDIR /app
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile --production --ignore-scripts

FROM oven/bun:1.4.5-slim
WORKDIR /app
# More answers may stream at once than Bun's 256 connections to model servers.
ENV NODE_ENV=production \
    BUN_CONFIG_MAX_HTTP_REQUESTS=4096 \
    SPARK_CONTROL_CONFIG=/data/spark.config.yaml \
    SPARK_CONTROL_DATA=/data \
    SPARK_CONTROL_PORT=9999
COPY --from=install /app/node_modules node_modules
COPY package.json main.ts tsconfig.json ./
COPY commands commands
COPY core core
COPY demo demo
COPY docs/COORDINATION.md docs/
COPY handlers handlers
COPY recipes recipes
COPY views views
RUN mkdir /data && chown bun:bun /data
USER bun
VOLUME /data
EXPOSE 9999
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
  CMD ["bun", "-e", "const r = await fetch('http://127.0.0.1:' + process.env.SPARK_CONTROL_PORT + '/health'); process.exit(r.ok ? 0 : 1)"]
ENTRYPOINT ["bun", "main.ts"]
CMD ["serve"]
