# A static binary and nothing else, run by a user without rights.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /antrean ./cmd/antrean \
 && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /antrean /antrean
COPY --from=build --chown=nonroot:nonroot /data /data
USER nonroot
VOLUME /data
ENV ANTREAN_ADDR=:8080 ANTREAN_DATA=/data
EXPOSE 8080
ENTRYPOINT ["/antrean"]
CMD ["serve"]
