#!/bin/sh
# Installs what interop_tests needs beside the Python clients (pip install -e .[dev,interop]): kcat, Java, Maven, Prometheus, with
# apt, and kafka_exporter with Go.
set -eu

missing=""
command -v kcat >/dev/null || missing="$missing kcat"
command -v javac >/dev/null || missing="$missing default-jdk-headless"
command -v mvn >/dev/null || missing="$missing maven"
command -v prometheus >/dev/null || missing="$missing prometheus"
if ! command -v kafka_exporter >/dev/null; then
    # Its tests say that it is missing; what else is installed is of use without it.
    go install github.com/danielqsj/kafka_exporter@v1.9.0 || echo "kafka_exporter cannot be installed with Go" >&2
fi
if [ -z "$missing" ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "no apt-get here; install by other means:$missing" >&2
    exit 1
fi
as_root=""
[ "$(id -u)" -eq 0 ] || as_root=sudo
$as_root apt-get update -q
# shellcheck disable=SC2086 # one word each
$as_root apt-get install -q -y --no-install-recommends $missing
