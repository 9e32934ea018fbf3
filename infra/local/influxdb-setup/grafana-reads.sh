#!/bin/bash
# Makes the user that Grafana asks as: it may read the one bucket, and nothing else. InfluxDB's image runs this once, after
# its setup, and knows the bucket by then.
set -e
influx v1 auth create \
  --org "$DOCKER_INFLUXDB_INIT_ORG" \
  --username grafana \
  --password "$GRAFANA_INFLUX_PASSWORD" \
  --read-bucket "$DOCKER_INFLUXDB_INIT_BUCKET_ID" \
  --description 'Grafana: reads only'
