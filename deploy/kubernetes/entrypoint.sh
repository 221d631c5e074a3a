#!/bin/sh
# Flink on Kubernetes starts its processes through /docker-entrypoint.sh: this runs what it is given, and nothing else.
exec "$@"
