# One image for every process: docker run parley gateway/main.ts, parley subgraphs/chat/main.ts, …
FROM node:24-bookworm-slim AS build
WORKDIR /parley
COPY package.json package-lock.json ./
# No install scripts: the packages with native parts ship them, and Node comes with the image.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build:web
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
WORKDIR /parley
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
COPY --from=build /parley/package.json ./
COPY --from=build /parley/node_modules ./node_modules
COPY --from=build /parley/schema ./schema
COPY --from=build /parley/platform ./platform
COPY --from=build /parley/gateway ./gateway
COPY --from=build /parley/subgraphs ./subgraphs
COPY --from=build /parley/web/dist ./web/dist
# The image's user "node"; a number, so that Kubernetes sees that it is not root.
USER 1000
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is the first process: it gets the signals.
ENTRYPOINT ["node"]
CMD ["gateway/main.ts"]
