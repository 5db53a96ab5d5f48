# Temporal's SDK has a native library that needs glibc, so Alpine does not work.
ARG NODE_VERSION=22.20.0

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:${NODE_VERSION}-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production MAINSPRING_HOME=/data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/bin bin
COPY --from=build /app/temporal-config temporal-config
# A volume mounted here gets this owner and mode.
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
ENTRYPOINT ["node", "bin/mainspring.js"]
CMD ["--help"]
